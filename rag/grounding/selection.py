"""From retrieved chunks to the few sentences an answer can rest on."""

from collections.abc import Sequence

from rag.grounding.passage import Passage
from rag.index.opened import WordIndex
from rag.search.hit import Hit
from rag.search.term_weight import term_weight
from rag.search.word_pairs import in_other_language
from rag.text.language import detect_language
from rag.text.words import content_words

TITLE_SHARE = 0.35  # what a word in the title or heading counts, against one in the sentence


def estimate_tokens(text: str) -> int:
    """About how many of Qwen's tokens a text takes; see `docs/measurements.md`."""
    wide = sum(1 for char in text if ord(char) > 0x2E7F)
    return int(wide * 0.7 + (len(text) - wide) / 4.2) + 1


class Relevance:
    """How much of a question's word mass a sentence carries.

    Args:
        crossing: the sentences are in another language than the question: a word of it stands in
            one that has a word it may be there.
    """

    def __init__(self, question: str, lexical: WordIndex, crossing: bool = False) -> None:
        asked = set(content_words(question))
        self._weights = {word: term_weight(word, lexical, crossing) for word in asked}
        self._mass = sum(self._weights.values()) or 1.0
        self._meant: dict[str, set[str]] = {}
        for word in asked if crossing else ():
            for other in in_other_language(word):
                self._meant.setdefault(other, set()).add(word)

    def __call__(self, text: str, context: str = "") -> float:
        """Share of the mass in `text`; words only in `context` count `TITLE_SHARE`. In [0, 1]."""
        inside = self.read(text)
        around = self.read(context) - inside
        own = sum(weight for word, weight in self._weights.items() if word in inside)
        lent = sum(weight for word, weight in self._weights.items() if word in around)
        return (own + TITLE_SHARE * lent) / self._mass

    def read(self, text: str) -> set[str]:
        """The words of a text, and those of the question that they may be."""
        told = set(content_words(text))
        return told.union(*(self._meant[word] for word in told & self._meant.keys()))


class Relevances:
    """The relevance of sentences in either language to a question."""

    def __init__(self, question: str, lexical: WordIndex) -> None:
        self._asked_in = detect_language(question)
        self._own, self._across = (Relevance(question, lexical, each) for each in (False, True))

    def for_text(self, text: str) -> Relevance:
        """That for sentences of a text, by the language it is in."""
        return self._own if detect_language(text) == self._asked_in else self._across


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
