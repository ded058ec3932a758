"""FAISS as a LangChain `VectorStore`: cosine similarity over L2-normalised vectors, no pickle.

Vectors live in a faiss index of the kind that fits their number (`rag/index_kinds.py`), texts and
metadata in SQLite (`rag/chunk_table.py`); both are addressed by row number. On disk (one folder):
`vectors.faiss`, read memory-mapped, and `chunks.sqlite`.
"""

import shutil
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from rag.chunk_table import ChunkTable
from rag.chunking import embedding_text
from rag.embedding import Vector
from rag.errors import IndexError_
from rag.index_kinds import (
    KindName,
    kind_of,
    make_index,
    outgrown,
    read_index,
    search,
    training_size,
)

VECTORS = "vectors.faiss"
CHUNKS = "chunks.sqlite"
EXACT_UP_TO = 2_000  # rows of a filter that are compared one by one
BLOCK = 16_384


def documents_of(
    texts: Iterable[str], metadatas: list[dict] | None, ids: list[str] | None
) -> tuple[list[Document], list[str | None]]:
    """The arguments of LangChain's `add_texts` as documents and their ids (None: make one).

    Raises:
        ValueError: there are not as many metadatas or ids as texts.
    """
    texts = list(texts)
    for name, given in (("metadatas", metadatas), ("ids", ids)):
        if given is not None and len(given) != len(texts):
            raise ValueError(f"{len(texts)} texts but {len(given)} {name}")
    documents = [
        Document(page_content=text, metadata=dict(metadatas[number]) if metadatas else {})
        for number, text in enumerate(texts)
    ]
    return documents, list(ids) if ids is not None else [None] * len(texts)


