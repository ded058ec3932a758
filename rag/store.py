"""FAISS as a LangChain `VectorStore`: exact inner product over L2-normalised vectors, no pickle.

On disk (one folder): `vectors.faiss` (faiss' own format) and `chunks.jsonl` (one chunk a line,
in the order of the vectors).
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from rag.chunking import embedding_text
from rag.errors import IndexError_

VECTORS = "vectors.faiss"
CHUNKS = "chunks.jsonl"


class FaissStore(VectorStore):
    """Chunks and their vectors in memory, searched exactly.

    Scores are cosine similarities in [-1, 1], higher is closer.
    """

    def __init__(self, embedding: Embeddings) -> None:
        self._embedding = embedding
        self._index: Any = None  # made at the first vector: only then the dimension is known
        self._documents: dict[str, Document] = {}
        self._numbers: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._next = 0

    @property
    def embeddings(self) -> Embeddings:
        return self._embedding

    def __len__(self) -> int:
        return len(self._documents)

    @property
    def documents(self) -> list[Document]:
        """All chunks in the order they were added."""
        return list(self._documents.values())

    def vectors(self) -> np.ndarray:
        """All vectors, shape `(len(self), dimension)`, in the order of `documents`."""
        if self._index is None or not self._documents:
            return np.zeros((0, 0), np.float32)
        return self._vectors_of(list(self._documents))

    def _vectors_of(self, keys: Sequence[str | None]) -> np.ndarray:
        numbers = np.array([self._numbers[key] for key in keys if key is not None], np.int64)
        return np.asarray(self._index.reconstruct_batch(numbers), np.float32)

    def similarities(self, vector: Sequence[float], ids: Sequence[str | None]) -> list[float]:
        """Cosine similarity of a vector to the chunks with these ids, in their order."""
        if not ids:
            return []
        query = np.asarray(vector, np.float32)
        return (self._vectors_of(ids) @ (query / (np.linalg.norm(query) or 1.0))).tolist()

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Embed and add texts; an id that is already there is replaced. Returns the ids."""
        texts = list(texts)
        for name, given in (("metadatas", metadatas), ("ids", ids)):
            if given is not None and len(given) != len(texts):
                raise ValueError(f"{len(texts)} texts but {len(given)} {name}")
        documents = [
            Document(page_content=text, metadata=dict(metadatas[number]) if metadatas else {})
            for number, text in enumerate(texts)
        ]
        keys: list[str | None] = list(ids) if ids is not None else [None] * len(texts)
        vectors = self._embedding.embed_documents([embedding_text(item) for item in documents])
        return self.add_vectors(documents, np.asarray(vectors, np.float32), keys)

    def add_vectors(
        self, documents: Sequence[Document], vectors: np.ndarray, ids: Sequence[str | None]
    ) -> list[str]:
        """Add documents whose vectors, shape `(len(documents), dimension)`, are known."""
        if not documents:
            return []
        keys = [key or str(uuid.uuid4()) for key in ids]
        last = {key: row for row, key in enumerate(keys)}  # of equal ids the last one counts
        self.delete(list(last))
        rows = sorted(last.values())
        matrix = np.ascontiguousarray(vectors[rows], np.float32)
        faiss.normalize_L2(matrix)
        if self._index is None:
            self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(matrix.shape[1]))
        if matrix.shape[1] != self._index.d:
            raise IndexError_(
                f"The embedding model gives {matrix.shape[1]} dimensions, the index has "
                f"{self._index.d}; rebuild it with `rag index`."
            )
        numbers = np.arange(self._next, self._next + len(rows), dtype=np.int64)
        self._next += len(rows)
        self._index.add_with_ids(matrix, numbers)
        for row, number in zip(rows, numbers.tolist(), strict=True):
            key = keys[row]
            document = documents[row]
            self._documents[key] = Document(
                id=key, page_content=document.page_content, metadata=dict(document.metadata)
            )
            self._numbers[key] = number
            self._ids[number] = key
        return keys

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Remove chunks; None removes all. An unknown id is no error."""
        keys = list(self._documents) if ids is None else [k for k in ids if k in self._documents]
        if not keys:
            return True
        numbers = np.array([self._numbers[key] for key in keys], np.int64)
        self._index.remove_ids(numbers)
        for key, number in zip(keys, numbers.tolist(), strict=True):
            del self._documents[key], self._numbers[key], self._ids[number]
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        return [_copy(self._documents[key]) for key in ids if key in self._documents]

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

    def search_vector(self, vector: Sequence[float], k: int) -> list[tuple[Document, float]]:
        """The `k` chunks closest to a vector, with cosine similarity, best first."""
        if not self._documents or k < 1:
            return []
        query = np.asarray([vector], np.float32)
        if query.shape[1] != self._index.d:
            raise IndexError_(
                f"The question's vector has {query.shape[1]} dimensions, the index "
                f"{self._index.d}; rebuild it with `rag index`."
            )
        faiss.normalize_L2(query)
        scores, numbers = self._index.search(query, min(k, len(self._documents)))
        return [
            (_copy(self._documents[self._ids[number]]), float(score))
            for score, number in zip(scores[0].tolist(), numbers[0].tolist(), strict=True)
            if number >= 0
        ]

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
        store = cls(embedding)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def save(self, folder: Path) -> None:
        """Write the store into an existing, empty folder."""
        matrix = self.vectors()
        index = faiss.IndexFlatIP(matrix.shape[1] if len(matrix) else 1)
        if len(matrix):
            index.add(matrix)
        faiss.write_index(index, str(folder / VECTORS))
        with (folder / CHUNKS).open("w", encoding="utf-8", newline="\n") as handle:
            for key, item in self._documents.items():
                row = {"id": key, "text": item.page_content, "metadata": item.metadata}
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, folder: Path, embedding: Embeddings) -> Self:
        """Read what `save` wrote.

        Raises:
            IndexError_: a file is missing, cut short or does not fit the other.
        """
        store = cls(embedding)
        try:
            index = faiss.read_index(str(folder / VECTORS))
            with (folder / CHUNKS).open(encoding="utf-8", newline="\n") as handle:
                rows: list[Mapping[str, Any]] = [json.loads(line) for line in handle]
            if index.ntotal != len(rows):
                raise ValueError("vectors and chunks differ in number")
            matrix = index.reconstruct_n(0, index.ntotal) if rows else np.zeros((0, 1), np.float32)
            documents = [
                Document(page_content=row["text"], metadata=row["metadata"]) for row in rows
            ]
            store.add_vectors(documents, matrix, [row["id"] for row in rows])
        except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            raise IndexError_(
                f"The index in {folder} is damaged; build it again with `rag index`."
            ) from error
        return store


def _copy(document: Document) -> Document:
    return Document(
        id=document.id, page_content=document.page_content, metadata=dict(document.metadata)
    )
