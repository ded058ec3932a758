"""Hybrid retrieval: dense and BM25 lists fused by reciprocal rank, weighted by what they know.

Reciprocal rank fusion: Cormack et al. 2009. The lexical list's weight is the share of the
question's word weight (idf) that the notes know at all, so that a question in another language
than the notes leaves the dense order alone. Ranks tie often; the scores themselves (a convex
combination, Bruch et al. 2023, "An Analysis of Fusion Functions for Hybrid Retrieval") decide.
The constants were chosen on XQuAD; see `rag eval retrieval`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, PrivateAttr

from rag.language import content_words
from rag.lexical import LexicalIndex
from rag.store import FaissStore

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
        return data if meta.get("page") is None else {**data, "page": meta["page"]}


class HybridRetriever(BaseRetriever):
    """FAISS and BM25 over the same chunks as one LangChain retriever."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    store: FaissStore
    lexical: LexicalIndex
    k: int = 6
    _documents: list[Document] = PrivateAttr()
    _rows: dict[str | None, int] = PrivateAttr()

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
        depth = max(DEPTH, k * 3)
        vector = self.store.embeddings.embed_query(query)
        lexical = self.lexical.scores(query)
        by_words = [int(row) for row in np.argsort(-lexical, kind="stable")[:depth]]
        by_words = [row for row in by_words if lexical[row] > 0]
        by_meaning = [
            self._rows[document.id] for document, _ in self.store.search_vector(vector, depth)
        ]
        candidates = list(dict.fromkeys([*by_meaning, *by_words]))
        if notes is not None:
            candidates = [
                row
                for row, document in enumerate(self._documents)
                if document.metadata.get("note") in notes
            ]
        cosines = self.store.similarities(vector, [self._documents[row].id for row in candidates])
        dense = dict(zip(candidates, cosines, strict=True))
        weight, mass = lexical_weight(self.lexical, query)
        fused = fuse([(by_meaning, 1.0), (by_words, weight)])
        hits = [
            Hit(
                self._documents[row],
                fused.get(row, 0.0)
                + dense[row]
                + LEXICAL_SHARE * float(lexical[row]) / (mass or 1.0),
                dense[row],
                float(lexical[row]),
            )
            for row in candidates
        ]
        hits.sort(key=lambda hit: -hit.score)
        return drop_duplicates(hits, k)

    def model_post_init(self, context: Any, /) -> None:
        """Fix the order of the rows: BM25's row n is the store's n-th document."""
        self._documents = self.store.documents
        self._rows = {document.id: row for row, document in enumerate(self._documents)}


def lexical_weight(index: LexicalIndex, query: str) -> tuple[float, float]:
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
        if any(overlap(grams, other) >= DUPLICATE for other in seen):
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


def overlap(one: set[str], other: set[str]) -> float:
    """Jaccard similarity of two sets, in [0, 1]."""
    return len(one & other) / len(one | other) if one or other else 1.0
