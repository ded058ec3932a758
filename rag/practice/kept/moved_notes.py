"""Practised notes that were renamed, moved or split are known again, and their past follows them.

A note is known by the `id` of its front matter; else by its lines, its questions and its key
points, of which an edit changes few; else, for what was practised before marks were kept, by the
sentences that its grades quote.
"""

import json
import sqlite3
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary
from zlib import crc32

from rag.index.opened import Index
from rag.notes.note_key import note_key
from rag.notes.topic import FREE, Topic, origin_of
from rag.practice.history import History
from rag.practice.kept.moves import move_topic

ALIKE = 0.5  # share of a note's lines that are still there: it is the same note
ALIKE_NAMED = 0.2  # the same where its title is the same too
SHORTEST = 6  # characters of a line that tells notes apart
MOST = 400  # lines of a mark
_PRACTISED = ("cards", "attempts", "drafts", "held")

_looked: WeakKeyDictionary[Index, set[str]] = WeakKeyDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Mark:
    """What a note looked like when it was last seen."""

    id: str
    title: str
    lines: frozenset[int]

    def stored(self) -> str:
        return json.dumps({"id": self.id, "title": self.title, "lines": sorted(self.lines)})


def follow_moves(history: History, topics: Sequence[Topic], index: Index) -> dict[str, str]:
    """Give the past of notes that are no longer where they were to the notes that they are now.

    Returns:
        Keys before → keys now of what was moved.
    """
    by_key = {topic.key: topic for topic in topics}
    origins = {topic.origin for topic in topics}
    with history.database.open() as database:
        practised = {
            key
            for table in _PRACTISED
            for (key,) in database.execute(f"SELECT DISTINCT topic FROM {table}")
            if not key.startswith(FREE) and origin_of(key) in origins
        }
        with _lock:
            fresh = practised - _looked.setdefault(index, set())
        if not fresh:
            return {}
        for key in sorted(fresh & by_key.keys()):
            mark = _mark(by_key[key], index)
            database.execute(
                "INSERT OR REPLACE INTO note_marks VALUES (?, ?)", (key, mark.stored())
            )
        lost = sorted(fresh - by_key.keys())
        moved: dict[str, str] = {}
        taken = {key for (key,) in database.execute("SELECT DISTINCT topic FROM cards")}
        free = {t.key: _mark(t, index) for t in topics if lost and t.key not in taken}
        for key in lost:
            after = _successor(database, key, free)
            if after:
                move_topic(database, key, after)
                stored = free.pop(after).stored()
                database.execute("INSERT OR REPLACE INTO note_marks VALUES (?, ?)", (after, stored))
                moved[key] = after
    with _lock:  # for this index; the next one is looked at anew
        _looked[index] |= fresh | set(moved.values())
    return moved


def _successor(database: sqlite3.Connection, key: str, free: dict[str, Mark]) -> str:
    """The key of the note that a lost one is now; "" where none is like it."""
    before = _known(database, key)
    own = {other: mark for other, mark in free.items() if origin_of(other) == origin_of(key)}
    if before is None:
        return ""
    if before.id:
        same = [other for other, mark in own.items() if mark.id == before.id]
        if len(same) == 1:
            return same[0]
    best, most = "", 0
    for other, mark in sorted(own.items()):
        shared = len(before.lines & mark.lines)
        # Of a note that was split each piece holds a part of it, and little else.
        share = shared / max(1, min(len(before.lines), len(mark.lines)))
        named = bool(before.title) and before.title == mark.title
        if share >= (ALIKE_NAMED if named else ALIKE) and shared > most:
            best, most = other, shared
    return best


def _known(database: sqlite3.Connection, key: str) -> Mark | None:
    row = database.execute("SELECT mark FROM note_marks WHERE topic = ?", (key,)).fetchone()
    if row:
        data = json.loads(row[0])
        return Mark(data["id"], data["title"], frozenset(data["lines"]))
    lines: list[str] = []
    title = ""
    rows = database.execute(
        "SELECT title, grade FROM attempts WHERE topic = ? ORDER BY at", (key,)
    ).fetchall()
    for told, stored in rows:
        title = str(told)
        grade = json.loads(stored)
        points = grade.get("points", []) if isinstance(grade, dict) else []
        lines += [str(p["source"]["quote"]) for p in points if isinstance(p, dict)
                  and isinstance(p.get("source"), dict) and p["source"].get("quote")]  # fmt: skip
    return Mark("", title, _lines(lines)) if lines else None


def _mark(topic: Topic, index: Index) -> Mark:
    documents = index.store.of_notes([note_key(topic.collection, topic.note)])
    texts = [document.page_content for document in documents]
    # Whoever rewrites a short note seldom rewrites what it is asked, too.
    return Mark(topic.id, topic.title, _lines([*texts, *topic.questions, *topic.key_points]))


def _lines(texts: Iterable[str]) -> frozenset[int]:
    """Hashes of what stands between ends of sentences and lines; case and spacing play no part."""
    found: set[int] = set()
    for text in texts:
        plain = unicodedata.normalize("NFKC", text).lower()
        for line in plain.replace("。", "\n").replace(". ", "\n").split("\n"):
            letters = "".join(char for char in line if char.isalnum())
            if len(letters) >= SHORTEST:
                found.add(crc32(letters.encode()))
    return frozenset(sorted(found)[:MOST])
