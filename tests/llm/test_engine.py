"""The queue before the one engine, and what happens when that engine dies."""

import json
import socket
import struct
import threading
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from rag.answer.events import Draft, EvidenceFound, Finished
from rag.assistant import Assistant
from rag.errors import ModelError
from rag.llm.fair_queue import FairQueue
from rag.llm.llama_cpp import EngineHost
from rag.llm.local_model import LocalModel
from rag.llm.remote_model import RemoteModel
from rag.llm.specs import load_model
from rag.llm.waiting import Waiting
from rag.settings import load_settings
from tests.conftest import LORA, ScriptedChat, until

QUESTION = "LoRA 的秩 r 通常取多少?"
SAID = "LoRA 的秩 r 通常取 8 到 64。[1]"


def joined(queue, stack, asker=""):
    return stack.enter_context(queue.place(asker))


def test_places_count_down():
    queue, told = FairQueue(limit=4), []
    with ExitStack() as first, ExitStack() as second, ExitStack() as third:
        one, two, three = (joined(queue, stack) for stack in (first, second, third))
        assert list(one.waits()) == []

        def wait():
            told.extend(three.waits())
            told.append(0)

        thread = threading.Thread(target=wait)
        thread.start()
        until(lambda: told == [2])
        second.close()  # gives up waiting
        until(lambda: told == [2, 1])
        first.close()
        thread.join(20)
        assert told == [2, 1, 0]
        assert two.asker != three.asker
    assert len(queue) == 0


def test_waiting_is_told_again_without_change():
    queue = FairQueue(limit=4)
    with queue.turn(), queue.place() as place:
        told = place.waits(every_s=0.01)
        assert [next(told) for _ in range(3)] == [1, 1, 1]


def test_who_asks_much_does_not_hold_up_others():
    queue, served = FairQueue(limit=16), []
    with ExitStack() as stack:
        holder = stack.enter_context(ExitStack())
        list(joined(queue, holder, "greedy").waits())
        threads = []
        for number, asker in enumerate(["greedy", "greedy", "greedy", "ann", "bob"]):

            def ask(asker=asker):
                with queue.turn(asker):
                    served.append(asker)

            threads.append(threading.Thread(target=ask))
            threads[-1].start()
            until(lambda wanted=number + 2: len(queue) == wanted)
        holder.close()
        for thread in threads:
            thread.join(20)
    assert served == ["greedy", "ann", "bob", "greedy", "greedy"]


def test_a_face_that_stopped_looking_is_passed_over():
    queue = FairQueue(limit=4, gone_s=0.0)
    with queue.place(), queue.place() as second:
        assert list(second.waits()) == []


class Endpoint(BaseHTTPRequestHandler):
    """Speaks as llama.cpp's server does, until `fate` strikes."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        fate = self.server.fates.pop(0) if self.server.fates else "well"
        if fate == "hangs":
            self.server.stop_hanging.wait(20)
            return
        if body.get("logprobs"):
            self._answer_yes()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for place, word in enumerate(SAID):
            if fate == "resets" and place == 5:
                self.connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
                self.connection.close()
                return
            if fate == "waits" and place == 5:
                self.server.writing.set()
            try:
                self._send({"content": word})
                if fate == "waits" and place >= 5:
                    time.sleep(0.02)
            except OSError:
                self.server.hung_up.set()
                return
        self._send({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, delta, finish=None):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def _answer_yes(self):
        likely = [{"token": token, "logprob": p, "bytes": None, "top_logprobs": []}
                  for token, p in (("有", -0.01), ("没有", -6.0))]  # fmt: skip
        choice = {
            "index": 0, "finish_reason": "length",
            "message": {"role": "assistant", "content": "有"},
            "logprobs": {"content": [{**likely[0], "top_logprobs": likely}]},
        }  # fmt: skip
        data = json.dumps(
            {"id": "1", "object": "chat.completion", "model": "m", "choices": [choice]}
        )
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data.encode())))
        self.end_headers()
        self.wfile.write(data.encode())

    def log_message(self, *args):
        pass


class LoopbackEngine:
    """Stands where llama.cpp's server stands; counts its starts."""

    started: ClassVar[list["LoopbackEngine"]] = []
    fates: ClassVar[list[str]] = []

    def __init__(self, path, threads, context, adapter=None):
        self.path, self.adapter, self.key = path, adapter, "key"
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        self.server.daemon_threads = True
        self.server.asked, self.server.fates = [], LoopbackEngine.fates
        self.server.writing, self.server.hung_up = threading.Event(), threading.Event()
        self.server.stop_hanging = threading.Event()
        self.base_url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        LoopbackEngine.started.append(self)

    def stop(self):
        self.server.stop_hanging.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def host():
    """Runs engines that are loopback servers with programmable `fates`."""
    LoopbackEngine.started, LoopbackEngine.fates = [], []
    made = EngineHost(start=LoopbackEngine)
    yield made
    made.close()


@pytest.fixture
def loopback(tmp_path):
    """The spec of a model that such a host runs."""
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF")
    return f"gguf:{path}"


@pytest.fixture(scope="module")
def reader(tmp_path_factory, embedder):
    """One assistant for the module: each new data folder would embed the reference texts."""
    folder = tmp_path_factory.mktemp("engine")
    (folder / "notes").mkdir()
    (folder / "notes" / "lora.md").write_text(LORA, encoding="utf-8")
    made = Assistant(
        load_settings(
            corpus=folder / "notes", data_dir=folder / "data", llm="none", local_llm_writes=True
        )
    )
    made.embedder = embedder
    made.build()
    return made


@pytest.fixture
def asking(reader, loopback, host):
    """Ask `reader` with the loopback engine as its LLM."""
    short = reader.settings.model_copy(update={"llm": loopback, "llm_timeout_s": 1.0})
    reader.models[loopback] = load_model(short, host)
    return lambda question=QUESTION: reader.ask(question, llm=loopback)


