"""An index that is open, and what its two sides can do whatever engine is behind them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from rag.embedding.embedder import Vector
from rag.index.authored_keys import AuthoredKeys


class ChunkStore(Protocol):
    """The dense side: rows (numbers or ids, as the store likes) by cosine similarity."""

    @property
    def embeddings(self) -> Embeddings: ...
    def __len__(self) -> int: ...
    def select(self, notes: Collection[str], /) -> Any: ...
    def nearest(self, vector: Vector, k: int, among: Any = None) -> list[tuple[Any, float]]: ...
    def cosines(self, vector: Vector, rows: Sequence[Any]) -> list[float]: ...
    def vectors_of(self, rows: Sequence[Any]) -> np.ndarray: ...  # shape (rows, dimension)
    def fetch(self, rows: Sequence[Any]) -> dict[Any, Document]: ...
    def of_notes(self, notes: Iterable[str]) -> list[Document]: ...
    def rows_of(self, notes: Collection[str]) -> list[Any]: ...
    def vectors(self, limit: int | None = None) -> np.ndarray: ...


class WordIndex(Protocol):
    """The lexical side over the same rows; asked by a question's words (`question_words`)."""

    @property
    def size(self) -> int: ...  # chunks
    def top(self, words: Sequence[str], k: int, among: Any = None) -> list[tuple[Any, float]]: ...
    def scores_of(self, words: Sequence[str], rows: Sequence[Any]) -> list[float]: ...
    def idf(self, word: str) -> float: ...
    def knows(self, word: str) -> bool: ...


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Index:
    """An open index: row n of `lexical` is row n of `store`.

    Attributes:
        generation: changes with every build; unique within the index' folder only.
        notes: path → content hash.
        keys: what the authors of notes say of them.
        so_far: how many notes are in it, of how many, while it is built for the first time.
    """

    store: ChunkStore
    lexical: WordIndex
    generation: str
    notes: dict[str, str]
    keys: AuthoredKeys = field(default_factory=AuthoredKeys)
    so_far: tuple[int, int] | None = None