class FaissStore(VectorStore):
    """Chunks and their vectors, searched by the index kind that fits their number.

    Scores are cosine similarities in [-1, 1], higher is closer; `hnsw`, `ivf` and `ivfpq` compare
    with vectors rounded to 8 bits a dimension (error about 0.002) and may miss a neighbour.
    """

    def __init__(self, embedding: Embeddings, kind: KindName = "auto") -> None:
        self._embedding = embedding
        self._wanted = kind
        self._table = ChunkTable.create()
        self._index: Any = None  # made at the first vector: only then the dimension is known
        self._live: tuple[Any, int, Any] = (None, 0, None)  # gaps, rows, selector that skips gaps
        self._file: Path | None = None  # where a mapped index can be read for writing

    @property
    def embeddings(self) -> Embeddings:
        return self._embedding

    @property
    def kind(self) -> str:
        """Name of the index kind in use."""
        return "flat" if self._index is None else str(kind_of(self._index).name)

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
        if self._index is None or not len(rows):
            return np.zeros((0, 0), np.float32)
        if limit is not None and len(rows) > limit:
            rows = rows[np.linspace(0, len(rows) - 1, limit).astype(np.int64)]
        return self.vectors_of(rows)

    def vectors_of(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Vectors of some rows, shape `(len(rows), dimension)`."""
        return np.asarray(self._index.reconstruct_batch(np.asarray(rows, np.int64)), np.float32)

    def select(self, notes: Iterable[str]) -> np.ndarray:
        """The rows of some notes: what `nearest` and `LexicalIndex.top` take as `among`."""
        return self._table.rows_of_notes(notes)

    def nearest(
        self, vector: Vector, k: int, among: np.ndarray | None = None
    ) -> list[tuple[int, float]]:
        """The `k` rows closest to a vector with their cosine similarity, best first.

        Args:
            among: the only rows to look at, rising; None means all.
        """
        count = len(self) if among is None else len(among)
        if not count or k < 1:
            return []
        query = self._query(vector)
        if among is not None and count <= max(EXACT_UP_TO, k):
            cosines = self.vectors_of(among) @ query[0]
            best = np.lexsort((among, -cosines))[:k]
            return list(zip(among[best].tolist(), cosines[best].tolist(), strict=True))
        scores, rows = search(self._index, query, min(k, count), self._selector(among))
        real = rows >= 0
        cosines = np.minimum(scores[real], 1.0)
        return list(zip(rows[real].tolist(), cosines.tolist(), strict=True))

    def cosines(self, vector: Vector, rows: Sequence[int]) -> list[float]:
        """Cosine similarity of a vector to some rows, in their order."""
        return (self.vectors_of(rows) @ self._query(vector)[0]).tolist() if len(rows) else []

    def fetch(self, rows: Sequence[int]) -> dict[int, Document]:
        """The chunks of some rows, in that order."""
        return dict(zip(rows, self._table.documents(rows), strict=True))

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Embed and add texts; an id that is already there is replaced. Returns the ids."""
        documents, keys = documents_of(texts, metadatas, ids)
        vectors = self._embedding.embed_documents([embedding_text(item) for item in documents])
        return self.add_vectors(documents, np.asarray(vectors, np.float32), keys)

    def add_vectors(
        self, documents: Sequence[Document], vectors: np.ndarray, ids: Sequence[str | None]
    ) -> list[str]:
        """Add documents whose vectors, shape `(len(documents), dimension)`, are known."""
        if not documents:
            return []
        keys = [key or str(uuid.uuid4()) for key in ids]
        last = {key: place for place, key in enumerate(keys)}  # of equal ids the last one counts
        self.delete(list(last))
        places = sorted(last.values())
        self._table.append((keys[place], documents[place]) for place in places)
        self.index_vectors(vectors if len(places) == len(vectors) else vectors[places])
        return keys

    def index_vectors(self, vectors: np.ndarray) -> None:
        """Index the vectors of the rows that the table has and the index has not.

        Args:
            vectors: shape `(missing rows, dimension)`; may be memory-mapped, is read in blocks.

        Raises:
            IndexError_: they have another dimension than the index.
        """
        known = 0 if self._index is None else int(self._index.ntotal)
        total = known + len(vectors)
        if self._index is not None and vectors.shape[1] != self._index.d:
            raise IndexError_(
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

    def compact(self) -> np.ndarray:
        """Drop the deleted rows and number the rest from 0; for each new row the old one."""
        kept = self._table.compact()
        if self._index is not None and len(kept) < self._index.ntotal:
            vectors = self.vectors_of(kept)
            self._index = None
            if len(kept):
                self.index_vectors(vectors)
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

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        return [item for item, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The `k` closest chunks with their cosine similarity, best first."""
        return self.search_vector(self._embedding.embed_query(query), k)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, **kwargs: Any
    ) -> list[Document]:
        return [item for item, _ in self.search_vector(embedding, k)]

    def search_vector(self, vector: Vector, k: int) -> list[tuple[Document, float]]:
        """The `k` chunks closest to a vector, with cosine similarity, best first."""
        found = self.nearest(vector, k)
        documents = self._table.documents([row for row, _ in found])
        return list(zip(documents, (score for _, score in found), strict=True))

    def _query(self, vector: Vector) -> np.ndarray:
        query = _normalised(np.asarray(vector, np.float32)[None])
        if query.shape[1] != self._index.d:
            raise IndexError_(
                f"The question's vector has {query.shape[1]} dimensions, the index "
                f"{self._index.d}; rebuild it with `rag index`."
            )
        return query

    def _selector(self, among: np.ndarray | None) -> Any:
        """Which rows a search may return; None where all may."""
        gaps = self._table.gaps
        if among is None and not gaps:
            return None
        if among is None and self._live[0] is gaps and self._live[1] == self._table.rows:
            return self._live[2]
        allowed = np.zeros(self._table.rows, bool)
        allowed[self._table.live_rows() if among is None else among] = True
        bits = np.packbits(allowed, bitorder="little")
        selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
        if among is None:
            self._live = (gaps, self._table.rows, selector)
        return selector

    def _own(self) -> None:
        """Read a mapped index into memory, where it can grow."""
        if self._file is not None:
            self._index, self._file = read_index(self._file, mapped=False), None

    def _select_relevance_score_fn(self) -> Any:
        return lambda score: (score + 1) / 2

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        store = cls(embedding, **kwargs)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def save(self, folder: Path) -> None:
        """Write the store into an existing folder without one."""
        self._own()
        index = self._index if self._index is not None else faiss.IndexFlatIP(1)
        faiss.write_index(index, str(folder / VECTORS))
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
            IndexError_: as in `load`.
        """
        shutil.copyfile(earlier / CHUNKS, folder / CHUNKS)
        return cls._read(earlier, embedding, kind, folder / CHUNKS)

    @classmethod
    def load(cls, folder: Path, embedding: Embeddings, kind: KindName = "auto") -> Self:
        """Read what `save` wrote, memory-mapped.

        Raises:
            IndexError_: a file is missing, cut short or does not fit the other.
        """
        return cls._read(folder, embedding, kind, None)

    @classmethod
    def _read(cls, folder: Path, embedding: Embeddings, kind: KindName, copy: Path | None) -> Self:
        store = cls(embedding, kind)
        try:
            store._table = ChunkTable.open(copy or folder / CHUNKS, writable=copy is not None)
            index = read_index(folder / VECTORS, mapped=copy is None)
            if index.ntotal != store._table.rows:
                raise ValueError("vectors and chunks differ in number")
        except (OSError, RuntimeError, ValueError, sqlite3.Error) as error:
            raise IndexError_(
                f"The index in {folder} is damaged; build it again with `rag index`."
            ) from error
        if index.ntotal:
            store._index = index
            store._file = folder / VECTORS if copy is None else None
        return store


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
