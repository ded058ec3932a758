"""The chunk table: texts and metadata by row number in SQLite, so that none of it fills memory.

Row n belongs to vector n and to row n of the lexical index. A deleted chunk leaves a gap: no row
is ever renumbered but by `compact`. On disk a generation's table is opened read-only and
immutable; the first write to such a table moves it into memory.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
from langchain_core.documents import Document

from rag.storage.sqlite import open_immutable, open_scratch

_SCHEMA = """
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, note TEXT, metadata TEXT NOT NULL,
    text TEXT NOT NULL);
CREATE INDEX chunks_note ON chunks (note);
CREATE TABLE gaps (row INTEGER PRIMARY KEY);
"""
_MARKS = 500  # host parameters in one statement


class ChunkTable:
    """Chunks by row. One connection behind a lock: safe to share between threads."""

    def __init__(self, connection: sqlite3.Connection, read_only: bool = False) -> None:
        self._connection = connection
        self._read_only = read_only
        self._lock = threading.RLock()
        self.gaps = frozenset(row for (row,) in self._all("SELECT row FROM gaps"))
        last = self._all("SELECT max(row) FROM (SELECT max(row) AS row FROM chunks UNION ALL "
                         "SELECT max(row) FROM gaps)")[0][0]  # fmt: skip
        self.rows = 0 if last is None else int(last) + 1  # gaps included

    @classmethod
    def create(cls, path: Path | None = None) -> Self:
        """An empty table, in memory or in a new file (whose durability is the caller's)."""
        connection = open_scratch(path)
        connection.executescript(_SCHEMA)
        return cls(connection)

    @classmethod
    def open(cls, path: Path, writable: bool = False) -> Self:
        """A table on disk.

        Raises:
            sqlite3.Error: missing or damaged.
        """
        connection = open_scratch(path, must_exist=True) if writable else open_immutable(path)
        return cls(connection, read_only=not writable)

    def __len__(self) -> int:
        return self.rows - len(self.gaps)

    def append(self, items: Iterable[tuple[str, Document]]) -> range:
        """Add chunks (id, document) behind the last row; their rows.

        Raises:
            sqlite3.IntegrityError: an id is there already.
        """
        first = self.rows
        with self._lock:
            self._own()
            records = (
                (row, key, _note(item.metadata), _dumps(item.metadata), item.page_content)
                for row, (key, item) in enumerate(items, first)
            )
            with self._connection:
                while block := list(islice(records, 10_000)):
                    self._connection.executemany("INSERT INTO chunks VALUES (?,?,?,?,?)", block)
                    self.rows = block[-1][0] + 1
        return range(first, self.rows)

    def remove(self, rows: Sequence[int]) -> None:
        """Delete rows; each leaves a gap."""
        with self._lock:
            self._own()
            pairs = [(row,) for row in rows]
            with self._connection:
                self._connection.executemany("DELETE FROM chunks WHERE row = ?", pairs)
                self._connection.executemany("INSERT OR IGNORE INTO gaps VALUES (?)", pairs)
        self.gaps |= frozenset(rows)

    def compact(self) -> np.ndarray:
        """Close the gaps; for each new row the old one, rising."""
        kept = self.live_rows()
        with self._lock:
            self._own()
            with self._connection:  # rising, so no number is taken before it is free
                self._connection.executemany(
                    "UPDATE chunks SET row = ? WHERE row = ?",
                    ((new, old) for new, old in enumerate(kept.tolist()) if new != old),
                )
                self._connection.execute("DELETE FROM gaps")
        self.gaps, self.rows = frozenset(), len(kept)
        return kept

    def live_rows(self) -> np.ndarray:
        """All rows that hold a chunk, rising, int64."""
        live = np.ones(self.rows, bool)
        live[list(self.gaps)] = False
        return np.flatnonzero(live)

    def rows_of(self, ids: Sequence[str]) -> dict[str, int]:
        """The rows of those ids that are here."""
        return dict(self._many("SELECT id, row FROM chunks WHERE id IN ({})", ids))

    def rows_of_notes(self, notes: Iterable[str]) -> np.ndarray:
        """The rows of all chunks of some notes, rising, int64."""
        found = self._many("SELECT row FROM chunks WHERE note IN ({})", sorted(set(notes)))
        return np.sort(np.fromiter((row for (row,) in found), np.int64))

    def notes(self) -> set[str]:
        """Paths of the notes that have chunks."""
        return {note for (note,) in self._all("SELECT DISTINCT note FROM chunks") if note}

    def documents(self, rows: Sequence[int]) -> list[Document]:
        """The chunks of some rows, in that order; gaps are left out."""
        found = {
            row: (key, text, metadata)
            for row, key, text, metadata in self._many(
                "SELECT row, id, text, metadata FROM chunks WHERE row IN ({})", rows
            )
        }
        return _documents([found[row] for row in rows if row in found])

    def scan(self, first: int = 0, size: int = 4096) -> Iterator[list[Document]]:
        """All chunks from row `first` on, in order, in blocks of at most `size`."""
        while block := self._all(
            "SELECT row, id, text, metadata FROM chunks WHERE row >= ? ORDER BY row LIMIT ?",
            (first, size),
        ):
            yield _documents([record for _, *record in block])
            first = block[-1][0] + 1

    def save(self, path: Path) -> None:
        """Write to a new file, or finish the writes if `path` is where the table lives."""
        with self._lock:
            here = self._all("PRAGMA database_list")[0][2]
            if here and Path(here) == path.resolve():
                self._connection.commit()
                return
            target = open_scratch(path)
            try:
                self._connection.backup(target)
            finally:
                target.close()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _own(self) -> None:
        if self._read_only:
            copy = open_scratch()
            self._connection.backup(copy)
            self._connection.close()
            self._connection, self._read_only = copy, False

    def _all(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def _many(self, query: str, values: Sequence[Any]) -> list[Any]:
        found: list[Any] = []
        for start in range(0, len(values), _MARKS):
            part = values[start : start + _MARKS]
            found.extend(self._all(query.format(",".join("?" * len(part))), part))
        return found


def _note(metadata: Mapping[str, Any]) -> str | None:
    note = metadata.get("note")
    return note if isinstance(note, str) else None


def _dumps(metadata: Mapping[str, Any]) -> str:
    return json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))


def _documents(records: Sequence[Sequence[str]]) -> list[Document]:
    """Documents of (id, text, metadata), the metadata decoded at one go."""
    decoded = json.loads(f"[{','.join(metadata for _, _, metadata in records)}]")
    return [
        Document(id=key, page_content=text, metadata=data)
        for (key, text, _), data in zip(records, decoded, strict=True)
    ]
