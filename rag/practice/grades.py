"""What a grade is made of; the same shape with the embedded LLM, an API model, and none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
)

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


def _left_out_if_none(data: Any) -> Any:
    """Null where an earlier version had nothing to say is what was left out."""
    if not isinstance(data, Mapping):
        return data
    return {name: value for name, value in data.items() if value is not None}


def _point_as_kept(data: Any) -> Any:
    found = _left_out_if_none(data)
    return {"credit": 0.0, "said": None, **found} if isinstance(found, dict) else found


@dataclass(frozen=True, slots=True)
class PointGrade:
    """One key point: what became of it, in whose words, and where the notes state it.

    Attributes:
        said: the learner's words: `explanation[start:end]`.
        reason: of a contradiction: negation, antonym, number, or the model's word.
        id: the note's name for the point, which survives editing; "" where it gives none.
        found: where the learner's own ticks decided the status: what was found before them.
    """

    text: str
    status: Annotated[
        PointStatus,
        Field(
            description="covered, partly, missed or contradicted; without a model covered "
            "(found), maybe or not found, which is not unsaid; after an appeal also disputed or "
            "not asked"
        ),
    ]
    credit: float  # 0, 0.5 or 1
    said: Utterance | None
    source: Citation
    reason: str = ""
    id: str = ""
    weight: Weight = "must"
    found: str = ""

    def to_dict(self) -> dict[str, Any]:
        data = {**_POINT.dump_python(self, mode="json"), "source": self.source.to_dict()}
        if not self.found:
            del data["found"]
        return data

    @property
    def name(self) -> str:
        """What the point is known by from attempt to attempt: its id, else its wording."""
        return self.id or " ".join(self.text.split())


@dataclass(frozen=True, slots=True)
class Statement:
    """Something the learner said that the notes contradict or do not support; `source` is the
    passage that contradicts it."""

    said: Utterance
    kind: StatementKind
    source: Citation | None = None

    def to_dict(self) -> dict[str, Any]:
        source = self.source.to_dict() if self.source else None
        return {**_STATEMENT.dump_python(self, mode="json"), "source": source}


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
        data = GradeJson.model_validate(self).model_dump(mode="json")
        data["points"] = [point.to_dict() for point in self.points]
        data["statements"] = [statement.to_dict() for statement in self.statements]
        if not self.collection:
            del data["collection"]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """A grade as it was stored.

        Raises:
            UsageError: it is one of an earlier version that can no longer be judged anew.
        """
        try:
            found = GradeJson.model_validate(data)
        except ValueError as error:
            raise UsageError(
                "This attempt's grade cannot be read again; explain the topic anew. "
                "这次评分无法再用，请重新练习。"
            ) from error
        return cls(**{field.name: getattr(found, field.name) for field in fields(cls)})


class GradeJson(BaseModel):
    """A grade as `rag practice --json` and MCP give it, and as attempts keep it.

    Read leniently, for an earlier version may have written it: names that are not known here are
    left out, and what it did not have yet is as it was then.
    """

    model_config = ConfigDict(from_attributes=True)

    topic: str
    title: str
    question: str
    language: Annotated[Language, BeforeValidator(lambda given: "en" if given == "en" else "zh")]
    score: int | None = Field(description="0 to 100")
    self_assessed: bool = Field(
        False, description="The score is what the user ticks, no examiner's"
    )
    points: tuple[Annotated[PointGrade, BeforeValidator(_point_as_kept)], ...]
    statements: tuple[Statement, ...]
    summary: str
    follow_up: str
    llm: str
    warnings: tuple[str, ...] = ()
    seconds: Annotated[float, AfterValidator(lambda seconds: round(seconds, 3))] = 0.0
    collection: str = ""


_POINT, _STATEMENT = TypeAdapter(PointGrade), TypeAdapter(Statement)


def score_of(points: Sequence[PointGrade]) -> int:
    """Credit for what was said, 0 to 100. A point that is good to have weighs half of one that must
    be said. (What seems to be wrong earns nothing, and costs nothing: a judge may err.)"""
    points = [point for point in points if point.status not in get_args(LeftOut)]
    if not points:
        return 0
    whole = sum(WEIGHS[point.weight] for point in points)
    earned = sum(WEIGHS[point.weight] * point.credit for point in points)
    return round(100 * earned / whole)
