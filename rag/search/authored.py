"""Which sections answer the authored questions that a learner's question is like."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from rag.index.authored_keys import AuthoredKeys
from rag.search.twins import is_other_language
from rag.text.language import Language

# e5's cosines lie close together: two questions on different things have about .80.
UNLIKE = 0.80
NEAR_QUESTIONS = 12


@dataclass(frozen=True, slots=True)
class LikeQuestion:
    """An authored question and how like it the learner's question is.

    Attributes:
        row: in `AuthoredKeys.questions`.
        likeness: in [0, 1]; 0 is no more than any two questions have.
    """

    row: int
    likeness: float


def likeness(cosine: float) -> float:
    """A cosine of this embedder, as a share of the way from unlike (0) to equal (1)."""
    return max(0.0, min(1.0, (cosine - UNLIKE) / (1 - UNLIKE)))


def like_questions(
    keys: AuthoredKeys, vector: np.ndarray, notes: Collection[str], language: Language
) -> list[LikeQuestion]:
    """The authored questions nearest to a question's unit vector, the likest first.

    Args:
        notes: all that are indexed: of those told in two languages, only the question's counts.
    """
    cosines = keys.question_cosines(vector)
    found: list[LikeQuestion] = []
    for row in np.argsort(-cosines).tolist():
        near = likeness(float(cosines[row]))
        if not near or len(found) == NEAR_QUESTIONS:
            break
        if not is_other_language(keys.questions[row].note, notes, language):
            found.append(LikeQuestion(row, near))
    return found


def section_likeness(
    keys: AuthoredKeys, near: Collection[LikeQuestion]
) -> dict[tuple[str, str], float]:
    """(note, heading) → likeness of the likest question that a key point taught there answers."""
    found: dict[tuple[str, str], float] = {}
    for question in near:
        for row in keys.questions[question.row].points:
            point = keys.points[row]
            place = point.note, point.section
            found[place] = max(found.get(place, 0.0), question.likeness)
    return found
