"""Logs and traces: one event a question, and neither question nor key where they do not belong."""

import json
import logging
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from logging.handlers import RotatingFileHandler

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from rag.answer import question_telemetry
from rag.answer.events import EvidenceFound
from rag.answer.question_telemetry import with_telemetry
from rag.errors import BusyError, ModelError, RagError, UsageError
from rag.llm.fair_queue import FairQueue
from rag.llm.remote_model import RemoteModel
from rag.settings import load_settings
from rag.telemetry import logs, traces
from rag.telemetry.logs import redact

KEY = "sk-proj-0123456789abcdefNEVERSHOWN"
PLAIN_KEY = "correct.horse.battery"  # looks like nothing in particular
DRAWBACK = "LoRA 的缺点是什么?"


@pytest.fixture
def log(settings, tmp_path):
    """Configures logging to a file; the result reads its lines."""
    path = tmp_path / "log" / "rag.jsonl"

    def start(**changes):
        logs.configure(settings.model_copy(update={"log_file": path, **changes}), "info")
        return lambda: [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    yield start
    root = logging.getLogger()
    for handler in [item for item in root.handlers if isinstance(item, RotatingFileHandler)]:
        root.removeHandler(handler)
        handler.close()
    for name in logs.OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    traces.use(provider)
    yield exporter.get_finished_spans
    traces.use(None)


def test_one_event_a_question_without_its_text(assistant, log):
    read = log()
    answer = assistant.answer(DRAWBACK)
    assistant.answer("How is the weather in Beijing today?")
    first, second = read()  # who has the answer and goes has not cancelled
    assert (first["event"], first["level"], first["logger"]) == (
        "question",
        "info",
        "rag.answer.question_telemetry",
    )
    assert first["language"] == "zh" and second["language"] == "en"
    assert first["abstained"] is False and second["abstained"] is True
    assert first["citations"] == len(answer.citations) > 0
    assert first["timings"].keys() == answer.timings.keys()
    assert first["characters"] == len(DRAWBACK)
    assert len({first["id"], second["id"]}) == 2
    assert "缺点" not in json.dumps([first, second], ensure_ascii=False)


def test_the_text_is_logged_when_allowed(assistant, log):
    read = log()
    object.__setattr__(assistant.settings, "log_questions", True)
    assistant.answer(DRAWBACK)
    assert read()[0]["question"] == DRAWBACK


def test_failures_and_departures_are_events_too(assistant, scripted, log):
    read = log()
    scripted.enqueue(RuntimeError(f"{KEY} is wrong"))
    with pytest.raises(ModelError):
        assistant.answer(DRAWBACK, llm="scripted:x")
    events = assistant.ask(DRAWBACK, llm="scripted:x")
    assert isinstance(next(events), EvidenceFound)
    events.close()
    failed, left = read()
    assert (failed["event"], failed["level"]) == ("question failed", "warning")
    assert failed["error"] == "ModelError" and failed["passages"] > 0
    assert left["event"] == "question cancelled"


def test_refusals_by_a_full_queue_are_counted_not_told_one_by_one(
    assistant, scripted, log, monkeypatch
):
    """A thousand impatient questions, then an answer, all but a minute apart."""
    clock = [0.0]
    refusals = question_telemetry.Refusals(lambda: clock[0])
    monkeypatch.setattr(question_telemetry, "REFUSALS", refusals)
    queue = FairQueue(limit=1)
    assistant.models["scripted:x"] = RemoteModel(
        "scripted:x", lambda refused: scripted, queue=queue
    )
    read = log()
    with queue.turn(), queue.place():
        for second in range(1000):
            clock[0] = second / 20
            events = assistant.ask(DRAWBACK, llm="scripted:x")
            with pytest.raises(BusyError, match="busy"):
                next(events)  # before retrieval: there is no evidence first
    assert [(row["event"], row["refused"]) for row in read()] == [("questions refused", 1)]
    clock[0] = 100.0
    assistant.answer(DRAWBACK)
    told = read()[-1]
    assert (told["level"], told["refused"]) == ("warning", 999)
    assert told["since"] <= told["time"]
    assistant.answer(DRAWBACK)
    assert [row["event"] for row in read()].count("questions refused") == 2


def test_the_level_is_a_setting(assistant, log):
    read = log(log_level="warning")
    assistant.answer(DRAWBACK)
    assert read() == []


def test_a_log_file_that_cannot_be_written(settings, tmp_path):
    with pytest.raises(RagError, match="RAG_LOG_FILE"):
        logs.configure(settings.model_copy(update={"log_file": tmp_path}))


def test_lines_stay_one_json_object_each(log):
    read = log()
    logging.getLogger("rag.x").info("a\nb %s", '{"event": "forged"}')
    try:
        raise ValueError(f"the key {KEY}\nwas refused")
    except ValueError:
        logging.getLogger("rag.x").exception("broken")
    logging.getLogger("library").warning("Authorization: Bearer %s", PLAIN_KEY)
    logging.getLogger("library").debug("chatter")
    forged, broken, library = read()
    assert forged["event"].startswith("a\nb")
    assert "ValueError" in broken["traceback"]
    assert "NEVERSHOWN" not in json.dumps(broken)
    assert PLAIN_KEY not in library["event"]


def test_redaction(settings, monkeypatch):
    monkeypatch.setattr(logs, "known_secrets", set())
    monkeypatch.setenv("SOMEBODYS_API_KEY", "quite-ordinary-words")
    logs.remember_secrets(load_settings(llm_api_key=PLAIN_KEY))
    shown = redact(
        {
            f"a {PLAIN_KEY}": [f"b {KEY}", ("quite-ordinary-words!",)],
            "url": "http://me:hunter2@host/v1",
            "count": 3,
            "rag": "sk-rag-AbCdEfGhIjKlMnOp",
        }
    )
    text = json.dumps(shown)
    for secret in (PLAIN_KEY, KEY, "quite-ordinary-words", "hunter2", "AbCdEfGh"):
        assert secret not in text
    assert shown["count"] == 3 and "host/v1" in shown["url"]
    assert redact("task-based scikit notes on rag-evaluation") == (
        "task-based scikit notes on rag-evaluation"
    )


class Echo(BaseHTTPRequestHandler):
    """A provider that repeats the key in its refusal, as some do."""

    def do_POST(self):
        body = json.dumps(
            {"error": {"message": f"Incorrect API key: {self.headers['Authorization']}"}}
        ).encode()
        self.send_response(401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def echo():
    server = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("key", [KEY, PLAIN_KEY])
def test_keys_are_in_no_output_log_index_or_export(tmp_path, corpus, echo, key):
    """Whole commands, against a server that echoes the key; then every file they left is read."""
    code = (
        "from rag.cli.main import main\n"
        "import sys\n"
        "for line in sys.stdin.read().splitlines():\n"
        "    sys.argv = ['rag', *line.split()]\n"
        "    try:\n"
        "        main()\n"
        "    except SystemExit as end:\n"
        "        print('exit', end.code)\n"
    )
    commands = ["index", "ask LoRA的缺点 --json", "search LoRA", "practice export", "doctor --json"]
    ran = subprocess.run(
        [sys.executable, "-c", code], input="\n".join(commands), capture_output=True, text=True,
        env={**os.environ, "RAG_DATA_DIR": str(tmp_path / "data"), "RAG_CORPUS": str(corpus),
             "RAG_LLM": "openai:gpt-x", "RAG_LLM_BASE_URL": echo, "RAG_LLM_API_KEY": key,
             "RAG_LOG_LEVEL": "debug", "RAG_LOG_FILE": str(tmp_path / "rag.jsonl"),
             "RAG_TRACES": "console", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert "exit 1" in ran.stdout  # `ask` was refused
    assert "did not answer" in ran.stderr and "Traceback" not in ran.stderr
    assert (tmp_path / "rag.jsonl").stat().st_size > 0
    assert '"name": "question"' in ran.stderr  # the trace
    everything = [ran.stdout.encode(), ran.stderr.encode()]
    everything += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(everything) > 10
    assert not [data for data in everything if key.encode() in data]


# Traces


def test_a_question_is_a_tree_of_spans(assistant, scripted, spans):
    model = RemoteModel("scripted:x", lambda refused: scripted)
    assistant.models["scripted:x"] = model
    scripted.enqueue("LoRA 的缺点是表达能力受秩的限制。[1]")
    answer = assistant.answer(DRAWBACK, llm="scripted:x")
    found = {span.name: span for span in spans()}
    assert [span.name for span in spans()] == [
        "retrieval", "decide", "prompt", "answer", "question",
    ]  # fmt: skip
    root = found["question"]
    assert root.parent is None
    for name in ("retrieval", "decide", "prompt", "answer"):
        assert found[name].parent.span_id == root.context.span_id
        assert root.start_time <= found[name].start_time <= found[name].end_time <= root.end_time
    assert root.attributes["rag.citations"] == len(answer.citations)
    assert root.attributes["rag.total_s"] > 0
    assert "rag.cancelled" not in root.attributes
    assert found["retrieval"].attributes["rag.hits"] > 0
    assert found["prompt"].attributes["rag.characters"] > 100
    assert "缺点" not in str([dict(span.attributes) for span in spans()])


def test_a_failed_question_names_the_error_only(assistant, scripted, spans):
    scripted.enqueue(RuntimeError(f"{KEY} is wrong"))
    with pytest.raises(ModelError):
        assistant.answer(DRAWBACK, llm="scripted:x")
    failed = {span.name: span for span in spans()}
    assert failed["question"].status.description == "ModelError"
    assert "NEVERSHOWN" not in "".join(span.to_json() for span in spans())


def test_steps_taken_in_other_threads_keep_the_tree(assistant, spans):
    """A web server runs each step of a generator in whichever thread is free."""
    events = assistant.ask(DRAWBACK)
    told = []
    while None not in told:
        thread = threading.Thread(target=lambda: told.append(next(events, None)))
        thread.start()
        thread.join()
    names = {span.name: span for span in spans()}
    assert names["retrieval"].parent.span_id == names["question"].context.span_id
    assert names["answer"].parent.span_id == names["question"].context.span_id


def test_an_abandoned_question_is_marked(assistant, spans):
    events = assistant.ask(DRAWBACK)
    next(events)
    events.close()
    assert spans()[-1].attributes["rag.cancelled"] is True


def test_without_the_package_spans_do_nothing(tmp_path):
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from rag.telemetry.traces import configure, span\n"
        "from rag.settings import load_settings\n"
        "from rag.errors import RagError\n"
        "with span('a', b=1) as s, s.active():\n"
        "    s.set(c=2)\n"
        "try:\n"
        "    configure(load_settings(traces='otlp'))\n"
        "except RagError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert '".[otel]"' in ran.stdout


def test_what_is_watched_is_passed_on_unchanged():
    given = [EvidenceFound(()), EvidenceFound(())]
    assert list(with_telemetry(iter(given), "q")) == given

    def broken():
        yield given[0]
        raise UsageError("no")

    with pytest.raises(UsageError):
        list(with_telemetry(broken(), "q"))
