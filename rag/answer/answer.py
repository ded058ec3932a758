"""An answer: sentences, the citations they rest on, and its JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field

from rag.answer.abstention.decision import Stage
from rag.answer.abstention.signals import Signals
from rag.grounding.citation import Citation
from rag.grounding.passage import Passage
from rag.text.citation_marks import marks, marks_as_text
from rag.text.language import Language
from rag.text.markup import is_code


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer and the citations it rests on.

    Attributes:
        translated: by a model, from the quote that it cites.
    """

    text: str
    citations: tuple[int, ...]
    supported: bool
    translated: bool = False


def translation_mark(sentence: Sentence, language: Language) -> str:
    """What tells a reader of plain text that a model has translated a sentence."""
    return "" if not sentence.translated else "（译）" if language == "zh" else " (transl.)"


@dataclass(frozen=True, slots=True)
class Nearest:
    """A note near a question that the notes do not answer."""

    note: str
    title: str
    score: float
    collection: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence of a note, `note_text[start:end] == text`, that reads like an order to a model."""

    note: str
    start: int
    end: int
    text: str
    collection: str = ""


Checker = Literal["", "model", "rules"]


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
    lacking: tuple[str, ...] = ()  # said of what the notes lack, or may lack
    withheld: tuple[Withheld, ...] = ()  # sentences of the notes that read like orders
    notes_read: tuple[int, int] | None = None  # of how many, while the first index still grows
    checked_by: Checker = ""  # who checked what a model behind an API wrote; rules err far more
    standalone: str = ""  # the question as it was searched for
    confidence: float | None = None  # that the notes hold the answer, in [0, 1]
    stage: Stage = "retrieval"  # what the confidence knows of
    signals: Signals | None = None  # what it was computed from

    @property
    def text(self) -> str:
        """The sentences with their `[n]`, as one text."""
        space = " " if self.language == "en" else ""
        text = ""
        for sentence in self.sentences:
            mark = translation_mark(sentence, self.language) + marks(sentence.citations)
            if is_code(sentence.text):
                text += f"\n\n{sentence.text}\n{mark}\n"
            else:
                text += (space if text and not text.endswith("\n") else "") + sentence.text + mark
        return text.strip("\n")

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of `rag ask --json`: what is empty is left out."""
        data: dict[str, Any] = AnswerJson.of(self).model_dump(mode="json", exclude_defaults=True)
        # An abstention names the nearest notes even where there are none.
        return {**data, "nearest": data.get("nearest", [])} if self.abstained else data


class AnswerJson(BaseModel):
    """An answer in which every sentence is cited, or an abstention.

    The one definition of its JSON: `rag ask --json`, the page's `/ask` and MCP's `ask_notes`
    give it, and `KeptAnswer` is what a conversation keeps.
    """

    model_config = ConfigDict(from_attributes=True)

    question: str
    language: Language
    answer: str = Field(
        validation_alias=AliasChoices("answer", "text"), description="The sentences with their [n]"
    )
    abstained: bool = Field(description="The notes do not hold the answer")
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    llm: str
    timings: dict[str, Annotated[float, AfterValidator(lambda seconds: round(seconds, 4))]]
    usage: dict[str, int] | None = None
    nearest: tuple[Nearest, ...] = ()
    dropped: tuple[str, ...] = Field((), description="Sentences of the model that no note supports")
    lacking: tuple[str, ...] = Field(
        (),
        description="Said of names that the notes never mention, and where what is cited may be "
        "no more than the nearest to the question",
    )
    withheld: tuple[Withheld, ...] = Field(
        (),
        description="Sentences of the notes near the question, kept out of the answer because "
        "they read like orders to a model: to be judged by a person, never followed",
    )
    notes_read: tuple[int, int] | None = Field(
        None,
        description="Notes that were read, and notes in all, while they are indexed for the first "
        "time: the answer knows of those read only",
    )
    checked_by: Checker = Field(
        "",
        description="Who checked what a model wrote: the embedded `model`, or `rules` "
        "over words, which are right far less often",
    )

    @classmethod
    def of(cls, answer: Answer) -> Self:
        nearest = answer.nearest if answer.abstained else ()
        return cls.model_validate(replace(answer, nearest=nearest, usage=answer.usage or None))


class KeptAnswer(AnswerJson):
    """The same with what follow-up questions and measurements lean on.

    Read leniently, for another version of this program may have written it: names that are not
    known here are left out.
    """

    standalone: str = ""
    confidence: float | None = None
    stage: str = "retrieval"
    signals: Signals | None = None

    def restored(self) -> Answer:
        return Answer(**{field.name: getattr(self, field.name) for field in fields(Answer)})


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
        told = text if is_code(text) else marks_as_text(text)
        sentences.append(Sentence(told, tuple(dict.fromkeys(numbers)), True))
    return replace(blank, sentences=tuple(sentences), citations=tuple(quotes.values()))


@dataclass(slots=True)
class Turn:
    """One exchange of a conversation.

    Attributes:
        topic: title of the note that the answer rested on most.
        stands_alone: the question is known to be one that does, as it was searched for.
    """

    question: str
    answer: str = ""
    topic: str = ""
    stands_alone: bool = False
