"""An embedding server that refuses is told from one that does not run."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rag.embedding.endpoint import EndpointEmbeddings
from rag.errors import ModelError


class Refusing(BaseHTTPRequestHandler):
    """Knows no model."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        text = b'{"error": {"message": "no model m with key sk-secret"}}'
        self.send_response(404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


def test_a_refusal_names_the_status_and_no_secret():
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}/v1"
        with pytest.raises(ModelError) as refused:
            EndpointEmbeddings("m", base, "sk-secret").embed_query("LoRA")
        server.shutdown()
    assert "refused the request (NotFoundError, status 404)" in str(refused.value)
    assert "did not answer" not in str(refused.value) and "sk-secret" not in str(refused.value)
    with pytest.raises(ModelError, match=r"did not answer \(APIConnectionError\)"):
        EndpointEmbeddings("m", base, "sk-secret").embed_query("LoRA")