@pytest.mark.parametrize("fates", [["hangs"], ["resets"]])
def test_an_engine_that_dies_is_said_and_replaced(asking, host, fates):
    """It hangs, or breaks off while it writes."""
    LoopbackEngine.fates = [*fates]
    with pytest.raises(ModelError, match="stopped answering") as caught:
        list(asking())
    assert "key" not in str(caught.value)
    assert len(host.queue) == 0
    events = list(asking())
    assert isinstance(events[-1], Finished)
    assert events[-1].answer.citations
    assert len(LoopbackEngine.started) == 2


def test_a_server_that_is_gone_is_replaced(asking):
    assert list(asking())[-1].answer.citations
    LoopbackEngine.started[0].stop()
    with pytest.raises(ModelError, match="stopped answering"):
        list(asking())
    assert list(asking())[-1].answer.citations
    assert len(LoopbackEngine.started) == 2


def test_those_who_wait_when_it_dies_are_answered(asking, host):
    """One asker's answer breaks off; the one behind gets a whole one from the new engine."""
    LoopbackEngine.fates = ["resets"]
    first = asking()
    assert isinstance(next(first), EvidenceFound)
    assert isinstance(next(first), Draft)  # holds the turn
    got = []
    second = threading.Thread(target=lambda: got.extend(asking()))
    second.start()
    until(lambda: len(host.queue) == 2)
    with pytest.raises(ModelError):
        list(first)
    second.join(20)
    assert next(event.ahead for event in got if isinstance(event, Waiting)) == 1
    assert got[-1].answer.citations


def test_a_closed_answer_ends_the_request_and_the_turn(asking, host):
    LoopbackEngine.fates = ["waits"]
    with closing(asking()) as events:
        assert any(isinstance(event, Draft) for event in events)
    until(LoopbackEngine.started[0].server.hung_up.is_set)
    assert len(host.queue) == 0
    assert list(asking())[-1].answer.citations
    assert len(LoopbackEngine.started) == 1  # nothing was wrong with the engine


def test_who_waits_and_leaves_frees_the_place(asking, host):
    queue = host.queue
    with queue.turn():
        with closing(asking()) as events:
            assert [type(event) for event in (next(events), next(events))] == [
                EvidenceFound, Waiting,
            ]  # fmt: skip
            assert len(queue) == 2
        assert len(queue) == 1
    assert len(queue) == 0


def test_an_assistant_is_fair_between_askers(reader):
    """Five questions of one asker wait; another's first comes after no more than one of them."""
    queue, chat = FairQueue(limit=16), ScriptedChat()
    reader.models["scripted:fair"] = RemoteModel("scripted:fair", lambda refused: chat, queue=queue)
    chat.enqueue(*[SAID] * 6)

    def ask(asker, question):
        answerer = reader.answerer("scripted:fair", asker=asker)
        list(replace(answerer, may_abstain=False).ask(question))

    other = "LoRA 的缺点是什么?"
    threads = [
        threading.Thread(target=ask, args=arguments)
        for arguments in [("login li", QUESTION)] * 5 + [("page 7", other)]
    ]
    with queue.turn("login li"):
        for number, thread in enumerate(threads, 2):
            thread.start()
            until(lambda number=number: len(queue) == number, seconds=120)
    for thread in threads:
        thread.join(120)
    served = [other in str(messages[-1].content) for messages in chat.history]
    assert len(served) == 6
    assert served.index(True) <= 1


def test_an_answer_is_one_request(asking):
    """Two askers at once: each costs the engine one prompt."""
    threads = [
        threading.Thread(target=lambda q=q: list(asking(q)))
        for q in (QUESTION, "LoRA 的缺点是什么?")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    asked = LoopbackEngine.started[0].server.asked
    assert [bool(body.get("logprobs")) for body in asked] == [False, False]


def test_another_model_takes_the_engine_and_gives_it_back(loopback, host, tmp_path):
    """After another GGUF file was used, the first model's chat finds its engine again."""
    other = tmp_path / "n.gguf"
    other.write_bytes(b"GGUF")
    one, two = (load_model(load_settings(llm=spec), host) for spec in (loopback, f"gguf:{other}"))
    for model in (one, two, one):
        assert isinstance(model, LocalModel)
        assert model.complete([("human", "hi")], max_tokens=9) == SAID
    assert len(LoopbackEngine.started) == 3


@pytest.fixture(scope="module")
def own_host():
    """A host of llama.cpp."""
    made = EngineHost()
    yield made
    made.close()


@pytest.fixture(scope="module")
def real(own_host):
    """The embedded LLM itself."""
    model = load_model(load_settings(llm="local"), own_host)
    assert model is not None
    model.chat()
    return model


@pytest.mark.llm
def test_llama_cpp_stops_writing_when_the_answer_is_closed(real, own_host):
    with closing(real.stream([("human", "Count from 1 to 500.")], max_tokens=2000)) as parts:
        for _ in range(3):
            next(parts)
    again = real.complete([("human", "Say hi.")], max_tokens=4)
    assert again  # 2000 tokens would have taken minutes, beyond the time limit of a test
    assert len(own_host.queue) == 0


@pytest.mark.llm
def test_llama_cpp_killed_in_the_middle_is_said_and_started_again(real, own_host):
    killed = own_host.running
    assert killed is not None
    with pytest.raises(ModelError, match="stopped answering"):
        for place, _ in enumerate(real.stream([("human", "Count to 500.")], max_tokens=120)):
            if place == 3:
                killed.stop()
    assert real.complete([("human", "Say hi.")], max_tokens=4)
    assert own_host.running is not killed
