"""The sentences that an answer may be made of, and what speaks for each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rag.grounding.definitions import defines
from rag.grounding.passage import Passage
from rag.grounding.selection import Relevances
from rag.index.authored_keys import AuthoredKeys
from rag.index.documents import place_of
from rag.index.opened import Index
from rag.notes.note_key import note_key
from rag.safety.orders import is_order
from rag.search.authored import LikeQuestion, about_a_topic, like_questions, likeness
from rag.search.hit import Hit
from rag.search.names import asked_names, holds_name
from rag.text.language import Language, detect_language
from rag.text.markup import without_markup
from rag.text.sentences import sentence_spans
from rag.text.words import content_words

FEWEST_WORDS = 3  # content words of a sentence that says something
_RULE = re.compile(r"\|?\s*:?-{2,}[-:|\s]*$")
_TABLE_ROW = re.compile(r"^\s*\|")
_UNFIT = re.compile(r"^[\s>*_#|:-]*$|[?\uff1f]$|^```|^\$\$|^!\[|[:\uff1a]$|^#{1,6}\s")
_ASKS_WHAT = re.compile(
    r"是什么|什么是|何谓|定义|介绍|[讲说聊]一?[讲说聊下]|是啥|^what (?:is|are|does)\b|^define\b"
    r"|^(?:explain|describe|introduce|tell me about)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“[^”\n]{2,60}”|\"[^\"\n]{2,80}\"")
# “nDCG 的算法见“检索排序指标”。”, “… 在“引用与答案溯源”一节里。”
_SEE = re.compile(
    r"见“[^”]+”[^，。]{0,4}[。；]?\s*$|在“[^”]+”(?:一[节篇])?[里中]?[。；]?\s*$"
    r"|\b(?:see|is (?:covered )?in|are (?:covered )?in) (?:the (?:note|section) )?"
    r"\"[^\"]+\"\.?\s*$",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.MULTILINE | re.DOTALL)
_FORMULA = re.compile(r"\s*\n\s*(?=[^\n]*[=^/+√∑Σ])(?:(?![。；;|`]|\.\s)[^\n]){3,80}(?=\n|$)")
_FENCE = re.compile(r"^(?:```|~~~)[ \t]*(\w*)[^\n]*$", re.MULTILINE)
# A line of code in a piece of a block so long that it was cut: there no fence tells.
_STATEMENT = re.compile(
    r"^\s*(?:assert|def|class|return|import|from \w+ import|for \w+ in|if|while|with)\b.*[=(:\[]"
)
_NEXT = ("面试官会接着问", "What interviewers ask next")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence or table row of a note.

    Attributes:
        place: (rank of its section among those found, place in the section): the teaching order.
        point: row of the key point that it states, in `AuthoredKeys.points`; -1 for none.
        outline_place: among the points of the likest question; -1 where that does not ask for it.
    """

    quote: Passage
    place: tuple[int, int]
    point: int
    outline_place: int
    features: Mapping[str, float]

    def opens(self, note: str) -> bool:
        """It is the first sentence of a note (named as `note_key` gives it)."""
        own = note_key(self.quote.collection, self.quote.note)
        return own == note and bool(self.features["first"] and self.features["lead"])


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that an answer may quote.

    Attributes:
        keyed: the best section's note says of itself what it answers.
        lead: what is said first in any case: where the question names a topic and no more, the
            first sentence of its note.
    """

    sentences: list[Candidate]
    lead: Candidate | None
    keyed: bool = True


def gather(
    index: Index, question: str, language: Language, vector: np.ndarray, hits: Sequence[Hit]
) -> Gathered:
    """Every sentence of the sections found that could stand in an answer.

    Args:
        language: of the answer.
        vector: the question's unit vector.
    """
    near = like_questions(index.keys, vector, index.notes, language)
    topic = about_a_topic(index.keys, question, index.notes, language)
    if topic is None:
        keyed = bool(hits) and index.keys.speak_of(place_of(hits[0].document))
        found = _candidates(index, question, language, vector, hits, near)
        return Gathered(found, None, keyed)
    found = _candidates(index, question, language, vector, hits, [topic, *near])
    note = index.keys.questions[topic.row].note
    return Gathered(found, next((item for item in found if item.opens(note)), None))


def _candidates(
    index: Index,
    question: str,
    language: Language,
    vector: np.ndarray,
    hits: Sequence[Hit],
    near: Sequence[LikeQuestion],
) -> list[Candidate]:
    """
    Args:
        near: authored questions like it, the likest first.
    """
    keys = index.keys
    relevances = Relevances(question, index.lexical)
    names = asked_names(question)
    asks_what = float(bool(_ASKS_WHAT.search(question)))
    links = _links(near, keys)
    best = near[0].likeness if near else 0.0
    outline = keys.questions[near[0].row].points if near else ()
    point_cosines = keys.point_cosines(vector)
    top = hits[0].score if hits else 0.0
    nearest = max((hit.dense for hit in hits), default=0.0)
    most_named = max((hit.topic for hit in hits), default=0.0)
    most_adapted = max((hit.adapted for hit in hits), default=0.0)
    top_note = place_of(hits[0].document) if hits else ""
    most_asked = max((hit.asked for hit in hits), default=0.0)
    texts = [hit.document.page_content for hit in hits]
    in_section = [relevances.for_text(text) for text in texts]
    held = [relevance(text) for relevance, text in zip(in_section, texts, strict=True)]
    most_held = max(held, default=0.0)
    note_share = _note_shares(hits)
    found: list[Candidate] = []
    for rank, hit in enumerate(hits):
        document = hit.document
        headings = list(document.metadata.get("headings") or [])
        whole = _whole(hit)
        relevance = in_section[rank]
        heading = relevance(" ".join(headings[-1:]))
        title = relevance(" ".join([whole.title, *headings[:1]]))
        spans = spans_of(document.page_content)
        code = code_spans(document.page_content)
        for number, (start, end) in enumerate(spans):
            if any(first <= start < last for first, last in code):
                continue
            end = _with_formula(document.page_content, end)
            quote = whole.narrowed(whole.start + start, whole.start + end)
            if not is_quotable(quote.text) or _heads_a_table(document.page_content, end):
                continue
            point = keys.row_by_span.get((place_of(hit.document), quote.start, quote.end), -1)
            link = links.get(point, 0.0)
            features = {
                "behind": hit.score - top,
                "rank": 1 / (1 + rank),
                "asked": hit.asked,
                "asked_behind": hit.asked - most_asked,
                "section_relevance": held[rank],
                "section_behind": held[rank] - most_held,
                "note_share": note_share[place_of(document)],
                "topic": hit.topic,
                "off_topic": most_named - hit.topic,
                "topic_lead": hit.topic * float(len(headings) <= 1),
                "dense": hit.dense - nearest,
                "adapted": hit.adapted - most_adapted,
                "relevance": relevance(quote.text, whole.context),
                "heading": heading,
                "title": title,
                "point": float(point >= 0),
                "must": float(point >= 0 and keys.points[point].must),
                "link": link,
                "link_best": float(link > 0 and link >= best),
                "point_like": likeness(float(point_cosines[point])) if point >= 0 else 0.0,
                "named": _named(names, quote.text),
                "unnamed": 1.0 - _named(names, f"{whole.context} {quote.text}"),
                "first": float(number == 0),
                "lead": float(len(headings) <= 1),
                "what_lead": asks_what * float(len(headings) <= 1),
                "defines": asks_what * float(defines(quote.text, quote)),
                "what_point": asks_what * float(point >= 0),
                "next": float(any(name in headings for name in _NEXT)),
                "row": float(bool(_TABLE_ROW.match(quote.text))),
                "other_language": float(detect_language(without_markup(quote.text)) != language),
                "top_note": float(place_of(hit.document) == top_note),
                "short": float(len(quote.text) < (14 if language == "zh" else 40)),
                "long": max(0.0, len(quote.text) / (90 if language == "zh" else 260) - 1),
            }
            place = outline.index(point) if point in outline else -1
            found.append(Candidate(quote, (rank, number), point, place, features))
    return found


def _note_shares(hits: Sequence[Hit]) -> dict[str, float]:
    """Note → its share of the sections found, the first counting most: what a question is about
    has several sections among them."""
    shares: dict[str, float] = {}
    for rank, hit in enumerate(hits):
        place = place_of(hit.document)
        shares[place] = shares.get(place, 0.0) + 1 / (3 + rank)
    whole = sum(shares.values())
    return {place: share / whole for place, share in shares.items()}


def _named(names: Sequence[str], text: str) -> float:
    """Share of the asked names that a text speaks of; 1 where none is asked."""
    return sum(holds_name(text, name) for name in names) / len(names) if names else 1.0


def _links(near: Sequence[LikeQuestion], keys: AuthoredKeys) -> dict[int, float]:
    """Row of a point → likeness of the likest question that asks for it."""
    links: dict[int, float] = {}
    for item in near:
        for row in keys.questions[item.row].points:
            links[row] = max(links.get(row, 0.0), item.likeness)
    return links


def _with_formula(text: str, end: int) -> int:
    """Where a sentence ends that announces a formula on the line below it."""
    below = _FORMULA.match(text, end) if text[end - 1 : end] in {":", "\uff1a"} else None
    return below.end() if below else end


def _heads_a_table(text: str, end: int) -> bool:
    """The line that ends here names the columns of a table."""
    return _RULE.match(text[end:].lstrip().split("\n", 1)[0]) is not None


def is_quotable(sentence: str) -> bool:
    """It says something by itself, and orders nothing."""
    return (
        not _UNFIT.search(sentence.strip())
        and not _STATEMENT.search(sentence)
        and not _only_points_elsewhere(sentence)
        and not is_order(sentence)
        and len(_words(sentence)) >= FEWEST_WORDS
    )


def _only_points_elsewhere(sentence: str) -> bool:
    """It names another note and says little beside: “做法见“幻觉缓解方法”。”"""
    rest = _QUOTED.sub("", sentence)
    if rest == sentence:
        return False
    return len(_words(rest)) <= FEWEST_WORDS or bool(_SEE.search(sentence))


@lru_cache(maxsize=20_000)
def _words(sentence: str) -> frozenset[str]:
    return frozenset(content_words(sentence))


@lru_cache(maxsize=4_000)
def code_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of fenced code: its lines are no sentences. A text may begin in the middle of it."""
    fences = list(_FENCE.finditer(text))
    if fences and not fences[0][1] and (len(fences) % 2 or fences[1][1]):
        rest = fences[0].end()  # what is closed here was opened in the piece before
        later = (match.span() for match in _BLOCK.finditer(text, rest))
        return ((0, rest), *later)
    return tuple(match.span() for match in _BLOCK.finditer(text))


@lru_cache(maxsize=4_000)
def spans_of(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of sentences, as `sentence_spans` gives them; known texts are not cut again."""
    return tuple(sentence_spans(text))


def _whole(hit: Hit) -> Passage:
    meta = hit.document.metadata
    text = hit.document.page_content
    return Passage(hit.document, text, int(meta["start"]), int(meta["end"]), hit.score, 0.0)
