"""Every question leaves one log line and one trace; what was asked is in neither unless allowed."""

import logging
import secrets
import time
from collections.abc import Generator, Iterator
from typing import Any

from rag.answers import Answer, Event, EvidenceFound, Finished, Waiting
from rag.errors import RagError
from rag.logs import redact
from rag.tracing import Span, span

_log = logging.getLogger(__name__)


def observed(
    events: Iterator[Event], question: str, show_question: bool = False
) -> Generator[Event, None, None]:
    """`events` as they are, watched.

    Log events: `question` (info) with id, language, llm, timings, counts and whether the
    assistant abstained; `question failed` (warning) and `question cancelled` (info).

    Args:
        show_question: put the question's text into log and trace.
    """
    began = time.perf_counter()
    fields: dict[str, Any] = {"id": secrets.token_hex(6), "characters": len(question)}
    if show_question:
        fields["question"] = redact(question)
    with span("question", **fields) as watched:
        try:
            while True:
                with watched.active():
                    event = next(events, None)
                if event is None:
                    return
                if isinstance(event, EvidenceFound):
                    fields["passages"] = len(event.passages)
                elif isinstance(event, Waiting):
                    fields.setdefault("ahead", event.ahead)
                elif isinstance(event, Finished):
                    _finished(event.answer, fields, watched)
                yield event
        except GeneratorExit:
            _log.info("question cancelled", extra={"fields": {**fields, **_seconds(began)}})
            raise
        except Exception as error:
            reason = str(error) if isinstance(error, RagError) else ""
            failure = {"error": type(error).__name__, "reason": reason, **_seconds(began)}
            _log.warning("question failed", extra={"fields": {**fields, **failure}})
            raise
        finally:
            if isinstance(events, Generator):
                with watched.active():
                    events.close()


def _finished(answer: Answer, fields: dict[str, Any], watched: Span) -> None:
    confidence = None if answer.confidence is None else round(answer.confidence, 4)
    counts: dict[str, Any] = {
        "language": answer.language,
        "llm": answer.llm,
        "abstained": answer.abstained,
        "confidence": confidence,
        "sentences": len(answer.sentences),
        "citations": len(answer.citations),
        "dropped": len(answer.dropped),
    }
    timings = {name: round(value, 4) for name, value in answer.timings.items()}
    usage = answer.usage or {}
    fields.update(counts, timings=timings, usage=usage)
    watched.set(**counts, **timings, **usage)
    _log.info("question", extra={"fields": dict(fields)})


def _seconds(began: float) -> dict[str, float]:
    return {"total_s": round(time.perf_counter() - began, 4)}
