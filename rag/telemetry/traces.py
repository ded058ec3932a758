"""Optional OpenTelemetry traces: question → retrieval → decide → prompt → answer.

Without the package `opentelemetry-api` every span does nothing. Spans are never current while a
generator is suspended (its next step may run in another thread); `Span.active` makes one current
for the length of one step, and spans started in it become its children.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from rag.errors import RagError
from rag.settings import Settings

FINISH_S = 2.0
_provider: Any = None  # the global one of OpenTelemetry, unless `use` named another
_exported: Any = None  # the one that `configure` made


class Span:
    """A span that may be recorded by nobody."""

    def __init__(self, wrapped: Any = None) -> None:
        self._wrapped = wrapped

    def set(self, **attributes: Any) -> None:
        """Add attributes (`rag.` is put before each name; None is left out)."""
        if self._wrapped is None:
            return
        for name, value in attributes.items():
            if value is not None:
                self._wrapped.set_attribute(f"rag.{name}", value)

    def active(self) -> AbstractContextManager[Any]:
        """Parent of the spans that are started inside; must not be held over a `yield`."""
        if self._wrapped is None:
            return nullcontext()
        from opentelemetry import trace

        return trace.use_span(
            self._wrapped,
            end_on_exit=False,
            record_exception=False,
            set_status_on_exception=False,
        )


@contextmanager
def span(name: str, **attributes: Any) -> Iterator[Span]:
    """A span from here to the end of the block; what goes wrong inside is named by its kind only.

    (An exception's text may hold a key or a question.)
    """
    try:
        from opentelemetry import trace
    except ImportError:
        yield Span()
        return
    wrapped = trace.get_tracer("rag", tracer_provider=_provider).start_span(name)
    made = Span(wrapped)
    made.set(**attributes)
    try:
        yield made
    except GeneratorExit:
        made.set(cancelled=True)
        raise
    except Exception as error:
        wrapped.set_status(trace.Status(trace.StatusCode.ERROR, type(error).__name__))
        raise
    finally:
        wrapped.end()


def use(provider: Any) -> None:
    """Send spans to this tracer provider (None: OpenTelemetry's global one)."""
    global _provider
    _provider = provider


def configure(settings: Settings) -> None:
    """Export spans as `settings.traces` says; the exporter reads the usual OTEL_* variables.

    Raises:
        RagError: traces are asked for and the packages of the extra `otel` are missing.
    """
    global _exported
    finish()
    if settings.traces == "off":
        return
    try:
        _exported = _exporting(settings.traces)
        use(_exported)
    except ImportError as error:
        raise RagError(
            'Traces need the extra otel; run `pip install -c constraints.txt -e ".[otel]"` or set '
            "RAG_TRACES=off. 追踪需要 otel 组件。"
        ) from error


def finish(seconds: float | None = None) -> None:
    """Send what was not sent yet, before a command ends; nothing is exported afterwards.

    A receiver that is down is tried again and again: no more than `seconds` (default `FINISH_S`)
    are waited for.
    """
    global _exported
    if _exported is None:
        return
    ending = threading.Thread(target=_exported.shutdown, daemon=True)
    _exported = None
    use(None)
    ending.start()
    ending.join(FINISH_S if seconds is None else seconds)


def _exporting(kind: str) -> Any:
    import sys

    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import (
        BatchSpanProcessor,
        ConsoleSpanExporter,
        SpanExporter,
    )

    exporter: SpanExporter
    if kind == "console":  # stdout carries results only
        exporter = ConsoleSpanExporter(
            out=sys.stderr, formatter=lambda item: item.to_json(indent=None) + "\n"
        )
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "interview-notes-rag"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
