"""A question that asks several things → each as a question of its own.

Where it may be cut is known from its signs and joining words; whether a cut parts two things that
are asked is a logistic model's word, fitted by `rag/evaluation/fit/fit_parts.py` on questions that
a reader took apart, and stored in `parts.json` with what it reaches on questions left out.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.answer.understanding.subject import names_in, spans_of_names, subject_of
from rag.grounding.logistic import logistic_known
from rag.index.opened import Index
from rag.search.names import asked_names
from rag.text.language import CJK
from rag.text.sentences import sentence_spans
from rag.text.words import content_words

WEIGHTS = Path(__file__).with_name("parts.json")
MOST = 3  # things that are looked up apart
PERHAPS = 0.1  # from this probability on, a cut may part two things that are asked
_CUT = re.compile(
    r"\s*[,，、。;；?？!！\n]+\s*|\s+/\s+|(?<=[\u4e00-\u9fff])/(?=[\u4e00-\u9fff])"
    r"|(?<=[\u4e00-\u9fff])[ \t]+(?=[\u4e00-\u9fff])|\s*(?:以及|还有|和|与|及|跟)\s*"
    r"|\s+(?:and|or|vs\.?|versus|then)\s+|\s+[-—–]\s+",
    re.IGNORECASE,
)
_CLOSERS = "\"'”’）)」』】]"
_END = re.compile(r"[?？。.!！\s]+$")
_SIGNS = {
    "，": "comma", ",": "comma", "、": "listing", "。": "end", ";": "end", "；": "end",
    "?": "asked", "？": "asked", "！": "end", "!": "end", "/": "slash", "": "space", "和": "with",
    "与": "with", "及": "with", "跟": "against", "以及": "also", "还有": "also", "and": "and",
    "then": "and", "or": "or", "vs": "versus", "vs.": "versus", "versus": "versus",
}  # fmt: skip
_ASKS = re.compile(
    r"什么|怎么|咋|为什么|为啥|为何|如何|哪|吗|多少|几|啥|多大|多长|是否|区别|原理|流程|作用|优|缺|好处|坏处"
    r"|公式|代码|例子|步骤"
    r"|\b(?:what|how|why|which|when|is|are|does|do|can|who|where|should)\b",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"区别|不同|差别|差异|对比|相比|比较|哪个|还是|关系|选|等价|好"
    r"|vs|versus|differ|compar|better|or\b|relat|between",
    re.IGNORECASE,
)
_TELLS_APART = re.compile(
    r"区别|不同|差别|差异|对比|相比|比较|哪个|\b(?:vs|versus|differ\w*|compar\w*|better|or)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"它|这|其(?!中|他|它|实|余|次)|此|\b(?:it|its|they|their|them|this|that|these|one)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"它们|它|其(?!中|他|它|实)|\b(?:it|they|them)\b", re.IGNORECASE)
_EACH = re.compile(r"分别|各|都|\b(?:both|each|respectively)\b", re.IGNORECASE)
# A second question of a message that is of another thing: it says so, or names it.
_ALSO = re.compile(
    r"^\W*(?:另外|顺便|还有|再[问说讲]|同时|以及|also\b|and\b|then\b|plus\b|separately\b|btw\b"
    r"|(?:by the way|while (?:you|we)|if (?:you|not))\b)",
    re.IGNORECASE,
)
_THAN = re.compile(
    r"(?<![对占百])比(?!如|例|特|较)|\bthan\b|\b(?:faster|slower|cheaper|higher|lower)\b",
    re.IGNORECASE,
)
_TELLING = 2  # content words by which a question says what it is on
_LISTING = frozenset(["with", "against", "and", "or", "listing", "slash", "versus"])


def parts_of(question: str, index: Index) -> tuple[str, ...]:
    """The things asked, two or three, each as a question that stands alone; else ()."""
    return _cut_where(question, index, _fitted()["threshold"])


def aspects_of(question: str, index: Index) -> tuple[str, ...]:
    """The things that are perhaps asked apart, where `parts_of` finds one thing; else ()."""
    return _cut_where(question, index, PERHAPS)


def parts_beside(question: str, names: Sequence[str], index: Index) -> tuple[str, ...]:
    """What asks about some names, and the questions beside it that stand without them; () where
    there is none.

    Args:
        names: of things that the notes lack: what compares them with others is on them.
    """
    spans = sentence_spans(question)
    pieces: Sequence[str] = [question[start:end].strip() for start, end in spans]
    sentences = len(pieces) > 1
    if not sentences:
        pieces = () if compares(question) else aspects_of(question, index)
    named = [place for place, piece in enumerate(pieces) if any(name in piece for name in names)]

    def stands(place: int) -> bool:
        piece = pieces[place]
        if place in named or _THAN.search(piece):
            return False
        own = spans_of_names(piece, index.keys, latin=False)
        back = _POINTS_BACK.search(piece)
        if back and not any(start < back.start() for start, _ in own):
            return False
        if sentences and place < named[0]:  # nothing was named yet that it could be on
            return asks(piece)
        also = _ALSO.match(piece)
        told = content_words(_ASKS.sub(" ", piece[also.end() :])) if also else []
        return len(told) >= _TELLING or bool(own and asks(piece))

    beside = [piece for place, piece in enumerate(pieces) if named and stands(place)]
    on_names = " ".join(pieces[place] for place in named)
    return (on_names, *beside[: MOST - 1]) if beside else ()


def _cut_where(question: str, index: Index, likely: float) -> tuple[str, ...]:
    pieces, signs = cut(question)
    if len(pieces) == 1:
        return ()
    model = _fitted()["model"]
    found = [pieces[0]]
    for place, sign in enumerate(signs):
        values = features(question, pieces, signs, place, index)
        if logistic_known(model, values) >= likely:
            found.append(pieces[place + 1])
        else:
            found[-1] += (sign if sign.strip() else " ") + pieces[place + 1]
    if not 1 < len(found) <= MOST:
        return ()
    return tuple(_standing(found, place, index) for place in range(len(found)))


def asks(text: str) -> bool:
    """It holds a word of asking."""
    return bool(_ASKS.search(text))


def points_back(text: str) -> bool:
    """It holds a word for something named before."""
    return bool(_POINTS_BACK.search(text))


def compares(question: str) -> bool:
    """It asks how things differ, or which is better."""
    return bool(_TELLS_APART.search(question))


def asking_sentences(message: str) -> list[str]:
    """All that ask: those with a question mark, and the last one where it asks without."""
    spans = sentence_spans(message)
    sentences = [message[start:end].strip() for start, end in spans]
    marked = [text for text in sentences if text.rstrip(_CLOSERS).endswith(("?", "\uff1f"))]
    return list(dict.fromkeys([*marked, *(text for text in sentences[-1:] if asks(text))]))


def ended(text: str) -> str:
    """A question without the signs at its end."""
    return _END.sub("", text.strip()).rstrip(",，、 ")


def cut(question: str) -> tuple[list[str], list[str]]:
    """The pieces between signs and joining words, and what stands between them."""
    text = _END.sub("", question.strip())
    pieces, signs, last = [], [], 0
    for match in _CUT.finditer(text):
        if match.start() > 0 and match.end() < len(text):
            pieces.append(text[last : match.start()])
            signs.append(match.group())
            last = match.end()
    return [*pieces, text[last:]], signs


def features(
    question: str, pieces: Sequence[str], signs: Sequence[str], place: int, index: Index
) -> dict[str, float]:
    """What tells whether the cut after a piece parts two things that are asked."""
    left, right = pieces[place], pieces[place + 1]
    sign = signs[place].strip().lower()
    kind = _SIGNS.get(sign, "dash" if sign[:1] in "-—–" else "other")
    words = [content_words(left), content_words(right)]
    names = [names_in(left, index.keys), names_in(right, index.keys)]
    only = [
        float(bool(own) and sum(map(len, own)) >= len(text.strip()) - 1)
        for own, text in zip(names, (left, right), strict=True)
    ]
    asks = [float(bool(_ASKS.search(text))) for text in (left, right)]
    compares = float(bool(_COMPARES.search(question)))
    listed = float(kind in _LISTING)
    opening = re.match(r"[a-z']+|.", right.strip().lower())
    return {
        f"sign_{kind}": 1.0,
        "left_asks": asks[0],
        "right_asks": asks[1],
        "both_ask": asks[0] * asks[1],
        "any_asks": float(bool(_ASKS.search(question))),
        "left_words": min(len(words[0]), 8) / 8,
        "right_words": min(len(words[1]), 8) / 8,
        "left_short": float(len(words[0]) <= 1),
        "right_short": float(len(words[1]) <= 1),
        "left_names": float(bool(names[0])),
        "right_names": float(bool(names[1])),
        "left_only_names": only[0],
        "right_only_names": only[1],
        "both_only_names": only[0] * only[1],
        "points_back": float(points_back(right)),
        "compares": compares,
        "right_compares": float(bool(_COMPARES.search(right))),
        "compares_listed": compares * listed,
        "asks_listed": asks[0] * asks[1] * listed,
        "asks_parted": asks[0] * asks[1] * (1 - listed),
        "each": float(bool(_EACH.search(question))),
        "cuts": min(len(signs), 4) / 4,
        "first": float(place == 0),
        f"opens_{opening.group() if opening else ''}": 0.7,
        f"begins_{right.strip()[:2].lower()}": 0.7,
    }


def _standing(pieces: Sequence[str], place: int, index: Index) -> str:
    """A piece with what it leaves out: its subject from the first one, or, where it is but a name,
    what is asked of the last one."""
    piece = pieces[place]
    if not _ASKS.search(piece) and place < len(pieces) - 1:
        last = pieces[-1]
        spans = spans_of_names(last, index.keys)
        return f"{piece} {last[spans[0][1] :]}" if spans else f"{piece} {last}"
    topic = subject_of(pieces[0], index.keys)
    own = spans_of_names(piece, index.keys, latin=False) or asked_names(piece)
    if place == 0 or not topic or own or topic.lower() in piece.lower():
        return piece
    resolved, count = _PRONOUN.subn(lambda match: topic, piece, count=1)
    if count:
        return resolved
    return f"{topic} {piece}" if CJK.search(piece) else f"{topic}: {piece}"


@lru_cache(maxsize=1)
def _fitted() -> Mapping[str, Any]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))
