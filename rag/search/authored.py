"""Which sections answer the authored questions that a learner's question is like."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rag.index.authored_keys import AuthoredKeys
from rag.search.names import mention_guess, mentions
from rag.search.twins import is_other_language, twin_of_place
from rag.text.language import Language
from rag.text.words import content_words

# e5's cosines lie close together: two questions on different things have about .80.
UNLIKE = 0.80
NEAR_QUESTIONS = 12
WHOLE = 0.9  # share of a question's words from which a name is all that it asks about
# How a question is put, not what it asks about.
PLEAS = frozenset(
    ["简单", "描述", "介绍", "讲讲", "解释", "说明", "说说", "谈谈", "聊聊", "讲", "说", "简述",
     "概述", "请问", "explain", "describ", "introduc", "tell", "briefli", "simpli", "talk", "walk",
     "give", "overview"]
)  # fmt: skip


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


def named_notes(keys: AuthoredKeys, question: str) -> dict[str, float]:
    """Notes whose topic a question names → share of the question's words that the name makes up.

    “简单描述一下 LoRA” names the note on LoRA by all that it asks for.
    """
    asked = set(content_words(question)) - PLEAS
    found: dict[str, float] = {}
    may_mention = mention_guess(question)
    for key, (name, low) in zip(keys.names, keys.lower_names, strict=True):
        if not may_mention(name, low):
            continue
        words = _words_of_name(name)
        if words and words <= asked and mentions(question, key.name):
            share = len(words) / len(asked)
            for note in (key.note, twin_of_place(key.note)):
                found[note] = max(found.get(note, 0.0), share)
    return found


def about_a_topic(
    keys: AuthoredKeys, question: str, notes: Collection[str], language: Language
) -> LikeQuestion | None:
    """What the author of a note asks most broadly, where a question names its topic and no more:
    “简单描述一下 LoRA” is answered as “讲讲 LoRA” is."""
    named = named_notes(keys, question)
    whole = {
        note
        for note, share in named.items()
        if share >= WHOLE and not is_other_language(note, notes, language)
    }
    if not whole:
        return None
    rows = [row for row, key in enumerate(keys.questions) if key.note in whole and key.points]
    if not rows:
        return None
    return LikeQuestion(max(rows, key=lambda row: len(keys.questions[row].points)), 1.0)


@lru_cache(maxsize=8192)
def _words_of_name(name: str) -> frozenset[str]:
    return frozenset(content_words(name))
