"""The lexical side of `MilvusStore`: BM25 by the engine, word statistics beside it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rag.index.bm25_parameters import K1
from rag.index.milvus.milvus_schema import ID, SPARSE, encoded_words, listed
from rag.index.milvus.milvus_store import MilvusStore


class MilvusWords:
    """`WordIndex` over the same rows as a `MilvusStore`.

    Args:
        counts: in how many of how many chunks a word stands.
    """

    def __init__(self, store: MilvusStore, counts: Any) -> None:
        self._store = store
        self._counts = counts

    def top(
        self, words: Sequence[str], k: int, among: str | None = None
    ) -> list[tuple[str, float]]:
        """The `k` best ids with their BM25, best first."""
        if not words:
            return []
        # Milvus has a factor k1 + 1 that Lucene's variant has not; milvus-lite gives the score's
        # negative, a server the score. milvus-lite 3.2 also keeps to its k1 of 1.5.
        found = self._store.ranked(SPARSE, encoded_words(words), k, among)
        return [(row, abs(score) / (K1 + 1)) for row, score in found if score]

    def scores_of(self, words: Sequence[str], rows: Sequence[str]) -> list[float]:
        """BM25 of some ids, in their order."""
        if not rows:
            return []
        keys = [self._store.key(row) for row in rows]
        known = dict(self.top(words, len(rows), f"{ID} in {listed(keys)}"))
        return [known.get(row, 0.0) for row in rows]

    @property
    def size(self) -> int:
        """Chunks of all notes."""
        return int(self._counts.size())

    def idf(self, word: str) -> float:
        return float(self._counts.idf(word))

    def knows(self, word: str) -> bool:
        return bool(self._counts.knows(word))


def word_counts(passages: Iterable[Sequence[str]]) -> Counter[str]:
    """In how many passages each word stands."""
    return Counter(word for words in passages for word in set(words))
