"""Every attempt, schedule and draft of every learner, in SQLite (WAL; one transaction a change)."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from rag.errors import UsageError
from rag.notes.note_key import note_key
from rag.practice.kept.attempts import COLUMNS, Attempt, attempt_of, put_attempt
from rag.practice.kept.practice_file import TOPIC_TABLES, practice_file
from rag.practice.kept.ratings import Review, give_rating, put_card, take_rating_back
from rag.storage.database import Database

LONGEST_PROFILE = 40


def check_profile(name: str) -> str:
    """A learner's name, trimmed.

    Raises:
        UsageError: it is empty or too long.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_PROFILE or not name.isprintable():
        raise UsageError(f"A profile name has 1 to {LONGEST_PROFILE} characters; choose another.")
    return name


class History:
    """The practice database of one installation. Safe to share between threads.

    Attributes:
        database: the file, for what else is kept in it (`rag/practice/kept`, `plan`).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = practice_file(path)

    @property
    def database(self) -> Database:
        return self._database

    def save_attempt(self, attempt: Attempt) -> int:
        """Store an attempt (its `id` is given here) and drop the draft of its explanation, if it
        has one; returns the id."""
        with self._database.open() as database:
            number = put_attempt(database, attempt)
            _drop(database, attempt.profile, attempt.topic, attempt.explanation)
            return number

    def regrade(self, profile: str, attempt: int, grade: dict[str, Any], score: int | None) -> None:
        """Put another grade in the place of an attempt's: the learner's ticks, or an appeal's."""
        with self._database.open() as database:
            database.execute(
                "UPDATE attempts SET grade = ?, score = ? WHERE id = ? AND profile = ?",
                (json.dumps(grade, ensure_ascii=False), score, attempt, profile),
            )

    def rate(
        self, profile: str, attempt: int, rating: str, topic: str, card: dict[str, Any]
    ) -> None:
        """Store an attempt's rating together with the topic's new schedule."""
        with self._database.open() as database:
            database.execute(
                "UPDATE attempts SET rating = ? WHERE id = ? AND profile = ?",
                (rating, attempt, profile),
            )
            put_card(database, profile, topic, card)

    def rate_attempt(
        self, profile: str, attempt: int, rating: str, topic: str, when: datetime, review: Review
    ) -> dict[str, Any]:
        """Schedule a topic by an attempt's rating; see `give_rating`."""
        return give_rating(self._database, profile, attempt, rating, topic, when, review)

    def unrate(
        self, profile: str, review_of: Callable[[str], Review], attempt: int | None = None
    ) -> Attempt:
        """Take a rating back; see `take_rating_back`."""
        return take_rating_back(self._database, profile, review_of, attempt)

    def rated_since(self, profile: str, when: datetime) -> dict[str, bool]:
        """Topics rated from a moment on → whether that was the first time."""
        with self._database.open() as database:
            rows = database.execute(
                "SELECT topic, before FROM attempts WHERE profile = ? AND rated_at >= ? "
                "ORDER BY rated_at DESC, id DESC",
                (profile, when.isoformat()),
            ).fetchall()
        return {topic: before == "null" for topic, before in rows}

    def card(self, profile: str, topic: str) -> dict[str, Any] | None:
        return self.cards(profile).get(topic)

    def cards(self, profile: str) -> dict[str, dict[str, Any]]:
        """Topic → FSRS card, the most overdue first."""
        with self._database.open() as database:
            rows = database.execute(
                "SELECT topic, card FROM cards WHERE profile = ? ORDER BY due", (profile,)
            ).fetchall()
        return {topic: json.loads(card) for topic, card in rows}

    def attempt(self, profile: str, number: int) -> Attempt:
        """One attempt.

        Raises:
            UsageError: this learner has none of that number.
        """
        with self._database.open() as database:
            row = database.execute(
                f"SELECT {COLUMNS} FROM attempts WHERE profile = ? AND id = ?", (profile, number)
            ).fetchone()
        if row is None:
            raise UsageError("This attempt is not kept; explain the topic again. 没有这次练习。")
        return attempt_of(row)

    def attempts(self, profile: str, topic: str | None = None) -> list[Attempt]:
        """A learner's attempts, oldest first."""
        query = f"SELECT {COLUMNS} FROM attempts WHERE profile = ?"
        values = [profile]
        if topic is not None:
            query += " AND topic = ?"
            values.append(topic)
        with self._database.open() as database:
            rows = database.execute(f"{query} ORDER BY at, id", values).fetchall()
        return [attempt_of(row) for row in rows]

    def save_draft(self, profile: str, topic: str, text: str, when: datetime) -> None:
        """Keep what was written so far; an empty text removes the draft."""
        with self._database.open() as database:
            if text.strip():
                database.execute(
                    "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)",
                    (profile, topic, text, when.isoformat()),
                )
            else:
                database.execute(
                    "DELETE FROM drafts WHERE profile = ? AND topic = ?", (profile, topic)
                )

    def drop_draft(self, profile: str, topic: str, text: str) -> None:
        """Remove the draft of a text that was handed in; one that was written since stays."""
        with self._database.open() as database:
            _drop(database, profile, topic, text)

    def draft(self, profile: str, topic: str) -> str:
        with self._database.open() as database:
            row = database.execute(
                "SELECT text FROM drafts WHERE profile = ? AND topic = ?", (profile, topic)
            ).fetchone()
        return str(row[0]) if row else ""

    def collection_renamed(self, before: str, after: str) -> None:
        """Carry every learner's past with a collection over to its new name."""
        start = note_key(before, "")
        with self._database.open() as database:
            for table in TOPIC_TABLES:
                database.execute(
                    f"UPDATE OR REPLACE {table} SET topic = ? || substr(topic, ?) "
                    "WHERE substr(topic, 1, ?) = ?",
                    (note_key(after, ""), len(start) + 1, len(start), start),
                )

    def collection_removed(self, name: str, when: datetime) -> None:
        """Put every learner's past with a collection aside, so that no other of its name has it.

        It stays in exports, under a name that no collection can have.
        """
        self.collection_renamed(name, f"{name} (removed {when:%Y-%m-%d %H:%M:%S})")

    def export(self, profile: str) -> dict[str, Any]:
        """Everything of one learner, as JSON that `restore` reads."""
        from rag.practice.kept.transfer import exported_history

        return exported_history(self, profile)

    def restore(self, profile: str, data: Any) -> int:
        """Add exported attempts and schedules; what is there already stays once. Returns how
        many attempts were new.

        Raises:
            UsageError: `data` is no such export; nothing is changed.
        """
        from rag.practice.kept.transfer import restored_history

        return restored_history(self, check_profile(profile), data)


def _drop(database: Connection, profile: str, topic: str, text: str) -> None:
    # A terminal hands in its text without the empty lines around it, which its draft has.
    database.execute(
        "DELETE FROM drafts WHERE profile = ? AND topic = ? "
        "AND trim(text, char(9, 10, 13, 32)) = trim(?, char(9, 10, 13, 32))",
        (profile, topic, text),
    )
