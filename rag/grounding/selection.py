"""From retrieved chunks to the few sentences an answer can rest on."""

from collections.abc import Sequence

from rag.grounding.passage import Passage
from rag.index.opened import WordIndex
from rag.search.hit import Hit
from rag.text.sentences import sentence_spans
from rag.text.words import content_words

TITLE_SHARE = 0.35  # what a word in the title or heading counts, against one in the sentence


def estimate_tokens(text: str) -> int:
    """About how many of Qwen's tokens a text takes; see `docs/measurements.md`."""
    wide = sum(1 for char in text if ord(char) > 0x2E7F)
    return int(wide * 0.7 + (len(text) - wide) / 4.2) + 1


class Relevance:
    """How much of a question's word mass a sentence carries."""

    def __init__(self, question: str, lexical: WordIndex) -> None:
        self._idf = {word: lexical.idf(word) for word in set(content_words(question))}
        self._mass = sum(self._idf.values()) or 1.0

    def __call__(self, text: str, context: str = "") -> float:
        """Share of the mass in `text`; words only in `context` count `TITLE_SHARE`. In [0, 1]."""
        inside = set(content_words(text))
        around = set(content_words(context)) - inside
        own = sum(weight for word, weight in self._idf.items() if word in inside)
        lent = sum(weight for word, weight in self._idf.items() if word in around)
        return (own + TITLE_SHARE * lent) / self._mass


def select_passages(
    question: str,
    hits: Sequence[Hit],
    lexical: WordIndex,
    *,
    budget: int,
    sizes: Sequence[int],
) -> list[Passage]:
    """The most telling window of sentences of each hit, best hits first, within a token budget.

    Args:
        budget: LLM tokens for all passages together (the first passage is always given).
        sizes: LLM tokens for the first passage, the second, …; the last holds for all that follow.
    """
    relevance = Relevance(question, lexical)
    chosen: list[Passage] = []
    spent = 0
    for rank, hit in enumerate(hits):
        passage = best_window(hit, relevance, sizes[min(rank, len(sizes) - 1)])
        if passage is None:
            continue
        cost = estimate_tokens(passage.text) + estimate_tokens(passage.title) + 4
        if chosen and spent + cost > budget:
            continue
        chosen.append(passage)
        spent += cost
    return chosen


def best_window(hit: Hit, relevance: Relevance, limit: int) -> Passage | None:
    """The run of whole sentences of a chunk, at most `limit` tokens, that says most."""
    text = hit.document.page_content
    offset = int(hit.document.metadata.get("start", 0))
    spans = sentence_spans(text)
    if not spans:
        return None
    costs = [estimate_tokens(text[start:end]) for start, end in spans]
    worth = [relevance(text[start:end]) + 0.02 for start, end in spans]
    best, best_worth = (0, 1), -1.0
    for first in range(len(spans)):
        cost, total = 0, 0.0
        for last in range(first, len(spans)):
            cost += costs[last]
            if cost > limit and last > first:
                break
            total += worth[last]
            if total > best_worth:
                best, best_worth = (first, last + 1), total
    start, end = spans[best[0]][0], spans[best[1] - 1][1]
    excerpt = text[start:end]
    passage = Passage(hit.document, excerpt, offset + start, offset + end, hit.score, 0.0)
    return Passage(
        hit.document,
        excerpt,
        offset + start,
        offset + end,
        hit.score,
        relevance(excerpt, passage.context),
    )
