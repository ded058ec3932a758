"""What speaks for an answer being in the notes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.answer.abstention.background import Background
from rag.grounding.selection import Relevance
from rag.index.documents import place_of
from rag.index.opened import Index, WordIndex
from rag.search.authored import like_questions, likeness
from rag.search.hit import Hit
from rag.search.names import asked_names, distinctive_names, holds_name
from rag.search.term_weight import term_weight
from rag.text.language import detect_language
from rag.text.words import content_words, words

MEASURED = 12  # chunks, as in the fit


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for an answer being in the notes; each about 0 to 1 but `z` and `log_odds`."""

    z: float  # best cosine in standard deviations above the question's background
    margin: float  # best cosine minus the tenth, in those deviations
    coverage: float  # share of the question's word mass in the best chunk and its headings
    joint: float  # the same over the first three chunks together
    known: float  # share of that mass in words that stand anywhere in the notes
    rare: float  # 1 if the question's most telling word stands in the first three chunks
    crossing: float  # 1 if the best chunk is in another language than the question
    open: float = 0.0  # of earlier versions: kept answers have it
    log_odds: float = 0.0  # of earlier versions
    asked: float = 0.0  # likeness to the nearest authored question
    point: float = 0.0  # likeness to the nearest key point
    named: float = 1.0  # share of the asked names that the first chunks speak of; 1 without names
    weakest: float = 1.0  # 0 if one of the asked names stands in no chunk found
    unknown: float = 0.0  # 1 if an asked name has a word that stands nowhere in the notes
    absent: float = 0.0  # 1 if names are asked for and no chunk found speaks of any
    keyed: float = 1.0  # 1 if the best chunk's note has authored key points


def measure(
    question: str, vector: np.ndarray, hits: Sequence[Hit], index: Index, back: Background
) -> Signals:
    """The signals of a question, given as text and unit vector, and its retrieved chunks."""
    lexical, hits = index.lexical, hits[:MEASURED]
    cosines = sorted((hit.dense for hit in hits), reverse=True)
    z = back.standardise(vector, cosines) if cosines else np.zeros(1)
    relevance = Relevance(question, lexical)
    texts = [_with_context(hit) for hit in hits[:3]]
    asked = sorted(set(content_words(question)), key=lambda word: -term_weight(word, lexical))
    top_words = set(content_words(" ".join(texts)))
    first = texts[0] if texts else ""
    language = detect_language(question)
    near = like_questions(index.keys, vector, index.notes, language)
    points = index.keys.point_cosines(vector)
    names = asked_names(question)
    every = [_with_context(hit) for hit in hits]
    return Signals(
        z=float(z[0]),
        margin=float(z[0] - z[-1]),
        coverage=max((relevance(text) for text in texts), default=0.0),
        joint=relevance(" ".join(texts)),
        known=_known(asked, lexical),
        rare=float(bool(asked) and asked[0] in top_words),
        crossing=float(language != detect_language(first)),
        asked=near[0].likeness if near else 0.0,
        point=likeness(float(points.max())) if len(points) else 0.0,
        named=_share(names, " ".join(every[:3])),
        absent=float(_none_held(distinctive_names(question), every)),
        unknown=float(any(_unknown(name, index) for name in names)),
        keyed=float(bool(hits) and index.keys.speak_of(place_of(hits[0].document))),
        weakest=float(all(any(holds_name(text, name) for text in every) for name in names)),
    )


def missing_names(question: str, hits: Sequence[Hit], index: Index) -> list[str]:
    """The asked names that the notes never mention: no chunk found speaks of them, and they have a
    word that stands nowhere."""
    texts = [_with_context(hit) for hit in hits[:10]]
    return [
        name
        for name in asked_names(question)
        if _unknown(name, index) and not any(holds_name(text, name) for text in texts)
    ]


def _known(asked: Sequence[str], lexical: WordIndex) -> float:
    whole = sum(term_weight(word, lexical) for word in asked)
    known = sum(term_weight(word, lexical) for word in asked if lexical.knows(word))
    return known / whole if whole else 0.0


def _none_held(names: Sequence[str], texts: Sequence[str]) -> bool:
    return bool(names) and not any(holds_name(text, name) for text in texts for name in names)


def _share(names: Sequence[str], text: str) -> float:
    return sum(holds_name(text, name) for name in names) / len(names) if names else 1.0


def _with_context(hit: Hit) -> str:
    meta = hit.document.metadata
    names = [str(meta.get("title", "")), *meta.get("aliases", []), *meta.get("headings", [])]
    return " ".join([*names, hit.document.page_content])


def _unknown(name: str, index: Index) -> bool:
    return any(not index.lexical.knows(word) for word in words(name) if word.isalpha())
