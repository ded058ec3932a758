"""Milvus as the store: dense vectors and BM25 in the engine, for more than one machine holds.

Over `langchain-milvus` (extra `milvus`); the URI names a file (milvus-lite, in this process) or a
server (`http://host:19530`, a cluster). All note sets share one Milvus collection and are told
apart by its partition key `collection`, so that asking over one or several touches their
partitions only. Two sets may hold the same note, so the key of a row is its partition and its id;
whoever reads one set sees ids, whoever reads several sees keys.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from rag.embedding.embedder import Vector
from rag.index.documents import embedding_text
from rag.index.milvus.milvus_schema import (
    BATCH,
    DENSE,
    ID,
    PARTITION,
    WORDS,
    Explained,
    connect,
    decoded_word,
    encoded_words,
    listed,
    parts,
)
from rag.index.vector_store import ChunkVectorStore
from rag.text.compounds import passage_words

MILVUS_COLLECTION = "notes"
_OURS = re.compile(rf"{MILVUS_COLLECTION}(?:_\d+)?")
_SEPARATOR = "//"  # between partition and id; in no folder's name, and needs no escape


def collection_for(dimension: int | None) -> str:
    """The Milvus collection of a model: one holds vectors of one dimension only."""
    return MILVUS_COLLECTION if dimension is None else f"{MILVUS_COLLECTION}_{dimension}"


class MilvusStore(ChunkVectorStore[str]):
    """Chunks in Milvus; rows are ids. Scores are cosine similarities in [-1, 1].

    Args:
        uri: a milvus-lite file or a server's address.
        partition: the note set that is written.
        reads: the note sets that are searched; default the one that is written.
        name: of the Milvus collection; all its vectors must come from one model.

    Raises:
        UsageError: the extra `milvus` is not installed.
        IndexUnusable: the server cannot be reached.
    """

    def __init__(
        self,
        embedding: Embeddings,
        uri: str,
        partition: str = "notes",
        reads: Sequence[str] = (),
        name: str = MILVUS_COLLECTION,
        token: str = "",
    ) -> None:
        super().__init__(embedding)
        self._partition = partition
        self._reads = tuple(reads) or (partition,)
        self._name = name
        engine = connect(embedding, uri, name, token)
        self._milvus: Any = Explained(engine, uri)
        self._client: Any = Explained(engine.client, uri)

    def __len__(self) -> int:
        if not self._there():
            return 0
        found = self._client.query(self._name, filter=self._mine(), output_fields=["count(*)"])
        return int(found[0]["count(*)"])

    def select(self, notes: Collection[str]) -> str:
        """The filter for some notes: what `nearest` and `MilvusWords.top` take as `among`."""
        return f"note in {listed(notes)}"

    def nearest(self, vector: Vector, k: int, among: str | None = None) -> list[tuple[str, float]]:
        """The `k` ids closest to a vector with their cosine similarity, best first."""
        return self.ranked(DENSE, np.asarray(vector, np.float32).tolist(), k, among)

    def ranked(
        self, field: str, query: Any, k: int, among: str | None = None
    ) -> list[tuple[str, float]]:
        """Ids by one of the engine's two indexes, best first."""
        if k < 1 or not self._there():
            return []
        found = self._client.search(
            self._name, data=[query], anns_field=field, limit=k, filter=self._mine(among),
            search_params={"metric_type": "COSINE" if field == DENSE else "BM25"},
        )  # fmt: skip
        return [(self._shown(hit[ID]), float(hit["distance"])) for hit in found[0]]

    def cosines(self, vector: Vector, rows: Sequence[str]) -> list[float]:
        """Cosine similarity of a vector to some ids, in their order."""
        if not rows:
            return []
        keys = [self.key(row) for row in rows]
        known = dict(self.nearest(vector, len(rows), f"{ID} in {listed(keys)}"))
        return [known.get(row, 0.0) for row in rows]

    def vectors_of(self, rows: Sequence[str]) -> np.ndarray:
        """Vectors of some ids, shape `(len(rows), dimension)`; zeros for one that is gone."""
        found: dict[str, np.ndarray] = {}
        for part in parts(rows):
            keys = f"{ID} in {listed(self.key(row) for row in part)}"
            for item in self._rows([DENSE], keys):
                found[self._shown(item[ID])] = np.asarray(item[DENSE], np.float32)
        gone = np.zeros_like(next(iter(found.values()), np.zeros(1, np.float32)))
        return np.stack([found.get(row, gone) for row in rows]) if rows else np.zeros((0, 0))

    def fetch(self, rows: Sequence[str]) -> dict[str, Document]:
        """The chunks of some ids, in that order; unknown ones are left out."""
        found: dict[str, Document] = {}
        for part in parts(rows) if self._there() else ():
            keys = f"{ID} in {listed(self.key(row) for row in part)}"
            for item in self._rows(["text", "meta"], keys):
                found[self._shown(item[ID])] = self._document(item)
        return {row: found[row] for row in rows if row in found}

    def of_notes(self, notes: Iterable[str]) -> list[Document]:
        """All chunks of some notes, in the order of their place in the note."""
        found = [
            self._document(item) for item in self._rows(["text", "meta"], self.select(set(notes)))
        ]
        return sorted(
            found, key=lambda item: (item.metadata.get("note", ""), item.metadata.get("start", 0))
        )

    def rows_of(self, notes: Collection[str]) -> list[str]:
        """The ids of some notes' chunks."""
        return [self._shown(item[ID]) for item in self._rows([], self.select(notes))]

    @property
    def documents(self) -> list[Document]:
        """All chunks; at scale, ask for those you need instead."""
        return [self._document(item) for item in self._rows(["text", "meta"])]

    def vectors(self, limit: int | None = None) -> np.ndarray:
        """Vectors, shape `(n, dimension)`; at most `limit`."""
        found = [item[DENSE] for item in self._rows([DENSE], limit=limit)]
        return np.asarray(found, np.float32) if found else np.zeros((0, 0), np.float32)

    def words_of_notes(self, notes: Collection[str]) -> list[list[str]]:
        """The words of each chunk of some notes, as they were indexed."""
        found = self._rows([WORDS], self.select(notes))
        return [[decoded_word(word) for word in item[WORDS].split()] for item in found]

    def write(self, ids: Sequence[str], documents: Sequence[Document], vectors: np.ndarray) -> None:
        self._milvus.add_embeddings(
            [encoded_words(passage_words(embedding_text(document))) for document in documents],
            [vector.tolist() for vector in vectors],
            [self._fields(document) for document in documents],
            batch_size=BATCH,
            ids=[self._own(key) for key in ids],
        )

    def _fields(self, document: Document) -> dict[str, Any]:
        note = document.metadata.get("note")
        return {
            "text": document.page_content,
            "meta": json.dumps(document.metadata, ensure_ascii=False),
            "note": note if isinstance(note, str) else "",
            PARTITION: self._partition,
        }

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Remove chunks of the own note set; None removes all. An unknown id is no error."""
        if not self._there():
            return True
        if ids is None:
            self._client.delete(self._name, filter=self._written())
        for part in parts(ids or []):
            own = f"{ID} in {listed(self._own(row) for row in part)}"
            self._client.delete(self._name, filter=f"{self._written()} and {own}")
        return True

    def delete_everywhere(self) -> None:
        """Remove the own note set, also as another model of another dimension left it."""
        for name in self._client.list_collections():
            if _OURS.fullmatch(name):
                self._client.delete(name, filter=self._written())

    def delete_notes(self, notes: Collection[str]) -> None:
        """Remove all chunks of some notes."""
        for part in parts(sorted(notes)) if self._there() else ():
            self._client.delete(self._name, filter=f"{self._written()} and {self.select(part)}")

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        return list(self.fetch(ids).values())

    def close(self) -> None:
        """Give the connection back; a milvus-lite file is then free for another process."""
        self._client.close()

    def _there(self) -> bool:
        return bool(self._client.has_collection(self._name))

    def _own(self, row: str) -> str:
        """The key of an id in the note set that is written."""
        return f"{self._partition}{_SEPARATOR}{row}"

    def key(self, row: str) -> str:
        """The key of an id as it is shown here."""
        return row if len(self._reads) > 1 else f"{self._reads[0]}{_SEPARATOR}{row}"

    def _shown(self, key: Any) -> str:
        return str(key) if len(self._reads) > 1 else str(key).split(_SEPARATOR, 1)[-1]

    def _written(self) -> str:
        return f"{PARTITION} == {json.dumps(self._partition, ensure_ascii=False)}"

    def _mine(self, among: str | None = None) -> str:
        own = f"{PARTITION} in {listed(self._reads)}"
        return own if among is None else f"{own} and {among}"

    def _rows(
        self, fields: list[str], among: str | None = None, limit: int | None = None
    ) -> Iterator[dict[str, Any]]:
        if not self._there():
            return
        pages = self._client.query_iterator(
            self._name, filter=self._mine(among), output_fields=[ID, *fields], batch_size=BATCH,
            **({} if limit is None else {"limit": limit}),
        )  # fmt: skip
        try:
            while page := pages.next():
                yield from page
        finally:
            pages.close()

    def _document(self, item: dict[str, Any]) -> Document:
        return Document(
            id=self._shown(item[ID]), page_content=item["text"], metadata=json.loads(item["meta"])
        )
