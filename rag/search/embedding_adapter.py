"""What the bundled embedder's vectors tell of questions on this field, beside their cosine.

A small multilingual model lays a short question beside all that sounds like it. A linear adapter
of both sides, fitted on the questions that the authors of our notes name and the sections that
answer them (`rag/evaluation/fit/fit_embedding_adapter.py`), brings a question nearer to its answer,
on topics that it was not fitted on, too. Vectors of other models are left as they are.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.embedding.shipped_vectors import MODEL

WEIGHTS = Path(__file__).with_name("embedding_adapter.npz")


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingAdapter:
    """Two maps, each of shape `(dimension, dimension)`, for vectors that stand in rows."""

    question: np.ndarray
    passage: np.ndarray

    def cosines(self, question: np.ndarray, passages: np.ndarray) -> np.ndarray:
        """Cosines of a question's vector to those of passages, shape `(n,)`, once both are mapped.

        Args:
            question: shape `(dimension,)`.
            passages: shape `(n, dimension)`.
        """
        asked = question @ self.question
        told = passages @ self.passage
        norms = np.linalg.norm(told, axis=1) * np.linalg.norm(asked)
        found: np.ndarray = told @ asked / np.maximum(norms, 1e-9)
        return found


def adapter_of(embeddings: Embeddings) -> EmbeddingAdapter | None:
    """The adapter of a model's vectors; None for every model but the bundled one."""
    return _fitted() if getattr(embeddings, "model_id", "") == MODEL else None


@lru_cache(maxsize=1)
def _fitted() -> EmbeddingAdapter:
    with np.load(WEIGHTS, allow_pickle=False) as data:
        return EmbeddingAdapter(
            *(data[name].astype(np.float32) for name in ("question", "passage"))
        )
