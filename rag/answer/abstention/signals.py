"""What speaks for an answer being in the notes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.answer.abstention.background import Background
from rag.answer.understanding.strangers import is_unknown, names_asked
from rag.grounding.selection import Relevance
from rag.index.documents import place_of
from rag.index.opened import Index, WordIndex
from rag.search.authored import like_questions, likeness
from rag.search.hit import Hit
from rag.search.names import distinctive, holds_name, is_coined, mentions
from rag.search.term_weight import term_weight
from rag.search.twins import told_in, twin_of_place
from rag.search.word_pairs import in_other_language
from rag.text.language import Language, detect_language
from rag.text.words import content_words

MEASURED = 12  # chunks, as in the fit
SHORTEST_NAME = 4  # letters of a name that tells one topic from others wherever it stands


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
    absent: float = 0.0  # 1 if names are asked for, one of them coined, and no chunk has any
    keyed: float = 1.0  # 1 if the best chunk's note has authored key points
    topic: float = 0.0  # share of the question that names the topic of one of the first chunks


def measure(
    question: str, vector: np.ndarray, hits: Sequence[Hit], index: Index, back: Background
) -> Signals:
    """The signals of a question, given as text and unit vector, and its retrieved chunks."""
    lexical, hits = index.lexical, hits[:MEASURED]
    cosines = sorted((hit.dense for hit in hits), reverse=True)
    z = back.standardise(vector, cosines) if cosines else np.zeros(1)
    texts = [_with_context(hit) for hit in hits[:3]]
    language = detect_language(question)
    crossing = bool(texts) and language != detect_language(texts[0])
    relevance = Relevance(question, lexical, crossing)
    asked = sorted(
        set(content_words(question)), key=lambda word: -term_weight(word, lexical, crossing)
    )
    told = relevance.read(" ".join(texts))
    near = like_questions(index.keys, vector, index.notes, language)
    points = index.keys.point_cosines(vector)
    names = names_asked(question, index)
    every = _speaking(names, hits, index)
    return Signals(
        z=float(z[0]),
        margin=float(z[0] - z[-1]),
        coverage=max((relevance(text) for text in texts), default=0.0),
        joint=relevance(" ".join(texts)),
        known=_known(asked, lexical, crossing),
        rare=float(bool(asked) and asked[0] in told),
        crossing=float(crossing),
        asked=near[0].likeness if near else 0.0,
        point=likeness(float(points.max())) if len(points) else 0.0,
        named=_share(names, " ".join(every[:3])),
        absent=float(_none_held(distinctive(_sure_names(names)), every)),
        unknown=float(any(is_unknown(name, index) for name in names)),
        keyed=float(bool(hits) and index.keys.speak_of(place_of(hits[0].document))),
        topic=max((hit.topic for hit in hits[:3]), default=0.0),
        weakest=float(all(any(holds_name(text, name) for text in every) for name in names)),
    )


def missing_names(question: str, hits: Sequence[Hit], index: Index) -> list[str]:
    """The asked names that the notes never mention: no chunk found speaks of them, and they have a
    word that stands nowhere."""
    names = names_asked(question, index)
    texts = _speaking(names, hits[:MEASURED], index)
    return [
        name
        for name in names
        if is_unknown(name, index) and not any(holds_name(text, name) for text in texts)
    ]


def _known(asked: Sequence[str], lexical: WordIndex, crossing: bool) -> float:
    weights = {word: term_weight(word, lexical, crossing) for word in asked}
    whole = sum(weights.values())
    known = sum(
        weight
        for word, weight in weights.items()
        if lexical.knows(word) or (crossing and any(map(lexical.knows, in_other_language(word))))
    )
    return known / whole if whole else 0.0


def _none_held(names: Sequence[str], texts: Sequence[str]) -> bool:
    """Abbreviations alone (QPS, MLP) are seldom what a question is about."""
    coined = any(is_coined(name) for name in names)
    return coined and not any(holds_name(text, name) for text in texts for name in names)


def _sure_names(names: Sequence[str]) -> list[str]:
    """Without words in small letters, one of which may be a slip or a filler (“leetcode 的思路”):
    what they tell, the fitted decision weighs."""
    return [name for name in names if not (name.isascii() and name.islower())]


def _share(names: Sequence[str], text: str) -> float:
    return sum(holds_name(text, name) for name in names) / len(names) if names else 1.0


def _with_context(hit: Hit) -> str:
    meta = hit.document.metadata
    names = [str(meta.get("title", "")), *meta.get("aliases", []), *meta.get("headings", [])]
    return " ".join([*names, hit.document.page_content])


def _speaking(names: Sequence[str], hits: Sequence[Hit], index: Index) -> list[str]:
    """What each chunk says, with the names of its topic; where that leaves a name unsaid, with what
    its note says in its other language, too, and with the name where it goes by another one there
    (VLM: vision-language model); nothing where no name is asked for."""
    if not names:
        return []
    places = [place_of(hit.document) for hit in hits]
    of_topic: dict[str, list[str]] = {place: [] for place in places}
    for key in index.keys.names:
        for place in (key.note, twin_of_place(key.note)):
            if place in of_topic:
                of_topic[place].append(key.name)
    texts = [
        " ".join([_with_context(hit), *of_topic[place]])
        for hit, place in zip(hits, places, strict=True)
    ]
    if all(any(holds_name(text, name) for text in texts) for name in names):
        return texts
    told = {place: _twin_text(place, index) for place in dict.fromkeys(places)}
    texts = [f"{text} {told[place]}" for text, place in zip(texts, places, strict=True)]
    for name in names:
        others = _other_names(name, index)
        texts = [
            f"{text} {name}" if any(mentions(text, other) for other in others) else text
            for text in texts
        ]
    return texts


def _other_names(name: str, index: Index) -> list[str]:
    """The other names, in small letters, of the topics that go by a name."""
    notes = {key.note for key in index.keys.names if key.name.lower() == name.lower()}
    notes |= {twin_of_place(note) for note in notes}
    found = {key.name.lower() for key in index.keys.names if key.note in notes}
    return [each for each in found if len(each) >= SHORTEST_NAME and each != name.lower()]


def _twin_text(place: str, index: Index) -> str:
    languages: tuple[Language, Language] = ("zh", "en")
    twins = [twin for each in languages if (twin := told_in(each, place, index.notes))]
    return " ".join(chunk.page_content for chunk in index.store.of_notes(twins))
