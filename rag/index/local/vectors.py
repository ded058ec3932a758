"""Vectors by row number in one faiss index, which changes its kind as their number grows.

Vectors are L2-normalised, so inner products are cosines. A file is read memory-mapped, and into
memory only when it is to grow. Which kind of index for how many: `faiss_kinds.py`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self, cast

import faiss
import numpy as np

from rag.embedding.embedder import Vector
from rag.errors import IndexUnusable
from rag.index.local.faiss_kinds import (
    KindName,
    kind_of,
    make_index,
    outgrown,
    read_index,
    search,
    training_size,
)

EXACT_UP_TO = 2_000  # rows of a filter that are compared one by one
BLOCK = 16_384


class Vectors:
    """Rows 0, 1, 2, … in the order in which they were added; only `retain` removes any."""

    def __init__(self, kind: KindName = "auto") -> None:
        self._wanted = kind
        self._index: Any = None  # made at the first vector: only then the dimension is known
        self._live: tuple[Any, int, Any] = (None, 0, None)  # gaps, rows, selector that skips gaps
        self._file: Path | None = None  # where a mapped index can be read for writing

    @property
    def kind(self) -> str:
        """Name of the index kind in use."""
        return "flat" if self._index is None else str(kind_of(self._index).name)

    def __len__(self) -> int:
        return 0 if self._index is None else int(self._index.ntotal)

    def rows(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Vectors of some rows, shape `(len(rows), dimension)`."""
        return np.asarray(self._index.reconstruct_batch(np.asarray(rows, np.int64)), np.float32)

    def nearest(
        self, vector: Vector, k: int, gaps: frozenset[int], among: np.ndarray | None = None
    ) -> list[tuple[int, float]]:
        """The `k` rows closest to a vector with their cosine similarity, best first.

        Args:
            gaps: rows that do not count.
            among: the only rows to look at, rising; None means all but the gaps.
        """
        count = len(self) - len(gaps) if among is None else len(among)
        if count < 1 or k < 1:
            return []
        query = self._query(vector)
        if among is not None and count <= max(EXACT_UP_TO, k):
            cosines = self.rows(among) @ query[0]
            best = np.lexsort((among, -cosines))[:k]
            return list(zip(among[best].tolist(), cosines[best].tolist(), strict=True))
        scores, rows = search(self._index, query, min(k, count), self._selector(gaps, among))
        real = rows >= 0
        cosines = np.minimum(scores[real], 1.0)
        return list(zip(rows[real].tolist(), cosines.tolist(), strict=True))

    def cosines(self, vector: Vector, rows: Sequence[int]) -> list[float]:
        """Cosine similarity of a vector to some rows, in their order."""
        return (self.rows(rows) @ self._query(vector)[0]).tolist() if len(rows) else []

    def add(self, vectors: np.ndarray) -> None:
        """Put vectors behind the last row.

        Args:
            vectors: shape `(n, dimension)`; may be memory-mapped, is read in blocks.

        Raises:
            IndexUnusable: they have another dimension than those here.
        """
        known = len(self)
        total = known + len(vectors)
        if self._index is not None and vectors.shape[1] != self._index.d:
            raise IndexUnusable(
                f"The embedding model gives {vectors.shape[1]} dimensions, the index has "
                f"{self._index.d}; rebuild it with `rag index`."
            )
        self._own()
        if self._index is None or outgrown(self._index, total, self._wanted):
            earlier, self._index = self._index, None
            sample = _sample(earlier, vectors, training_size(total))
            index = make_index(sample, total, self._wanted)
            for start in range(0, known, BLOCK):
                index.add(earlier.reconstruct_n(start, min(BLOCK, known - start)))
            self._index = index
        for start in range(0, len(vectors), BLOCK):
            self._index.add(_normalised(vectors[start : start + BLOCK]))
        if isinstance(self._index, faiss.IndexIVF):
            self._index.make_direct_map()

    def retain(self, rows: np.ndarray) -> None:
        """Drop all rows but these (rising) and number them from 0."""
        if len(rows) < len(self):
            vectors = self.rows(rows)
            self._index = None
            if len(rows):
                self.add(vectors)

    def save(self, path: Path) -> None:
        self._own()
        index = self._index if self._index is not None else faiss.IndexFlatIP(1)
        faiss.write_index(index, str(path))

    @classmethod
    def read(cls, path: Path, kind: KindName, mapped: bool) -> Self:
        """What `save` wrote.

        Raises:
            RuntimeError: missing or damaged.
        """
        made = cls(kind)
        index = read_index(path, mapped)
        if index.ntotal:
            made._index = index
            made._file = path if mapped else None
        return made

    def _query(self, vector: Vector) -> np.ndarray:
        query = _normalised(np.asarray(vector, np.float32)[None])
        if query.shape[1] != self._index.d:
            raise IndexUnusable(
                f"The question's vector has {query.shape[1]} dimensions, the index "
                f"{self._index.d}; rebuild it with `rag index`."
            )
        return query

    def _selector(self, gaps: frozenset[int], among: np.ndarray | None) -> Any:
        """Which rows a search may return; None where all may."""
        if among is None and not gaps:
            return None
        if among is None and self._live[0] is gaps and self._live[1] == len(self):
            return self._live[2]
        allowed = np.full(len(self), among is None)
        if among is None:
            allowed[list(gaps)] = False
        else:
            allowed[among] = True
        bits = np.packbits(allowed, bitorder="little")
        selector = cast("Any", faiss).IDSelectorBitmap(bits)  # its stubs lack the Python wrapper
        if among is None:
            self._live = (gaps, len(self), selector)
        return selector

    def _own(self) -> None:
        """Read a mapped index into memory, where it can grow."""
        if self._file is not None:
            self._index, self._file = read_index(self._file, mapped=False), None


def _normalised(vectors: np.ndarray) -> np.ndarray:
    matrix = np.array(vectors, np.float32, order="C")
    faiss.normalize_L2(matrix)
    return matrix


def _sample(earlier: Any, vectors: np.ndarray, size: int) -> np.ndarray:
    """`size` normalised vectors to train on, evenly drawn from those there and those that come."""
    known = 0 if earlier is None else int(earlier.ntotal)
    places = np.linspace(0, known + len(vectors) - 1, size).astype(np.int64)
    parts: Iterator[np.ndarray] = (
        part
        for part in (
            earlier.reconstruct_batch(places[places < known]) if known else None,
            _normalised(vectors[places[places >= known] - known]),
        )
        if part is not None
    )
    return np.concatenate(list(parts))
