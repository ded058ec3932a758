"""An answer: sentences, the citations they rest on, and its JSON."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag.answer.abstention.decision import Stage
from rag.answer.abstention.signals import Signals
from rag.grounding.citation import Citation
from rag.grounding.passage import Passage
from rag.text.language import Language

_MARK = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer and the citations it rests on."""

    text: str
    citations: tuple[int, ...]
    supported: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "citations": list(self.citations),
            "supported": self.supported,
        }


@dataclass(frozen=True, slots=True)
class Nearest:
    """A note near a question that the notes do not answer."""

    note: str
    title: str
    score: float
    collection: str = ""

    def to_dict(self) -> dict[str, Any]:
        data = {"note": self.note, "title": self.title, "score": self.score}
        return {**data, "collection": self.collection} if self.collection else data


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified answer, or an abstention (`abstained`, no citations, up to three `nearest`)."""

    question: str
    language: Language
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    llm: str
    timings: dict[str, float]
    abstained: bool = False
    nearest: tuple[Nearest, ...] = ()
    usage: dict[str, int] | None = None
    dropped: tuple[str, ...] = ()  # sentences of the model that no passage supports
    standalone: str = ""  # the question as it was searched for
    confidence: float | None = None  # that the notes hold the answer, in [0, 1]
    stage: Stage = "retrieval"  # what the confidence knows of
    signals: Signals | None = None  # what it was computed from

    @property
    def text(self) -> str:
        """The sentences with their `[n]`, as one text."""
        space = " " if self.language == "en" else ""
        return space.join(
            sentence.text + "".join(f"[{n}]" for n in sentence.citations)
            for sentence in self.sentences
        )

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of `rag ask --json`."""
        data: dict[str, Any] = {
            "question": self.question,
            "language": self.language,
            "answer": self.text,
            "abstained": self.abstained,
            "sentences": [sentence.to_dict() for sentence in self.sentences],
            "citations": [citation.to_dict() for citation in self.citations],
            "llm": self.llm,
            "timings": {name: round(value, 4) for name, value in self.timings.items()},
        }
        if self.usage:
            data["usage"] = self.usage
        if self.abstained:
            data["nearest"] = [item.to_dict() for item in self.nearest]
        if self.dropped:
            data["dropped"] = list(self.dropped)
        return data


def cited(blank: Answer, kept: Sequence[tuple[str, Sequence[Passage]]]) -> Answer:
    """`blank` with its sentences and their quotes, numbered in order of appearance."""
    quotes: dict[tuple[str, str, int, int], Citation] = {}
    sentences = []
    for text, passages in kept:
        numbers = []
        for passage in passages:
            key = (passage.collection, passage.note, passage.start, passage.end)
            if key not in quotes:
                quotes[key] = Citation.of(len(quotes) + 1, passage)
            numbers.append(quotes[key].n)
        # A `[2]` in the note's own words is no citation of ours.
        text = _MARK.sub(r"〔\1〕", text)
        sentences.append(Sentence(text, tuple(dict.fromkeys(numbers)), True))
    return replace(blank, sentences=tuple(sentences), citations=tuple(quotes.values()))


@dataclass(slots=True)
class Turn:
    """One exchange of a conversation."""

    question: str
    answer: str = ""
    topic: str = field(default="")  # title of the note the answer rested on most
