"""What happens on the way to an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.answer import Answer
from rag.grounding.passage import Passage
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
class Finished:
    """Last event."""

    answer: Answer


Event = EvidenceFound | Waiting | Draft | Verified | Finished
