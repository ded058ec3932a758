"""How near a question is to just any text of its field."""

from collections.abc import Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from rag.embedding.embedder import Embedder
from rag.embedding.vector_cache import embed_cached
from rag.index.opened import Index

REFERENCE = Path(__file__).with_name("reference_texts.txt")
SAMPLE = 50_000  # vectors that stand for all of a larger index

# Of `reference_texts` by embedder; and the backgrounds of the indexes in memory.
REFERENCE_VECTORS: WeakKeyDictionary[Embedder, np.ndarray] = WeakKeyDictionary()
_BACKGROUNDS: WeakKeyDictionary[Index, "Background"] = WeakKeyDictionary()


class Background:
    """Mean and spread of a question's cosine to all chunks, from two moments of the vectors.

    A corpus of a few notes says little about its field: nearly every chunk is near every question
    on it. The vectors of `reference_texts` are therefore counted in; they matter as long as the
    corpus is not much larger than they are many.

    Args:
        vectors: of all chunks, shape `(n, dimension)`.
        reference: of the reference texts, shape `(m, dimension)`.
    """

    def __init__(self, vectors: np.ndarray, reference: np.ndarray) -> None:
        parts = [part for part in (vectors, reference) if len(part)]
        count = sum(len(part) for part in parts)
        self._mean = sum(part.sum(axis=0) for part in parts) / count
        self._covariance = sum(centred.T @ centred for centred in (p - self._mean for p in parts))
        self._covariance = self._covariance / count

    def standardise(self, query: np.ndarray, cosines: Sequence[float]) -> np.ndarray:
        """Cosines of `query` in standard deviations above its mean over all chunks."""
        spread = float(np.sqrt(max(query @ self._covariance @ query, 1e-8)))
        return (np.asarray(cosines) - float(self._mean @ query)) / spread


def reference_texts() -> list[str]:
    """Statements on language models in both languages: what any question of the field is near."""
    return REFERENCE.read_text(encoding="utf-8").splitlines()


def reference_vectors(embedder: Embedder, cache: Path) -> np.ndarray:
    """The vectors of the reference texts, shape `(m, dimension)`; embedded once.

    Raises:
        ModelError: the embedding model fails.
    """
    reference = REFERENCE_VECTORS.get(embedder)
    if reference is None:
        reference, _ = embed_cached(reference_texts(), embedder, cache, optional=True)
        REFERENCE_VECTORS[embedder] = reference
    return reference


def background_of(index: Index, embedder: Embedder, cache: Path) -> Background:
    """The background of an index, computed once for as long as the index is in memory."""
    found = _BACKGROUNDS.get(index)
    if found is None:
        found = Background(index.store.vectors(SAMPLE), reference_vectors(embedder, cache))
        _BACKGROUNDS[index] = found
    return found
