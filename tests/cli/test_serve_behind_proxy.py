"""`rag serve` where the environment names proxies, as in many offices."""

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

NOBODY = "127.0.0.1:9"


@pytest.mark.parametrize("all_proxy", [f"socks5://{NOBODY}", f"http://{NOBODY}"])
def test_the_page_opens_and_answers(tmp_path, corpus, all_proxy):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if k.lower() != "no_proxy"} | {
        "http_proxy": f"http://{NOBODY}", "https_proxy": f"http://{NOBODY}",
        "all_proxy": all_proxy, "RAG_DATA_DIR": str(tmp_path / "data"),
    }  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "rag", "serve", "--corpus", str(corpus), "--llm", "none",
         "--port", str(port)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    try:
        with httpx.Client(trust_env=False, base_url=f"http://127.0.0.1:{port}") as client:
            deadline = time.monotonic() + 120
            while True:
                try:
                    assert client.get("/").status_code == 200
                    break
                except httpx.TransportError:
                    assert server.poll() is None, server.communicate()[0]
                    assert time.monotonic() < deadline
                    time.sleep(0.2)
            asked = {"model": "none", "messages": [{"role": "user", "content": "LoRA 的缺点?"}]}
            answer = client.post("/v1/chat/completions", json=asked, timeout=60).json()
            assert "表达能力" in answer["choices"][0]["message"]["content"]
    finally:
        server.send_signal(signal.SIGINT)
        said, _ = server.communicate(timeout=30)
    assert "SOCKS" not in said and "Traceback" not in said, said
