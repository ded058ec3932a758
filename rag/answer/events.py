"""What happens on the way to an answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.answer.answer import Answer
from rag.grounding.passage import Passage
from rag.last_event import last
from rag.llm.waiting import Waiting


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """First event: the passages, before the model has written anything."""

    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model has written and nobody has verified yet: the line that it is at."""

    text: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The answer so far, while the model goes on: these sentences, with these numbers, stay."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class FirstDraft:
    """An answer that stands already, cited like any other, while the LLM chooses better."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Finished:
    """Last event."""

    answer: Answer


Event = EvidenceFound | Waiting | Draft | Verified | FirstDraft | Finished


def finished(events: Iterable[Event]) -> Answer:
    """The verified answer, for who does not care for the events on the way to it."""
    return last(events, Finished).answer
