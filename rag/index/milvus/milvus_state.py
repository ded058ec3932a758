"""What was sent to Milvus, kept beside it in one SQLite file of the index folder: which note was
indexed with which content, and in how many chunks each word stands (the vocabulary's size, not
the collection's).
"""

import math
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rag.storage.sqlite import open_journalled

STATE = "milvus.sqlite"


class MilvusState:
    """What was sent to Milvus, and the word statistics. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._database = open_journalled(folder / STATE, shared=True)
        self._lock = threading.Lock()
        self._database.executescript(
            "CREATE TABLE IF NOT EXISTS notes (path TEXT PRIMARY KEY, hash TEXT, chunks INTEGER);"
            "CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY, chunks INTEGER) "
            "WITHOUT ROWID;"
            "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT);"
        )

    def notes(self) -> dict[str, str]:
        """Path → content hash."""
        return dict(self._all("SELECT path, hash FROM notes"))

    def fact(self, name: str) -> str | None:
        found = self._all("SELECT value FROM facts WHERE name = ?", name)
        return found[0][0] if found else None

    def set_facts(self, **facts: str) -> None:
        with self._lock, self._database as database:
            database.executemany("REPLACE INTO facts VALUES (?, ?)", facts.items())

    def change(
        self, gone: Iterable[str], new: dict[str, tuple[str, int]], words: Counter[str]
    ) -> None:
        """Forget notes, remember others (path → hash, chunks), and move the word counts."""
        with self._lock, self._database as database:
            database.executemany("DELETE FROM notes WHERE path = ?", ((path,) for path in gone))
            rows = ((path, digest, chunks) for path, (digest, chunks) in new.items())
            database.executemany("REPLACE INTO notes VALUES (?, ?, ?)", rows)
            database.executemany(
                "INSERT INTO words VALUES (?, ?) ON CONFLICT (word) DO UPDATE "
                "SET chunks = chunks + excluded.chunks",
                ((word, count) for word, count in words.items() if count),
            )
            database.execute("DELETE FROM words WHERE chunks <= 0")

    def clear(self) -> None:
        """Forget all notes and words."""
        with self._lock, self._database as database:
            database.execute("DELETE FROM notes")
            database.execute("DELETE FROM words")

    def size(self) -> int:
        """Chunks of all notes."""
        return int(self._all("SELECT coalesce(sum(chunks), 0) FROM notes")[0][0])

    def idf(self, word: str) -> float:
        """As `LexicalIndex.idf`."""
        seen = self._seen(word)
        return math.log(1 + (max(self.size(), seen) - seen + 0.5) / (seen + 0.5))

    def knows(self, word: str) -> bool:
        return self._seen(word) > 0

    def close(self) -> None:
        self._database.close()

    def _seen(self, word: str) -> int:
        found = self._all("SELECT chunks FROM words WHERE word = ?", word)
        return int(found[0][0]) if found else 0

    def _all(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, values).fetchall()
