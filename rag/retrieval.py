"""Hybrid retrieval: dense and BM25 lists fused by reciprocal rank, weighted by what they know.

Reciprocal rank fusion: Cormack et al. 2009. The lexical list's weight is the share of the
question's word weight (idf) that the notes know at all, so that a question in another language
than the notes leaves the dense order alone. Ranks tie often; the scores themselves (a convex
combination, Bruch et al. 2023, "An Analysis of Fusion Functions for Hybrid Retrieval") decide.
The constants were chosen on XQuAD; see `rag eval retrieval`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, SkipValidation

from rag.language import content_words

RRF_K = 60
LEXICAL_SHARE = 0.2
DEPTH = 50
DUPLICATE = 0.9


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved chunk with the scores that put it there."""

    document: Document
    score: float  # cosine + its share of the question's word mass + reciprocal ranks
    dense: float  # cosine similarity
    lexical: float  # BM25

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of `rag search --json`."""
        meta = self.document.metadata
        data = {
            "note": meta["note"],
            "title": meta["title"],
            "heading": list(meta["headings"]),
            "text": self.document.page_content,
            "start": meta["start"],
            "end": meta["end"],
            "score": round(self.score, 4),
        }
        return data | {key: meta[key] for key in ("page", "collection") if meta.get(key)}


class ChunkStore(Protocol):
    """The dense side: rows (numbers or ids, as the store likes) by cosine similarity."""

    @property
    def embeddings(self) -> Embeddings: ...
    def __len__(self) -> int: ...
    def select(self, notes: Collection[str], /) -> Any: ...
    def nearest(
        self, vector: Sequence[float], k: int, among: Any = None
    ) -> list[tuple[Any, float]]: ...
    def cosines(self, vector: Sequence[float], rows: Sequence[Any]) -> list[float]: ...
    def fetch(self, rows: Sequence[Any]) -> dict[Any, Document]: ...


class WordIndex(Protocol):
    """The lexical side over the same rows."""

    def top(self, query: str, k: int, among: Any = None) -> list[tuple[Any, float]]: ...
    def scores_of(self, query: str, rows: Sequence[Any]) -> list[float]: ...
    def idf(self, word: str) -> float: ...
    def knows(self, word: str) -> bool: ...


class HybridRetriever(BaseRetriever):
    """Dense and BM25 lists over the same chunks as one LangChain retriever."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    store: Annotated[ChunkStore, SkipValidation]
    lexical: Annotated[WordIndex, SkipValidation]
    k: int = 6

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        found = []
        for hit in self.search(query, k):
            document = hit.document.model_copy(deep=True)
            document.metadata["score"] = hit.score
            found.append(document)
        return found

    def search(
        self, query: str, k: int | None = None, notes: Collection[str] | None = None
    ) -> list[Hit]:
        """The best `k` chunks (default `self.k`), best first, near-duplicates dropped.

        Args:
            notes: paths of the only notes to search; None searches all.
        """
        k = self.k if k is None else k
        if k < 1 or not len(self.store):
            return []
        among = None if notes is None else self.store.select(notes)
        depth = max(DEPTH, k * 3)
        vector = self.store.embeddings.embed_query(query)
        dense = dict(self.store.nearest(vector, depth, among))
        words = dict(self.lexical.top(query, depth, among))
        weight, mass = lexical_weight(self.lexical, query)
        fused = fuse([(list(dense), 1.0), (list(words), weight)])
        # What only one list has found gets the other's score too.
        unscored = [row for row in dense if row not in words]
        words.update(zip(unscored, self.lexical.scores_of(query, unscored), strict=True))
        unscored = [row for row in words if row not in dense]
        dense.update(zip(unscored, self.store.cosines(vector, unscored), strict=True))
        scores = {
            row: fused[row] + dense[row] + LEXICAL_SHARE * words[row] / (mass or 1.0)
            for row in fused
        }
        order = sorted(scores, key=lambda row: -scores[row])
        step = k + 2  # a few are dropped as duplicates
        hits = (
            Hit(document, scores[row], dense[row], words[row])
            for start in range(0, len(order), step)
            for row, document in self.store.fetch(order[start : start + step]).items()
        )
        return drop_duplicates(hits, k)


def lexical_weight(index: WordIndex, query: str) -> tuple[float, float]:
    """(share of the question's idf mass in words the notes have, in [0, 1]; the whole mass)."""
    asked = set(content_words(query))
    total = sum(index.idf(word) for word in asked)
    known = sum(index.idf(word) for word in asked if index.knows(word))
    return (known / total if total else 0.0), total


def fuse(lists: Sequence[tuple[Sequence[int], float]]) -> dict[int, float]:
    """Weighted reciprocal rank fusion of ranked row numbers: row → sum of weight/(60 + rank)."""
    scores: dict[int, float] = {}
    for rows, weight in lists:
        for rank, row in enumerate(rows, 1):
            scores[row] = scores.get(row, 0.0) + weight / (RRF_K + rank)
    return scores


def drop_duplicates(hits: Iterable[Hit], k: int) -> list[Hit]:
    """The first `k` hits whose text is not nearly the same as that of a better one."""
    kept: list[Hit] = []
    seen: list[set[str]] = []
    for hit in hits:
        grams = shingles(hit.document.page_content)
        if any(nearly_same(grams, other) for other in seen):
            continue
        kept.append(hit)
        seen.append(grams)
        if len(kept) == k:
            break
    return kept


def shingles(text: str, size: int = 4) -> set[str]:
    """Character n-grams of the text without white space."""
    dense = "".join(text.split())
    return {dense[i : i + size] for i in range(max(1, len(dense) - size + 1))}


def nearly_same(one: set[str], other: set[str]) -> bool:
    """Their `overlap` is at least `DUPLICATE`; sets whose sizes rule that out are not compared."""
    small, large = sorted((len(one), len(other)))
    return small >= DUPLICATE * large and overlap(one, other) >= DUPLICATE


def overlap(one: set[str], other: set[str]) -> float:
    """Jaccard similarity of two sets, in [0, 1]."""
    return len(one & other) / len(one | other) if one or other else 1.0
