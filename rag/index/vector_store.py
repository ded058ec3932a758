"""What LangChain asks of a vector store, told by the few things in which the engines differ."""

import uuid
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Generic, Self, TypeVar

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from rag.embedding.embedder import Vector
from rag.index.documents import documents_of, embedding_text

Row = TypeVar("Row")


class ChunkVectorStore(VectorStore, Generic[Row]):
    """Chunks and their vectors as a LangChain `VectorStore`, addressed by row (a number or an id).

    Scores are cosine similarities in [-1, 1], higher is closer.
    """

    def __init__(self, embedding: Embeddings) -> None:
        self._embedding = embedding

    @property
    def embeddings(self) -> Embeddings:
        return self._embedding

    @abstractmethod
    def nearest(self, vector: Vector, k: int) -> list[tuple[Row, float]]:
        """The `k` rows closest to a vector with their cosine similarity, best first."""

    @abstractmethod
    def fetch(self, rows: Sequence[Row]) -> dict[Row, Document]:
        """The chunks of some rows, in that order."""

    @abstractmethod
    def write(self, ids: Sequence[str], documents: Sequence[Document], vectors: np.ndarray) -> None:
        """Store documents under ids that are not there yet, each once; vectors in their order."""

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
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
        self.write(
            [keys[place] for place in places],
            [documents[place] for place in places],
            vectors if len(places) == len(vectors) else vectors[places],
        )
        return keys

    def search_vector(self, vector: Vector, k: int) -> list[tuple[Document, float]]:
        """The `k` chunks closest to a vector, with cosine similarity, best first."""
        scores = dict(self.nearest(vector, k))
        return [(item, scores[row]) for row, item in self.fetch(list(scores)).items()]

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

    def _select_relevance_score_fn(self) -> Any:
        return lambda score: (score + 1) / 2

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        store = cls(embedding, **kwargs)
        store.add_texts(texts, metadatas, ids=ids)
        return store
