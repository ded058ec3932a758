"""From retrieved chunks to the few sentences an answer can rest on."""

from collections.abc import Sequence

from rag.grounding.passage import Passage
from rag.index.opened import WordIndex
from rag.search.hit import Hit
from rag.search.term_weight import term_weight
from rag.text.words import content_words

TITLE_SHARE = 0.35  # what a word in the title or heading counts, against one in the sentence


def estimate_tokens(text: str) -> int:
    """About how many of Qwen's tokens a text takes; see `docs/measurements.md`."""
    wide = sum(1 for char in text if ord(char) > 0x2E7F)
    return int(wide * 0.7 + (len(text) - wide) / 4.2) + 1


class Relevance:
    """How much of a question's word mass a sentence carries."""

    def __init__(self, question: str, lexical: WordIndex) -> None:
        self._weights = {word: term_weight(word, lexical) for word in set(content_words(question))}
        self._mass = sum(self._weights.values()) or 1.0

    def __call__(self, text: str, context: str = "") -> float:
        """Share of the mass in `text`; words only in `context` count `TITLE_SHARE`. In [0, 1]."""
        inside = set(content_words(text))
        around = set(content_words(context)) - inside
        own = sum(weight for word, weight in self._weights.items() if word in inside)
        lent = sum(weight for word, weight in self._weights.items() if word in around)
        return (own + TITLE_SHARE * lent) / self._mass


def whole_sections(hits: Sequence[Hit], budget: int) -> list[Passage]:
    """The sections found as passages, best first, within `budget` LLM tokens; at least one."""
    chosen: list[Passage] = []
    spent = 0
    for hit in hits:
        text, meta = hit.document.page_content, hit.document.metadata
        cost = estimate_tokens(text) + estimate_tokens(str(meta.get("title", ""))) + 4
        if chosen and spent + cost > budget:
            continue
        start = int(meta.get("start", 0))
        chosen.append(Passage(hit.document, text, start, start + len(text), hit.score, 0.0))
        spent += cost
    return chosen
