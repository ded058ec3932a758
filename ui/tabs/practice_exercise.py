"""One visitor's exercise on the Practice page, and what of it other parts of the page show."""

from dataclasses import dataclass

from rag.assistant import Assistant
from rag.errors import RagError
from rag.grounding.citation import Citation
from rag.notes.topic import origin_of
from rag.permissions import readable_names
from rag.practice.after.model_answer import ModelAnswer
from rag.practice.exercise import Exercise
from rag.practice.grades import Grade
from ui.session import error_html
from ui.tabs.cited_note import opened
from ui.wording import Language


@dataclass
class PracticeSession:
    """One visitor's exercise in progress.

    Attributes:
        collections: names of what it was drawn from.
        answer: what could have been said, once there is a grade.
        rounds: the grades before a follow-up question.
        part_of: the attempt whose follow-up it is.
    """

    exercise: Exercise | None = None
    collections: tuple[str, ...] = ()
    hints: int = 0
    grade: Grade | None = None
    attempt: int = 0
    answer: ModelAnswer | None = None
    rounds: tuple[Grade, ...] = ()
    part_of: int | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The topic's collection, as citations name it; of a typed topic all that were read."""
        if self.exercise is None or origin_of(self.exercise.topic) is None:
            return self.collections
        return (self.exercise.collection,)


def follow_up_of(now: PracticeSession) -> str:
    """What to ask about after a grade: its follow-up question, else the exercise's own."""
    if now.grade is not None and now.grade.follow_up:
        return now.grade.follow_up
    return now.exercise.question if now.exercise else ""


def _cited(now: PracticeSession) -> list[Citation]:
    """What the grade's points and the model answer rest on."""
    points = now.grade.points if now.grade else ()
    sentences = now.answer.sentences if now.answer else ()
    return [*(point.source for point in points), *(item.source for item in sentences)]


def source_of(
    assistant: Assistant, place: str, now: PracticeSession, language: Language, user: str
) -> str:
    """The note of a point's source (n > 0) or of the n-th wrong statement's (n < 0)."""
    source = _source_at(place, now)
    if source is None:
        return ""
    try:
        readable_names(assistant, [source.collection] if source.collection else [], user)
    except RagError as error:
        return error_html(error)
    return opened(
        assistant, source.note, source.collection, source.page, source.quote, source.start, language
    )


def _source_at(place: str, now: PracticeSession) -> Citation | None:
    """What a mark (`PLACE_n`, then anything) stands for; None: nothing of this grade."""
    try:
        number = int(place.split("_")[1])
        if now.grade is None:
            return None
        if number > 0:
            return next((item for item in _cited(now) if item.n == number), None)
        return now.grade.statements[-number - 1].source
    except (ValueError, IndexError):
        return None
