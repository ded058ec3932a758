"""Logs and traces: one event a question, and neither question nor key where they do not belong."""

import json

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from rag import logs, tracing

KEY = "sk-proj-0123456789abcdefNEVERSHOWN"


@pytest.fixture
def log(settings, tmp_path):
    """Configures logging and reads the lines back."""

    def read():
        return [json.loads(line) for line in (tmp_path / "log" / "rag.jsonl").open("utf-8")]

    def start(**changes):
        given = settings.model_copy(update={"log_file": tmp_path / "log" / "rag.jsonl", **changes})
        logs.configure(given, "info")
        return lambda: [
            json.loads(line)
            for line in (tmp_path / "log" / "rag.jsonl").read_text("utf-8").splitlines()
        ]

    yield start
    logs.configure(settings)


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter.get_finished_spans
    tracing.use(None)
