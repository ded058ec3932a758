"""Every question leaves one log line and one trace; what was asked is in neither unless allowed."""

import logging
import math
import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from typing import Any

from rag.answer.answer import Answer
from rag.answer.events import Event, EvidenceFound, Finished
from rag.errors import BusyError, RagError
from rag.llm.waiting import Waiting
from rag.telemetry.logs import redact
from rag.telemetry.traces import Span, span

_log = logging.getLogger(__name__)
TELL_EVERY_S = 60.0


class Refusals:
    """Questions that a full queue turned away: counted, and told of in one line now and then.

    Who is refused asks again at once, and so do fifty others: a line each would fill the disk.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._count = 0
        self._since = ""
        self._logged = -math.inf

    def add(self) -> None:
        with self._lock:
            self._count += 1
            self._since = self._since or datetime.now(UTC).isoformat(timespec="seconds")
        self.log()

    def log(self) -> None:
        """Log what is new: the first refusal at once, more of them once a minute."""
        with self._lock:
            now = self._clock()
            if not self._count or now - self._logged < TELL_EVERY_S:
                return
            fields = {"refused": self._count, "since": self._since}
            self._count, self._since, self._logged = 0, "", now
        _log.warning("questions refused", extra={"fields": fields})


REFUSALS = Refusals()  # of the whole program


def with_telemetry(
    events: Iterator[Event], question: str, show_question: bool = False
) -> Generator[Event, None, None]:
    """`events` as they are, watched.

    Log events: `question` (info) with id, language, llm, timings, counts and whether the
    assistant abstained; `question failed` (warning) and `question cancelled` (info); for those
    that a full queue turns away `question refused` (debug), and `questions refused` (warning) with
    their number, once a minute.

    Args:
        show_question: put the question's text into log and trace.
    """
    began = time.perf_counter()
    finished = False
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
                    finished = True
                yield event
        except GeneratorExit:
            if finished:  # a reader who has the answer may go without asking for the end
                return
            _log.info("question cancelled", extra={"fields": {**fields, **_seconds(began)}})
            raise
        except BusyError:
            _log.debug("question refused", extra={"fields": {**fields, **_seconds(began)}})
            REFUSALS.add()
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
    REFUSALS.log()


def _seconds(began: float) -> dict[str, float]:
    return {"total_s": round(time.perf_counter() - began, 4)}
