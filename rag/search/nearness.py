"""How near a question's vector is to sections, by its cosine and by the adapted one."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rag.index.opened import ChunkStore
from rag.search.embedding_adapter import adapter_of

ADAPTED_SHARE = 0.5  # of the adapted cosine in what counts


class Nearness:
    """Of one question, for whatever rows of a store are asked for."""

    def __init__(
        self, store: ChunkStore, vector: np.ndarray, found: Iterable[tuple[Any, float]]
    ) -> None:
        """
        Args:
            vector: the question's unit vector.
            found: rows and their cosines, as `ChunkStore.nearest` gives them.
        """
        self._store = store
        self._vector = vector
        self._adapter = adapter_of(store.embeddings)
        self._plain: dict[Any, float] = dict(found)
        self._adapted: dict[Any, float] = {}
        if self._adapter is not None and self._plain:
            vectors = store.vectors_of(list(self._plain))
            self._adapted.update(zip(self._plain, self._cosines(vectors), strict=True))
        self._first = sorted(self._plain, key=self.__getitem__, reverse=True)

    @property
    def first(self) -> Sequence[Any]:
        """The rows that the store found, the nearest first."""
        return self._first

    def look_up(self, rows: Iterable[Any]) -> None:
        """Have further rows compared."""
        new = [row for row in rows if row not in self._plain]
        if self._adapter is None:
            self._plain.update(zip(new, self._store.cosines(self._vector, new), strict=True))
        elif new:
            vectors = self._store.vectors_of(new)
            self._plain.update(zip(new, (vectors @ self._vector).tolist(), strict=True))
            self._adapted.update(zip(new, self._cosines(vectors), strict=True))

    def plain(self, row: Any) -> float:
        """The cosine."""
        return self._plain[row]

    def adapted(self, row: Any) -> float:
        """The adapted cosine; the plain one where the model has no adapter."""
        return self._adapted[row] if self._adapter else self._plain[row]

    def __getitem__(self, row: Any) -> float:
        """What counts, in [-1, 1]."""
        return (1 - ADAPTED_SHARE) * self.plain(row) + ADAPTED_SHARE * self.adapted(row)

    def _cosines(self, vectors: np.ndarray) -> list[float]:
        assert self._adapter is not None
        found: list[float] = self._adapter.cosines(self._vector, vectors).tolist()
        return found
