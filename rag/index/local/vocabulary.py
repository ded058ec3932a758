"""The vocabulary of a word index: word → column, in SQLite once it is saved."""

import threading
from collections.abc import Iterable
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from rag.storage.sqlite import open_immutable, open_scratch


class Vocabulary(Protocol):
    """Word → column."""

    def get(self, word: str, default: None = None, /) -> int | None: ...
    def items(self) -> Iterable[tuple[str, int]]: ...


def save_words(words: Vocabulary, path: Path) -> None:
    """Write a vocabulary into a new file."""
    with closing(open_scratch(path)) as database, database:
        database.execute("CREATE TABLE words (word TEXT PRIMARY KEY, column INTEGER) "
                         "WITHOUT ROWID")  # fmt: skip
        database.executemany("INSERT INTO words VALUES (?, ?)", sorted(words.items()))


class StoredWords:
    """A saved vocabulary, looked up in SQLite; lookups are remembered.

    Raises:
        sqlite3.Error: the file is missing or no such vocabulary.
    """

    def __init__(self, path: Path) -> None:
        self._database = open_immutable(path)
        self._lock = threading.Lock()
        self._find = lru_cache(maxsize=20_000)(self._look_up)
        self._look_up("")  # a missing or foreign file shows now

    def get(self, word: str, default: None = None, /) -> int | None:
        return self._find(word)

    def items(self) -> Iterable[tuple[str, int]]:
        with self._lock:
            return self._database.execute("SELECT word, column FROM words").fetchall()

    def _look_up(self, word: str) -> int | None:
        with self._lock:
            found = self._database.execute(
                "SELECT column FROM words WHERE word = ?", (word,)
            ).fetchone()
        return None if found is None else int(found[0])
