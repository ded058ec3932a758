"""An answer that can be spoken in 60 to 90 seconds: what was said well first, then what was not,
each sentence cited to the one of the notes that states it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.grounding.citation import Citation
from rag.grounding.passage import Passage
from rag.index.opened import Index
from rag.notes.note_key import note_key
from rag.practice.grades import Grade, PointGrade, PointStatus
from rag.safety.orders import is_order
from rag.text.language import CJK, Language
from rag.text.markup import without_markup
from rag.text.sentences import sentence_spans

# What is spoken in 60 and in 90 seconds: characters of Chinese, words of English.
LENGTH: dict[Language, tuple[int, int]] = {"zh": (250, 350), "en": (150, 220)}
PER_SECOND: dict[Language, float] = {"zh": 4.0, "en": 2.5}
LONGEST = {"zh": 110, "en": 45}  # of one spoken sentence
_ORDER: tuple[PointStatus, ...] = (
    "covered", "partly", "maybe", "missed", "not found", "contradicted",
)  # fmt: skip
_UNSPOKEN = re.compile(r"[|$`]|https?://|\\[a-zA-Z]|^\s*(?:[-*#>]|\d+[.)])\s|[:：]\s*$")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One sentence of a model answer.

    Attributes:
        status: of the key point that it tells; "" for a sentence that only goes on from one.
    """

    text: str
    status: str
    source: Citation

    def to_dict(self) -> dict[str, Any]:
        return {"text": self.text, "status": self.status, "source": self.source.to_dict()}


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a good answer to the question would have sounded like."""

    sentences: tuple[Spoken, ...]
    language: Language

    @property
    def text(self) -> str:
        """The words to speak, without citations."""
        return ("" if self.language == "zh" else " ").join(item.text for item in self.sentences)

    @property
    def cited(self) -> str:
        """The words with a `[n]` a sentence."""
        gap = "" if self.language == "zh" else " "
        return gap.join(f"{item.text}[{item.source.n}]" for item in self.sentences)

    @property
    def seconds(self) -> int:
        return round(_length(self.text, self.language) / PER_SECOND[self.language])

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.cited,
            "seconds": self.seconds,
            "sentences": [item.to_dict() for item in self.sentences],
        }


def model_answer(grade: Grade, index: Index) -> ModelAnswer:
    """The answer that a learner could have given: known things first, in the notes' words."""
    language = grade.language
    least, most = LENGTH[language]
    points = [point for status in _ORDER for point in grade.points if point.status == status]
    told = [_sentence(point, language) for point in points]
    while _total(told, language) > most and (shorter := _shortened(told, points, language)):
        told = shorter
    while _total(told, language) > most and (fewer := _without_a_good_one(told, points)):
        told, points = fewer
    groups = [[item] for item in told]
    following = [_following(item.source, index, language) for item in told]
    number = max((point.source.n for point in grade.points), default=0)
    while any(following) and _total(_flat(groups), language) < least:
        for group, rest in zip(groups, following, strict=True):
            if not rest or _total(_flat(groups), language) >= least:
                continue
            source = rest.pop(0)
            text = _ended(without_markup(source.quote), language)
            known = {item.text for item in _flat(groups)}
            if text in known or _total(_flat(groups), language) + _length(text, language) > most:
                continue
            number += 1
            group.append(Spoken(text, "", replace(source, n=number)))
    return ModelAnswer(tuple(_flat(groups)), language)


def _flat(groups: Sequence[Sequence[Spoken]]) -> list[Spoken]:
    return [item for group in groups for item in group]


def _sentence(point: PointGrade, language: Language) -> Spoken:
    """The sentence of the note that states a point, where it can be spoken; else the point."""
    quote = without_markup(point.source.quote)
    fits = (
        _speakable(point.source.quote)
        and bool(CJK.search(quote)) == bool(CJK.search(point.text))
        and _length(quote, language) <= LONGEST[language]
    )
    return Spoken(
        _ended(quote if fits else without_markup(point.text), language), point.status, point.source
    )


def _shortened(
    told: Sequence[Spoken], points: Sequence[PointGrade], language: Language
) -> list[Spoken]:
    """The same with the longest of the notes' sentences told in the words of its key point; []
    where none would become shorter."""
    saved = [
        _length(item.text, language)
        - _length(_ended(without_markup(point.text), language), language)
        for item, point in zip(told, points, strict=True)
    ]
    if not saved or max(saved) <= 0:
        return []
    place = saved.index(max(saved))
    text = _ended(without_markup(points[place].text), language)
    return [replace(item, text=text) if n == place else item for n, item in enumerate(told)]


def _without_a_good_one(
    told: Sequence[Spoken], points: Sequence[PointGrade]
) -> tuple[list[Spoken], list[PointGrade]] | None:
    """The same without the last point that is only good to have; None where all must be told."""
    spare = [place for place, point in enumerate(points) if point.weight == "good"]
    if not spare:
        return None
    kept = [place for place in range(len(points)) if place != spare[-1]]
    return [told[place] for place in kept], [points[place] for place in kept]


def _following(source: Citation, index: Index, language: Language) -> list[Citation]:
    """The sentences that come after a quote in its section, as far as they can be spoken."""
    found: list[Citation] = []
    for document in index.store.of_notes([note_key(source.collection, source.note)]):
        start, end = document.metadata["start"], document.metadata["end"]
        if not start <= source.start < end:
            continue
        whole = Passage(document, document.page_content, start, end, source.score, 0.0)
        for left, right in sentence_spans(whole.text):
            passage = whole.narrowed(start + left, start + right)
            if passage.start < source.end:
                continue
            spoken = _speakable(passage.text) and not is_order(passage.text)
            if not spoken or _length(without_markup(passage.text), language) > LONGEST[language]:
                break
            found.append(Citation.of(source.n, passage))
    return found[:2]


def _speakable(text: str) -> bool:
    return "\n\n" not in text.strip() and not _UNSPOKEN.search(text.strip())


def _ended(text: str, language: Language) -> str:
    text = " ".join(text.split()).rstrip(";；,，")
    if text and text[-1] in "。.!?！？":
        return text
    return text + ("。" if language == "zh" or CJK.search(text) else ".")


def _total(told: Sequence[Spoken], language: Language) -> int:
    return sum(_length(item.text, language) for item in told)


def _length(text: str, language: Language) -> int:
    return len("".join(text.split())) if language == "zh" else len(text.split())
