"""An answer without an LLM: the sentences of the notes that say most about the question."""

import re
from collections.abc import Sequence

from rag.grounding.definitions import defines
from rag.grounding.passage import Passage
from rag.grounding.selection import Relevance
from rag.index.opened import WordIndex
from rag.safety.orders import is_order
from rag.text.language import Language, detect_language
from rag.text.markup import plain
from rag.text.sentences import sentence_spans
from rag.text.words import content_words

MOST = 3


ENOUGH = 0.45  # of the best sentence's score


_TABLE = re.compile(r"^\s*\|")


_ASKS_WHAT = re.compile(r"是什么|什么是|何谓|定义|^what (?:is|are|does)\b|^define\b", re.IGNORECASE)


_UNFIT = re.compile(r"^[\s>*_#-]*$|[?\uff1f]$|^```|^\$\$|^!\[|[:\uff1a]$")


def extract(
    question: str, language: Language, passages: Sequence[Passage], lexical: WordIndex
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
