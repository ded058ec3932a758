"""FAISS as a LangChain `VectorStore`: cosine similarity over L2-normalised vectors, no pickle.

Vectors live in faiss (`vectors.py`), texts and metadata in SQLite (`chunk_table.py`); both
are addressed by row number. On disk (one folder): `vectors.faiss`, read memory-mapped, and
`chunks.sqlite`.
"""

import shutil
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from rag.embedding.embedder import Vector
from rag.errors import IndexUnusable
from rag.index.chunk_table import ChunkTable
from rag.index.local.faiss_kinds import KindName
from rag.index.local.vectors import Vectors
from rag.index.vector_store import ChunkVectorStore

VECTORS = "vectors.faiss"
CHUNKS = "chunks.sqlite"


class FaissStore(ChunkVectorStore[int]):
    """Chunks and their vectors, searched by the index kind that fits their number.

    Scores are cosine similarities in [-1, 1], higher is closer; `hnsw`, `ivf` and `ivfpq` compare
    with vectors rounded to 8 bits a dimension (error about 0.002) and may miss a neighbour.
    """

    def __init__(self, embedding: Embeddings, kind: KindName = "auto") -> None:
        super().__init__(embedding)
        self._table = ChunkTable.create()
        self._vectors = Vectors(kind)

    @property
    def kind(self) -> str:
        """Name of the index kind in use."""
        return self._vectors.kind

    @property
    def table(self) -> ChunkTable:
        return self._table

    def __len__(self) -> int:
        return len(self._table)

    @property
    def documents(self) -> list[Document]:
        """All chunks in the order of their rows; at scale, ask for the rows you need instead."""
        return [document for block in self._table.scan() for document in block]

    def of_notes(self, notes: Iterable[str]) -> list[Document]:
        """All chunks of some notes (paths), in the order of their rows."""
        return self._table.documents(self._table.rows_of_notes(notes).tolist())

    def vectors(self, limit: int | None = None) -> np.ndarray:
        """All vectors, shape `(len(self), dimension)`, in the order of `documents`.

        Args:
            limit: at most so many, evenly drawn.
        """
        rows = self._table.live_rows()
        if not len(self._vectors) or not len(rows):
            return np.zeros((0, 0), np.float32)
        if limit is not None and len(rows) > limit:
            rows = rows[np.linspace(0, len(rows) - 1, limit).astype(np.int64)]
        return self.vectors_of(rows)

    def vectors_of(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Vectors of some rows, shape `(len(rows), dimension)`."""
        return self._vectors.rows(rows)

    def select(self, notes: Iterable[str]) -> np.ndarray:
        """The rows of some notes: what `nearest` and `LexicalIndex.top` take as `among`."""
        return self._table.rows_of_notes(notes)

    def rows_of(self, notes: Collection[str]) -> list[int]:
        """The rows of some notes' chunks."""
        return [int(row) for row in self.select(notes)]

    def nearest(
        self, vector: Vector, k: int, among: np.ndarray | None = None
    ) -> list[tuple[int, float]]:
        """The `k` rows closest to a vector with their cosine similarity, best first.

        Args:
            among: the only rows to look at, rising; None means all.
        """
        return self._vectors.nearest(vector, k, self._table.gaps, among)

    def cosines(self, vector: Vector, rows: Sequence[int]) -> list[float]:
        """Cosine similarity of a vector to some rows, in their order."""
        return self._vectors.cosines(vector, rows)

    def fetch(self, rows: Sequence[int]) -> dict[int, Document]:
        """The chunks of some rows, in that order."""
        return dict(zip(rows, self._table.documents(rows), strict=True))

    def write(self, ids: Sequence[str], documents: Sequence[Document], vectors: np.ndarray) -> None:
        self._table.append(zip(ids, documents, strict=True))
        self.index_vectors(vectors)

    def index_vectors(self, vectors: np.ndarray) -> None:
        """Index the vectors of the rows that the table has and the index has not.

        Args:
            vectors: shape `(missing rows, dimension)`; may be memory-mapped, is read in blocks.

        Raises:
            IndexUnusable: they have another dimension than the index.
        """
        self._vectors.add(vectors)

    def compact(self) -> np.ndarray:
        """Drop the deleted rows and number the rest from 0; for each new row the old one."""
        kept = self._table.compact()
        self._vectors.retain(kept)
        return kept

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Remove chunks; None removes all. An unknown id is no error."""
        rows = (
            self._table.live_rows().tolist()
            if ids is None
            else list(self._table.rows_of(ids).values())
        )
        if rows:
            self._table.remove(rows)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        rows = self._table.rows_of(ids)
        return self._table.documents([rows[key] for key in ids if key in rows])

    def save(self, folder: Path) -> None:
        """Write the store into an existing folder without one."""
        self._vectors.save(folder / VECTORS)
        self._table.save(folder / CHUNKS)

    @classmethod
    def begin(cls, folder: Path, embedding: Embeddings, kind: KindName = "auto") -> Self:
        """An empty store whose chunks go straight into `folder`; finish with `save(folder)`."""
        store = cls(embedding, kind)
        store._table = ChunkTable.create(folder / CHUNKS)
        return store

    @classmethod
    def revise(
        cls, earlier: Path, folder: Path, embedding: Embeddings, kind: KindName = "auto"
    ) -> Self:
        """The store of the folder `earlier`, copied to `folder` to be changed and saved there.

        Raises:
            IndexUnusable: as in `load`.
        """
        shutil.copyfile(earlier / CHUNKS, folder / CHUNKS)
        return cls._read(earlier, embedding, kind, folder / CHUNKS)

    @classmethod
    def load(cls, folder: Path, embedding: Embeddings, kind: KindName = "auto") -> Self:
        """Read what `save` wrote, memory-mapped.

        Raises:
            IndexUnusable: a file is missing, cut short or does not fit the other.
        """
        return cls._read(folder, embedding, kind, None)

    @classmethod
    def _read(cls, folder: Path, embedding: Embeddings, kind: KindName, copy: Path | None) -> Self:
        store = cls(embedding, kind)
        try:
            store._table = ChunkTable.open(copy or folder / CHUNKS, writable=copy is not None)
            store._vectors = Vectors.read(folder / VECTORS, kind, mapped=copy is None)
            if len(store._vectors) != store._table.rows:
                raise ValueError("vectors and chunks differ in number")
        except (OSError, RuntimeError, ValueError, sqlite3.Error) as error:
            raise IndexUnusable(
                f"The index in {folder} is damaged; build it again with `rag index`."
            ) from error
        return store
