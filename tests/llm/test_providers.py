"""What servers are sent, and what is made of their replies: OpenAI's protocol and Ollama's."""

import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import BaseModel

from rag.errors import ModelError
from rag.llm.llama_cpp import EngineHost
from rag.llm.remote_model import RemoteModel
from rag.llm.specs import load_model
from rag.llm.thinking import WithoutThinking, after_thinking, without_thinking
from rag.settings import load_settings
from tests.conftest import ScriptedChat

HELLO = [HumanMessage("hi")]
THOUGHT = "<think>\nThe user greets. <b>\n</think>\n\nHello [1]."


class Point(BaseModel):
    """A schema to ask for."""

    number: int


class Server(BaseHTTPRequestHandler):
    """Streams `words` in either protocol; refuses what `refused` names, and fails as told."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        server.asked.append((self.path, body))
        if server.hangs:
            time.sleep(server.hangs)
        status, text = server.fails, "no"
        for name in server.refused:
            if name in body:
                status, text = 400, f"Unsupported parameter: '{name}' is not supported."
        if status:
            self.reply(status, json.dumps({"error": {"message": text, "param": None}}))
        elif self.path == "/api/chat":
            done = {"done": True, "done_reason": server.ends, "eval_count": 3,
                    "prompt_eval_count": 5}  # fmt: skip
            said = [{"message": {"role": "assistant", "content": word}} for word in server.words]
            last = {"message": {"role": "assistant", "content": ""}, **done}
            self.reply(200, "\n".join(json.dumps({"model": "m", **item}) for item in [*said, last]))
        elif not body.get("stream"):
            message = {"role": "assistant", "content": "".join(server.words)}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            self.reply(200, json.dumps({"id": "1", "object": "chat.completion", "model": "m",
                                        "choices": [choice]}))  # fmt: skip
        else:
            deltas = [*({"content": word} for word in server.words), {}]
            chunks = [
                {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [
                    {"index": 0, "delta": {"reasoning_content": "hm", **delta},
                     "finish_reason": None if delta else server.ends}
                ]} for delta in deltas
            ]  # fmt: skip
            self.reply(200, "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks))

    def reply(self, status, text):
        data = text.encode()
        streams = text.startswith("data:")
        self.send_response(status)
        self.send_header("Content-Type", "text/event-stream" if streams else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(BrokenPipeError):  # who asked has gone
            self.wfile.write(data)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    made.daemon_threads = True
    made.asked, made.refused, made.fails, made.ends, made.hangs = [], set(), 0, "stop", 0
    made.words = ["Hel", "lo [1]", "."]
    made.url = f"http://127.0.0.1:{made.server_port}"
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def model_of(server, kind="openai", **settings):
    path = "" if kind == "ollama" else "/v1"
    given = {"llm_base_url": server.url + path, "llm_api_key": "sk-x", **settings}
    model = load_model(load_settings(llm=f"{kind}:m", **given), EngineHost())
    assert model is not None
    return model


def pieces(text, size):
    return [text[start : start + size] for start in range(0, len(text), size)]


@pytest.mark.parametrize("kind", ["openai", "ollama"])
def test_a_stream_of_each_provider(server, kind):
    server.ends = "length"
    chunks = list(model_of(server, kind).stream(HELLO, max_tokens=60, grammar="root ::= [a-z]"))
    assert "".join(chunk.text for chunk in chunks) == "Hello [1]."
    assert any(chunk.response_metadata.get("finish_reason") == "length" for chunk in chunks)
    assert not any("reasoning_content" in chunk.additional_kwargs for chunk in chunks)
    [(_, body)] = server.asked
    given = body["options"] if kind == "ollama" else body
    name = "num_predict" if kind == "ollama" else "max_completion_tokens"
    assert (given[name], given["temperature"]) == (60, 0)
    assert "max_tokens" not in given and "grammar" not in body
    assert "max_tokens" not in body


@pytest.mark.parametrize("kind", ["openai", "ollama"])
def test_limits_are_settings(server, kind):
    model = model_of(server, kind, llm_max_tokens=3000, llm_temperature=0.6)
    assert model.complete(HELLO, max_tokens=60) == "Hello [1]."
    [(_, body)] = server.asked
    given = body["options"] if kind == "ollama" else body
    assert 3000 in given.values() and given["temperature"] == 0.6


@pytest.mark.parametrize("kind", ["openai", "ollama"])
@pytest.mark.parametrize("size", [1, 3, 8, 999])
def test_what_a_model_thinks_is_not_its_answer(server, kind, size):
    server.words = pieces(THOUGHT, size)
    model = model_of(server, kind)
    said = [chunk.text for chunk in model.stream(HELLO, max_tokens=60)]
    assert "".join(said) == "Hello [1]." == model.complete(HELLO, max_tokens=60)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>a</think><think>b</think> yes", "yes"),
        ("<THINKING>a</THINKING>yes", "yes"),
        ("<think>cut in the mid", ""),
        ("<thin air", "<thin air"),
        (" <thi", "<thi"),
        ("R1 writes <think>…</think> before it answers.",) * 2,
        ("  plain", "plain"),
        ("", ""),
    ],
)
def test_where_thinking_begins_and_ends(text, answer):
    for size in (1, 2, 5, 99):
        reply = WithoutThinking()
        assert "".join(reply.feed(piece) for piece in pieces(text, size)) + reply.rest() == answer
    assert without_thinking(text) == answer


def test_thinking_whose_opening_the_server_swallowed():
    assert without_thinking("The user asks…\n</think>\nyes") == "yes"
    assert after_thinking("The user asks…</think>\n\nye") == "ye"
    for text in ("R1 ends with </think> and answers", "<think>a\n</think>\nb", "plain", "</think>"):
        assert after_thinking(text) is None


@pytest.mark.parametrize("refused", [["temperature"], ["temperature", "max_completion_tokens"]])
def test_a_parameter_that_the_server_refuses_is_left_out(server, refused):
    server.refused = set(refused)
    model = model_of(server)
    assert model.complete(HELLO, max_tokens=60) == "Hello [1]."
    assert len(server.asked) == 1 + len(refused)
    assert not server.asked[-1][1].keys() & server.refused
    assert model.without_queue().complete(HELLO, max_tokens=60) == "Hello [1]."
    assert len(server.asked) == 2 + len(refused)  # it was remembered


def test_another_refusal_is_told(server):
    server.fails = 400
    with pytest.raises(ModelError, match="status 400"):
        model_of(server).complete(HELLO, max_tokens=60)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 429])
def test_key_and_quota_are_no_lack_of_structured_output(server, status, monkeypatch):
    monkeypatch.setattr("rag.llm.remote_model.RETRY_WAITS_S", (0.0,))
    server.fails = status
    with pytest.raises(ModelError, match=f"status {status}"):
        model_of(server).structured(HELLO, Point)


@pytest.mark.parametrize("status", [429, 503])
def test_what_passes_is_tried_again(server, status, monkeypatch):
    waited = []
    monkeypatch.setattr("rag.llm.remote_model.sleep", lambda s: waited.append(s))
    monkeypatch.setattr(server, "fails", status)
    with pytest.raises(ModelError, match=f"status {status}"):
        model_of(server).complete(HELLO, max_tokens=60)
    assert len(server.asked) == 3 and len(waited) == 2
    monkeypatch.setattr(
        "rag.llm.remote_model.sleep", lambda s: setattr(server, "fails", 0)
    )  # it has started meanwhile
    assert model_of(server).complete(HELLO, max_tokens=60) == "Hello [1]."


def test_a_server_that_hangs_is_waited_for_once(server):
    server.hangs = 1.5
    with pytest.raises(ModelError, match="Timeout"):
        model_of(server, llm_timeout_s=0.4).complete(HELLO, max_tokens=60)
    assert len(server.asked) == 1  # three tries took three times as long


def test_structured_output(server):
    server.words = ['{"number": 3}']
    reply = model_of(server).structured(HELLO, Point)
    assert reply is not None and reply.value == Point(number=3)
    server.words = ["three"]
    assert model_of(server).structured(HELLO, Point) is None
    server.fails = 404
    assert model_of(server).structured(HELLO, Point) is None
    assert RemoteModel("x:y", lambda refused: ScriptedChat()).structured(HELLO, Point) is None


def test_no_server_is_no_lack_of_structured_output():
    model = load_model(
        load_settings(llm="openai:x", llm_base_url="http://127.0.0.1:9/v1", llm_api_key="sk-x"),
        EngineHost(),
    )
    with pytest.raises(ModelError, match="did not answer"):
        model.structured(HELLO, Point)


def test_reasoning_apart_from_the_text_is_left_out():
    class Thinker(ScriptedChat):
        def _stream(self, messages, stop=None, run_manager=None, **kwargs):
            yield ChatGenerationChunk(
                message=AIMessageChunk("", additional_kwargs={"reasoning_content": "hm"})
            )
            yield ChatGenerationChunk(message=AIMessageChunk([
                {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "yes"}
            ]))  # fmt: skip

    chunks = list(RemoteModel("x:y", lambda refused: Thinker()).stream(HELLO, max_tokens=9))
    assert "".join(chunk.text for chunk in chunks) == "yes"
    assert "hm" not in str(chunks)
