"""Several indexes searched as if they were one, without building anything.

Cosines of one embedding model are comparable as they are. BM25 is not: how much a word tells
depends on how many passages hold it, so words are counted over all parts together. (Each part
keeps its own mean passage length, which BM25 divides by; chunks are about equally long.)
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from rag.embedding.embedder import Vector
from rag.index.authored_keys import joined_keys
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.index.opened import Index
from rag.notes.note_key import note_key, split_note_key

Row = tuple[int, int]  # number of the part, row in that part


class JoinedStore:
    """The chunks of several stores as a `ChunkStore`; each tells its `collection`."""

    def __init__(self, parts: Mapping[str, FaissStore]) -> None:
        self._names = list(parts)
        self._parts = list(parts.values())

    @property
    def embeddings(self) -> Embeddings:
        return self._parts[0].embeddings

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def vectors(self, limit: int | None = None) -> np.ndarray:
        """All vectors, part after part, or about `limit` of them, evenly drawn."""
        size = len(self)
        found = [
            part.vectors(None if limit is None else max(1, limit * len(part) // size))
            for part in self._parts
            if len(part)
        ]
        return np.concatenate(found) if found else np.zeros((0, 0), np.float32)

    def of_notes(self, notes: Iterable[str]) -> list[Document]:
        """All chunks of some notes, named as in the `notes` of the joined index."""
        paths = self._by_collection(notes)
        return [
            _told(name, item)
            for name, part in zip(self._names, self._parts, strict=True)
            for item in part.of_notes(paths[name])
        ]

    def rows_of(self, notes: Collection[str]) -> list[Row]:
        """The rows of some notes' chunks, named as in `of_notes`."""
        paths = self._by_collection(notes)
        return [
            (number, row)
            for number, (name, part) in enumerate(zip(self._names, self._parts, strict=True))
            for row in part.rows_of(paths[name])
        ]

    def _by_collection(self, notes: Iterable[str]) -> dict[str, list[str]]:
        paths: dict[str, list[str]] = {name: [] for name in self._names}
        for collection, path in map(split_note_key, notes):
            paths.setdefault(collection, []).append(path)
        return paths

    def select(self, notes: Collection[str]) -> list[np.ndarray]:
        """The rows of some notes by part; a path without its collection is that of any."""
        paths = self._by_collection(notes)
        anywhere = paths.get("", [])
        return [
            part.select([*paths[name], *anywhere])
            for name, part in zip(self._names, self._parts, strict=True)
        ]

    def nearest(
        self, vector: Vector, k: int, among: list[np.ndarray] | None = None
    ) -> list[tuple[Row, float]]:
        found = [
            ((number, row), score)
            for number, part in enumerate(self._parts)
            for row, score in part.nearest(vector, k, among[number] if among else None)
        ]
        return sorted(found, key=lambda item: -item[1])[:k]

    def cosines(self, vector: Vector, rows: Sequence[Row]) -> list[float]:
        return _by_part(rows, lambda number, own: self._parts[number].cosines(vector, own))

    def vectors_of(self, rows: Sequence[Row]) -> np.ndarray:
        """Vectors of some rows, shape `(len(rows), dimension)`."""
        found = _by_part(rows, lambda number, own: self._parts[number].vectors_of(own))
        return np.stack(found) if found else np.zeros((0, 0), np.float32)

    def fetch(self, rows: Sequence[Row]) -> dict[Row, Document]:
        """The chunks of some rows, in that order."""
        found: dict[Row, Document] = {}
        for number, (name, part) in enumerate(zip(self._names, self._parts, strict=True)):
            own = [row for owner, row in rows if owner == number]
            for row, item in part.fetch(own).items():
                found[number, row] = _told(name, item)
        return {row: found[row] for row in rows if row in found}


class JoinedWords:
    """BM25 over several indexes as a `WordIndex`, words counted over all of them."""

    def __init__(self, parts: Sequence[LexicalIndex]) -> None:
        self._parts = list(parts)
        self.size = sum(part.size for part in parts)

    def idf(self, word: str) -> float:
        """How much a word tells; see `LexicalIndex.idf`."""
        seen = sum(part.frequency(word) for part in self._parts)
        return math.log(1 + (self.size - seen + 0.5) / (seen + 0.5))

    def knows(self, word: str) -> bool:
        return any(part.knows(word) for part in self._parts)

    def top(
        self, words: Sequence[str], k: int, among: list[np.ndarray] | None = None
    ) -> list[tuple[Row, float]]:
        """The best rows of each part by its own weights, weighed anew, the `k` best of them."""
        rows = [
            (number, row)
            for number, part in enumerate(self._parts)
            for row, _ in part.top(words, k, among[number] if among else None)
        ]
        found = zip(rows, self.scores_of(words, rows), strict=True)
        return sorted(found, key=lambda item: -item[1])[:k]

    def scores_of(self, words: Sequence[str], rows: Sequence[Row]) -> list[float]:
        asked = [(word, times, self.idf(word)) for word, times in Counter(words).items()]

        def score(number: int, own: list[int]) -> list[float]:
            part = self._parts[number]
            total = np.zeros(len(own), np.float32)
            for word, times, weight in asked:
                if part.knows(word):
                    share = np.float32(times * weight / part.idf(word))
                    total += share * part.word_scores_of(word, own)
            return total.tolist()

        return _by_part(rows, score)


def join(parts: Mapping[str, Index]) -> Index:
    """One index over named ones, which stay as they are.

    Its `notes` are keyed by collection and path (`note_key`), since paths may be equal.
    """
    stores: dict[str, FaissStore] = {}
    words: list[LexicalIndex] = []
    for name, part in parts.items():
        assert isinstance(part.store, FaissStore) and isinstance(part.lexical, LexicalIndex)
        stores[name] = part.store
        words.append(part.lexical)
    return Index(
        store=JoinedStore(stores),
        lexical=JoinedWords(words),
        generation="+".join(part.generation for part in parts.values()),
        notes={
            note_key(name, path): digest
            for name, part in parts.items()
            for path, digest in part.notes.items()
        },
        keys=joined_keys({name: part.keys for name, part in parts.items()}),
        so_far=_so_far(parts.values()),
    )


def _so_far(parts: Collection[Index]) -> tuple[int, int] | None:
    """Of all parts together, where one still grows."""
    if all(part.so_far is None for part in parts):
        return None
    told = [part.so_far or (len(part.notes), len(part.notes)) for part in parts]
    return sum(read for read, _ in told), sum(expected for _, expected in told)


def _told(collection: str, item: Document) -> Document:
    """A part's chunk that tells its collection."""
    return Document(
        id=f"{collection}/{item.id}",
        page_content=item.page_content,
        metadata={**item.metadata, "collection": collection},
    )


def _by_part(rows: Sequence[Row], ask: Any) -> list[Any]:
    """`ask(part number, its rows)` for every part, the results in the order of `rows`."""
    places: dict[int, list[int]] = {}
    for place, (number, _) in enumerate(rows):
        places.setdefault(number, []).append(place)
    found: list[Any] = [None] * len(rows)
    for number, own in places.items():
        results = ask(number, [rows[place][1] for place in own])
        for place, result in zip(own, results, strict=True):
            found[place] = result
    return found
