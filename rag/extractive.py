"""An answer without an LLM: the sentences of the notes that say most about the question."""

import re
from collections.abc import Sequence

from rag.clauses import plain
from rag.evidence import Passage, Relevance
from rag.language import Language, content_words, detect_language, sentence_spans
from rag.lexical import LexicalIndex
from rag.orders import is_order

MOST = 3
ENOUGH = 0.45  # of the best sentence's score
_TABLE = re.compile(r"^\s*\|")
_ASKS_WHAT = re.compile(r"是什么|什么是|何谓|定义|^what (?:is|are|does)\b|^define\b", re.IGNORECASE)
_DEFINES = re.compile(
    r"^(?:[^的,\uff0c。:\uff1a]{1,40}?(?:是(?!否)|指|即)"
    r"|[^,.;:]{1,60}?\b(?:is|are|means|refers to)\b)",
    re.IGNORECASE,
)
_UNFIT = re.compile(r"^[\s>*_#-]*$|[?\uff1f]$|^```|^\$\$|^!\[|[:\uff1a]$")


def defines(sentence: str, passage: Passage) -> bool:
    """The sentence says what the note's topic is: it begins with a word of the title."""
    match = _DEFINES.match(plain(sentence))
    if match is None:
        return False
    topic = set(content_words(passage.title))
    return bool(topic & set(content_words(match.group())))


def extract(
    question: str, language: Language, passages: Sequence[Passage], lexical: LexicalIndex
) -> list[Passage]:
    """Up to three quotes, best first, in the question's language where the notes have it."""
    relevance = Relevance(question, lexical)
    wants_definition = bool(_ASKS_WHAT.search(question))
    candidates: list[tuple[float, Passage]] = []
    for rank, passage in enumerate(passages):
        for start, end in sentence_spans(passage.text):
            sentence = passage.text[start:end]
            if _UNFIT.search(sentence) or is_order(sentence):
                continue
            if len(set(content_words(sentence))) < 3:
                continue
            score = relevance(sentence, passage.context) + 0.12 / (rank + 1)
            if detect_language(plain(sentence)) != language:
                score *= 0.5
            if _TABLE.match(sentence):
                score *= 0.6
            if wants_definition and defines(sentence, passage):
                score += 0.4
            quote = passage.narrowed(passage.start + start, passage.start + end)
            candidates.append((score, quote))
    candidates.sort(key=lambda item: -item[0])
    if not candidates:
        return []
    best = candidates[0][0]
    chosen: list[Passage] = []
    for score, quote in candidates:
        if score < ENOUGH * best or len(chosen) == MOST:
            break
        words = set(content_words(quote.text))
        if all(len(words & set(content_words(o.text))) < 0.7 * len(words) for o in chosen):
            chosen.append(quote)
    return chosen
