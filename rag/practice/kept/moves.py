"""A practised note under another path: its past goes with it, in every table and every grade."""

import json
import sqlite3
from typing import Any

from rag.notes.note_key import split_note_key
from rag.practice.kept.practice_file import TOPIC_TABLES


def moved_to(database: sqlite3.Connection) -> dict[str, str]:
    """Keys of topics that have moved → where they are now."""
    return dict(database.execute("SELECT before, after FROM moves").fetchall())


def move_topic(database: sqlite3.Connection, before: str, after: str) -> None:
    """Give every learner's past with a topic to another key. What is already there stays."""
    old, new = split_note_key(before)[1], split_note_key(after)[1]
    rows = database.execute("SELECT id, grade FROM attempts WHERE topic = ?", (before,)).fetchall()
    for number, stored in rows:
        grade = json.loads(stored)
        if isinstance(grade, dict):
            _renamed(grade, old, new)
            grade["topic"] = after
            database.execute(
                "UPDATE attempts SET grade = ? WHERE id = ?",
                (json.dumps(grade, ensure_ascii=False), number),
            )
    for table in TOPIC_TABLES:
        database.execute(f"UPDATE OR IGNORE {table} SET topic = ? WHERE topic = ?", (after, before))
        database.execute(f"DELETE FROM {table} WHERE topic = ?", (before,))
    database.execute("UPDATE moves SET after = ? WHERE after = ?", (after, before))
    database.execute("INSERT OR REPLACE INTO moves VALUES (?, ?)", (before, after))
    database.execute("DELETE FROM moves WHERE before = after")


def _renamed(part: Any, old: str, new: str) -> None:
    """Citations name the note where it is now."""
    if isinstance(part, dict):
        if part.get("note") == old:
            part["note"] = new
        for value in part.values():
            _renamed(value, old, new)
    elif isinstance(part, list):
        for value in part:
            _renamed(value, old, new)
