"""Traces sent to a real receiver over OTLP: whole, without secrets, and in no one's way."""

import logging
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from rag.cli.main import main
from rag.telemetry import logs, traces

QUESTION = "LoRA 的缺点是什么?"
KEY = "correct.horse.battery"  # in no well-known form
NEVER_S = 30.0


class Receiver(ThreadingHTTPServer):
    """Keeps the spans that are sent to it, once it is `open`."""

    daemon_threads = True

    def __init__(self):
        self.spans, self.resources, self.headers = [], [], []
        self.open = threading.Event()
        self.open.set()
        self.asked = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)

    def keep(self, path, headers, body):
        assert path == "/v1/traces" and headers["Content-Type"] == "application/x-protobuf"
        self.headers.append(dict(headers))
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources.append(plain(group.resource.attributes))
            self.spans += [span for scope in group.scope_spans for span in scope.spans]

    def tree(self):
        """Each span's name with that of its parent."""
        names = {span.span_id: span.name for span in self.spans}
        return {(span.name, names.get(span.parent_span_id, "")) for span in self.spans}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.set()
        self.server.open.wait(NEVER_S)
        self.server.keep(self.path, self.headers, body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def plain(attributes):
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in attributes}


@pytest.fixture
def receiver(monkeypatch):
    made = Receiver()
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{made.server_port}")
    yield made
    traces.finish(0)
    made.open.set()
    made.shutdown()
    made.server_close()


@pytest.fixture
def exported(settings):
    return settings.model_copy(update={"traces": "otlp"})


@pytest.fixture
def rag(settings, embedder, monkeypatch, capsys):
    """A whole command, from `main` on, over the small corpus."""
    monkeypatch.setattr("rag.assistant.load_embeddings", lambda settings: embedder)
    for name, value in (
        ("DATA_DIR", settings.data_dir), ("CORPUS", settings.corpus), ("LLM", "none"),
        ("TRACES", "otlp"),
    ):  # fmt: skip
        monkeypatch.setenv(f"RAG_{name}", str(value))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["rag", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, *capsys.readouterr()

    yield run
    for handler in logging.getLogger().handlers[:]:
        if isinstance(handler, logs._OurHandler):
            logging.getLogger().removeHandler(handler)


def test_a_question_is_received_as_a_tree(assistant, scripted, receiver, exported):
    scripted.enqueue("LoRA 的缺点是表达能力受秩的限制。[1]")
    traces.configure(exported)
    answer = assistant.answer(QUESTION, llm="scripted:x")
    traces.finish()
    assert receiver.tree() == {
        ("question", ""), ("retrieval", "question"), ("decide", "question"),
        ("prompt", "question"), ("answer", "question"),
    }  # fmt: skip
    [root] = [span for span in receiver.spans if span.name == "question"]
    assert {span.trace_id for span in receiver.spans} == {root.trace_id}
    for span in receiver.spans:
        assert root.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= root.end_time_unix_nano
    assert plain(root.attributes)["rag.citations"] == len(answer.citations) > 0
    assert receiver.resources[0]["service.name"] == "interview-notes-rag"
    assert "缺点" not in str(receiver.spans) and "秩" not in str(receiver.spans)


def test_a_short_command_sends_its_spans_before_it_ends(assistant, rag, receiver, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"api-key={KEY}")
    monkeypatch.setenv("RAG_LLM_API_KEY", KEY)
    assert rag("ask", QUESTION, "--json")[0] == 0
    assert receiver.tree() == {
        ("question", ""), ("retrieval", "question"), ("decide", "question"),
        ("answer", "question"),
    }  # fmt: skip
    sent = [plain(span.attributes) for span in receiver.spans]
    assert not [row for row in sent if "rag.question" in row]
    assert KEY not in str(receiver.spans) and KEY not in str(receiver.resources)
    assert receiver.headers[0]["api-key"] == KEY  # where it belongs
    monkeypatch.setenv("RAG_LOG_QUESTIONS", "true")
    assert rag("ask", QUESTION, "--json")[0] == 0
    sent = [plain(span.attributes).get("rag.question") for span in receiver.spans]
    assert sent.count(QUESTION) == 1


def test_a_receiver_that_is_down_costs_one_line(assistant, rag, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")  # nobody listens
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"malformed {KEY}")
    monkeypatch.setattr(traces, "FINISH_S", 0.3)
    code, out, err = rag("ask", QUESTION, "--json")
    assert code == 0 and '"citations"' in out
    said = [line for line in err.splitlines() if "exporting spans" in line]
    assert len(said) == 1 and "Traceback" not in err
    assert KEY not in err and "[redacted]" in err


def test_an_answer_waits_for_no_receiver(assistant, receiver, exported, monkeypatch):
    """One that takes what it is sent and never replies."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    receiver.open.clear()
    traces.configure(exported)
    assert assistant.answer(QUESTION).citations
    assert receiver.asked.wait(NEVER_S)
    assert assistant.answer(QUESTION).citations
    assert not receiver.spans  # it has not replied yet, and both answers are there
    ended = threading.Thread(target=traces.finish, args=(0.1,))
    ended.start()
    ended.join(NEVER_S / 2)
    assert not ended.is_alive() and not receiver.spans


def test_complaints_of_the_exporter_are_heard_once_a_minute():
    clock = [0.0]
    seldom = logs.RateLimit(lambda: clock[0])

    def heard(name):
        return seldom.filter(logging.LogRecord(name, logging.ERROR, "", 0, "down", (), None))

    passed = []
    for second in range(0, 300, 5):
        clock[0] = second
        passed.append(heard("opentelemetry.exporter.x"))
        assert heard("rag.answer.question_telemetry")
    assert sum(passed) == 5
