"""What speaks for an answer being in the notes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.answer.abstention.background import Background
from rag.grounding.selection import Relevance
from rag.index.opened import WordIndex
from rag.search.fusion import lexical_weight
from rag.search.hit import Hit
from rag.text.language import detect_language
from rag.text.words import content_words

# What asks for an explanation or for advice. A question for one fact is answered plainly by a
# passage or not at all, so it can be held to a stricter threshold at the same rate of false
# abstentions.
_OPEN = re.compile(
    r"为什么|为[何啥]|[怎咋]|如何|[区差]别|不同|不一样|优缺?点|缺点|好处|问题|原理|哪些|介绍|解释|[讲说]+一?[讲说下]"
    r"|什么是|是什么|[啥什么]意思|分别|比较|对比|作用|意义|影响|关系|原因|思路|流程|步骤|方法|办法"
    r"|吗|([^\W\d])不\1|干[嘛吗]|应该?|该用|合适|适[合用]|推荐|建议|值得|必要|靠谱|够用?[?\uff1f]?$|[更哪]好"
    r"|什么(?:情况|场景|用|好)|什么时候.{0,4}(?:[用不要该适]|需要)|哪个|选哪|用哪|[选设取放](?:[为成到])?[多几]"
    r"|要多[大少长久]|分几|[快慢好差省贵强弱]在哪|先[查看做]什么|[?\uff1f\s]好$|个好$"
    r"|\bwhy\b|\bhow\b(?! (?:many|much|long|old|far|often|tall|high|fast)\b)"
    r"|\b(?:compare|differ\w*|explain|describe|advantages?|drawbacks?|should|can|does|do|worth|better"
    r"|best|same)\b"
    r"|\bwhat (?:are|is|does|do|makes|happens|problem)\b|^(?:is|are)\b|\bwhen (?:is|are|to)\b",
    re.IGNORECASE,
)


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
    open: float = 0.0  # 1 if the question asks for an explanation or advice, 0 if for one fact
    log_odds: float = 0.0  # of the LLM's yes against no, in nats, clipped to ±6


def measure(
    question: str, vector: np.ndarray, hits: Sequence[Hit], lexical: WordIndex, back: Background
) -> Signals:
    """The signals of a question and its retrieved chunks (without the LLM's)."""
    cosines = sorted((hit.dense for hit in hits), reverse=True)
    z = back.standardise(vector, cosines) if cosines else np.zeros(1)
    relevance = Relevance(question, lexical)
    texts = [_with_context(hit) for hit in hits[:3]]
    asked = sorted(set(content_words(question)), key=lambda word: -lexical.idf(word))
    top_words = set(content_words(" ".join(texts)))
    first = texts[0] if texts else ""
    return Signals(
        z=float(z[0]),
        margin=float(z[0] - z[-1]),
        coverage=max((relevance(text) for text in texts), default=0.0),
        joint=relevance(" ".join(texts)),
        known=lexical_weight(lexical, asked)[0],
        rare=float(bool(asked) and asked[0] in top_words),
        crossing=float(detect_language(question) != detect_language(first)),
        open=float(is_open(question)),
    )


def is_open(question: str) -> bool:
    """It asks for an explanation or for advice, not for one fact."""
    return _OPEN.search(question) is not None


def _with_context(hit: Hit) -> str:
    meta = hit.document.metadata
    return " ".join(
        [str(meta.get("title", "")), *meta.get("headings", []), hit.document.page_content]
    )
