"""What a grade is made of; the same shape with the embedded LLM, an API model, and none."""

from dataclasses import dataclass
from typing import Any, Literal

from rag.grounding.citation import Citation
from rag.practice.explanation import Said
from rag.practice.point_status import Status
from rag.text.language import Language

StatementKind = Literal["contradicted", "unsupported"]


@dataclass(frozen=True, slots=True)
class PointGrade:
    """One key point: what became of it, in whose words, and where the notes state it."""

    text: str
    status: Status
    credit: float  # 0, 0.5 or 1
    said: Said | None  # the learner's words: `explanation[start:end]`
    source: Citation
    reason: str = ""  # of a contradiction: negation, antonym, number, or the model's word

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "status": self.status,
            "credit": self.credit,
            "said": _said(self.said),
            "source": self.source.to_dict(),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """Something the learner said that the notes contradict or do not support."""

    said: Said
    kind: StatementKind
    source: Citation | None  # the passage that contradicts it

    def to_dict(self) -> dict[str, Any]:
        source = self.source.to_dict() if self.source else None
        return {"said": _said(self.said), "kind": self.kind, "source": source}


@dataclass(frozen=True, slots=True)
class Grade:
    """An explanation held against a topic's key points."""

    topic: str  # `Topic.key`
    title: str
    question: str
    language: Language
    points: tuple[PointGrade, ...]
    statements: tuple[Statement, ...]
    score: int  # 0 to 100
    summary: str  # two sentences
    follow_up: str  # one question on the weakest point; "" when there is none
    llm: str
    warnings: tuple[str, ...] = ()  # keyword list, question repeated, words to the grader
    seconds: float = 0.0
    collection: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `rag practice --json`."""
        data: dict[str, Any] = {
            "topic": self.topic,
            "title": self.title,
            "question": self.question,
            "language": self.language,
            "score": self.score,
            "points": [point.to_dict() for point in self.points],
            "statements": [statement.to_dict() for statement in self.statements],
            "summary": self.summary,
            "follow_up": self.follow_up,
            "llm": self.llm,
            "warnings": list(self.warnings),
            "seconds": round(self.seconds, 3),
        }
        return {**data, "collection": self.collection} if self.collection else data


def score_of(points: tuple[PointGrade, ...]) -> int:
    """Credit for what was said, less a little for each point told wrongly; 0 to 100."""
    if not points:
        return 0
    wrong = sum(1 for point in points if point.status == "contradicted")
    earned = sum(point.credit for point in points) - 0.25 * wrong
    return round(100 * max(0.0, earned) / len(points))


def _said(said: Said | None) -> dict[str, Any] | None:
    return {"text": said.text, "start": said.start, "end": said.end} if said else None
