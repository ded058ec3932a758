"""What a grade is made of; the same shape with the embedded LLM, an API model, and none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from rag.errors import UsageError
from rag.grounding.citation import Citation
from rag.notes.topic import Weight
from rag.practice.explanation import Utterance
from rag.practice.point_status import Status
from rag.text.language import Language

StatementKind = Literal["contradicted", "unsupported"]
# Without a model nobody says that something was wrong or left out: it was found, or it was not.
Found = Literal["covered", "maybe", "not found"]
# After an appeal a point may leave the score.
LeftOut = Literal["not asked", "disputed"]
PointStatus = Status | Found | LeftOut
WEIGHS: dict[Weight, float] = {"must": 1.0, "good": 0.5}


@dataclass(frozen=True, slots=True)
class PointGrade:
    """One key point: what became of it, in whose words, and where the notes state it.

    Attributes:
        id: the note's name for the point, which survives editing; "" where it gives none.
        found: where the learner's own ticks decided the status: what was found before them.
    """

    text: str
    status: PointStatus
    credit: float  # 0, 0.5 or 1
    said: Utterance | None  # the learner's words: `explanation[start:end]`
    source: Citation
    reason: str = ""  # of a contradiction: negation, antonym, number, or the model's word
    id: str = ""
    weight: Weight = "must"
    found: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "status": self.status,
            "credit": self.credit,
            "said": _said(self.said),
            "source": self.source.to_dict(),
            "reason": self.reason,
            "id": self.id,
            "weight": self.weight,
            **({"found": self.found} if self.found else {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """A point of a stored grade. Raises `KeyError` or `TypeError` for what is none."""
        return cls(
            str(data["text"]), data["status"], float(data.get("credit") or 0),
            _said_of(data.get("said")), Citation.from_dict(data["source"]),
            str(data.get("reason") or ""), str(data.get("id") or ""),
            "good" if data.get("weight") == "good" else "must", str(data.get("found") or ""),
        )  # fmt: skip

    @property
    def name(self) -> str:
        """What the point is known by from attempt to attempt: its id, else its wording."""
        return self.id or " ".join(self.text.split())


@dataclass(frozen=True, slots=True)
class Statement:
    """Something the learner said that the notes contradict or do not support."""

    said: Utterance
    kind: StatementKind
    source: Citation | None  # the passage that contradicts it

    def to_dict(self) -> dict[str, Any]:
        source = self.source.to_dict() if self.source else None
        return {"said": _said(self.said), "kind": self.kind, "source": source}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """A statement of a stored grade."""
        said, source = _said_of(data["said"]), data.get("source")
        assert said is not None
        return cls(said, data["kind"], Citation.from_dict(source) if source else None)


@dataclass(frozen=True, slots=True)
class Grade:
    """An explanation held against a topic's key points."""

    topic: str  # `Topic.key`
    title: str
    question: str
    language: Language
    points: tuple[PointGrade, ...]
    statements: tuple[Statement, ...]
    score: int | None  # 0 to 100; None: no model judged, and the learner has not yet ticked
    summary: str  # two sentences
    follow_up: str  # one question on the weakest point; "" when there is none
    llm: str
    warnings: tuple[str, ...] = ()  # keyword list, question repeated, words to the grader
    seconds: float = 0.0
    collection: str = ""
    self_assessed: bool = False  # the score is, or will be, what the learner ticks

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `rag practice --json`."""
        data: dict[str, Any] = {
            "topic": self.topic,
            "title": self.title,
            "question": self.question,
            "language": self.language,
            "score": self.score,
            "self_assessed": self.self_assessed,
            "points": [point.to_dict() for point in self.points],
            "statements": [statement.to_dict() for statement in self.statements],
            "summary": self.summary,
            "follow_up": self.follow_up,
            "llm": self.llm,
            "warnings": list(self.warnings),
            "seconds": round(self.seconds, 3),
        }
        return {**data, "collection": self.collection} if self.collection else data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """A grade as it was stored.

        Raises:
            UsageError: it is one of an earlier version that can no longer be judged anew.
        """
        try:
            return cls(
                topic=str(data["topic"]), title=str(data["title"]), question=str(data["question"]),
                language="en" if data["language"] == "en" else "zh",
                points=tuple(PointGrade.from_dict(item) for item in data["points"]),
                statements=tuple(Statement.from_dict(item) for item in data["statements"]),
                score=data["score"], summary=str(data["summary"]),
                follow_up=str(data["follow_up"]), llm=str(data["llm"]),
                warnings=tuple(data.get("warnings") or ()),
                seconds=float(data.get("seconds") or 0),
                collection=str(data.get("collection") or ""),
                self_assessed=bool(data.get("self_assessed")),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError, AssertionError) as error:
            raise UsageError(
                "This attempt's grade cannot be read again; explain the topic anew. "
                "这次评分无法再用，请重新练习。"
            ) from error


def score_of(points: Sequence[PointGrade]) -> int:
    """Credit for what was said, less a little for each point told wrongly; 0 to 100. A point that
    is good to have weighs half of one that must be said."""
    points = [point for point in points if point.status not in get_args(LeftOut)]
    if not points:
        return 0
    whole = sum(WEIGHS[point.weight] for point in points)
    earned = sum(
        WEIGHS[point.weight] * (point.credit - 0.25 * (point.status == "contradicted"))
        for point in points
    )
    return round(100 * max(0.0, earned) / whole)


def _said(said: Utterance | None) -> dict[str, Any] | None:
    return {"text": said.text, "start": said.start, "end": said.end} if said else None


def _said_of(data: Mapping[str, Any] | None) -> Utterance | None:
    return Utterance(str(data["text"]), int(data["start"]), int(data["end"])) if data else None
