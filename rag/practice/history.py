"""Every attempt, schedule and draft of every learner, in SQLite (WAL; one transaction a change)."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.notes.note_key import note_key
from rag.practice.exported import FORMAT, checked
from rag.storage.database import Database

LONGEST_PROFILE = 40
# One statement list a version; `PRAGMA user_version` says how many were run.
_MIGRATIONS: list[list[str]] = [
    [
        "CREATE TABLE cards (profile TEXT NOT NULL, topic TEXT NOT NULL, card TEXT NOT NULL, "
        "due TEXT NOT NULL, PRIMARY KEY (profile, topic))",
        "CREATE TABLE attempts (id INTEGER PRIMARY KEY, profile TEXT NOT NULL, topic TEXT NOT NULL,"
        " title TEXT NOT NULL, question TEXT NOT NULL, explanation TEXT NOT NULL, "
        "grade TEXT NOT NULL, score INTEGER NOT NULL, rating TEXT, hints INTEGER NOT NULL, "
        "at TEXT NOT NULL)",
        "CREATE INDEX attempts_of ON attempts (profile, topic, at)",
        "CREATE TABLE drafts (profile TEXT NOT NULL, topic TEXT NOT NULL, text TEXT NOT NULL, "
        "at TEXT NOT NULL, PRIMARY KEY (profile, topic))",
    ],
    [
        # The card before the attempt, and when it was first rated: a rating can be corrected.
        "ALTER TABLE attempts ADD COLUMN before TEXT",
        "ALTER TABLE attempts ADD COLUMN rated_at TEXT",
    ],
]
Review = Callable[[dict[str, Any] | None, Any, datetime], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One graded explanation. `at` is ISO 8601 in UTC; `grade` as `Grade.to_dict` gives it."""

    id: int
    profile: str
    topic: str
    title: str
    question: str
    explanation: str
    grade: dict[str, Any]
    score: int
    rating: str | None
    hints: int
    at: str


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
    """The practice database of one installation. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path, "practice history", _MIGRATIONS)

    def save_attempt(self, attempt: Attempt) -> int:
        """Store an attempt (its `id` is given here) and drop the topic's draft; returns the id."""
        with self._database.open() as database:
            row = asdict(attempt) | {"grade": json.dumps(attempt.grade, ensure_ascii=False)}
            row.pop("id")
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            cursor = database.execute(f"INSERT INTO attempts ({names}) VALUES ({marks})", row)
            database.execute(
                "DELETE FROM drafts WHERE profile = ? AND topic = ?",
                (attempt.profile, attempt.topic),
            )
            return int(cursor.lastrowid or 0)

    def rate(
        self, profile: str, attempt: int, rating: str, topic: str, card: dict[str, Any]
    ) -> None:
        """Store an attempt's rating together with the topic's new schedule."""
        with self._database.open() as database:
            database.execute(
                "UPDATE attempts SET rating = ? WHERE id = ? AND profile = ?",
                (rating, attempt, profile),
            )
            _put_card(database, profile, topic, card)

    def rate_attempt(
        self, profile: str, attempt: int, rating: str, topic: str, when: datetime, review: Review
    ) -> dict[str, Any]:
        """Schedule a topic by an attempt's rating; gives the new card.

        A second rating of the same attempt takes the first one's place: it starts from the card
        before the attempt, and what was rated after it is scheduled again.

        Raises:
            UsageError: this learner has no such attempt on the topic.
        """
        key = (attempt, profile, topic)
        with self._database.open() as database:
            database.execute("BEGIN IMMEDIATE")  # two clicks, one after the other
            row = database.execute(
                "SELECT before, rated_at FROM attempts WHERE id = ? AND profile = ? AND topic = ?",
                key,
            ).fetchone()
            if row is None:
                raise UsageError(
                    "This attempt is not kept; explain the topic again. 没有这次练习。"
                )
            before, rated_at = row
            if rated_at is None:
                found = database.execute(
                    "SELECT card FROM cards WHERE profile = ? AND topic = ?", (profile, topic)
                ).fetchone()
                before, rated_at = (found[0] if found else "null"), when.isoformat()
            card = review(json.loads(before), rating, datetime.fromisoformat(rated_at))
            database.execute(
                "UPDATE attempts SET rating = ?, before = ?, rated_at = ? "
                "WHERE id = ? AND profile = ? AND topic = ?",
                (rating, before, rated_at, *key),
            )
            later = database.execute(
                "SELECT id, rating, rated_at FROM attempts WHERE profile = ? AND topic = ? "
                "AND (rated_at, id) > (?, ?) ORDER BY rated_at, id",
                (profile, topic, rated_at, attempt),
            ).fetchall()
            for number, given, moment in later:
                database.execute(
                    "UPDATE attempts SET before = ? WHERE id = ?", (json.dumps(card), number)
                )
                card = review(card, given, datetime.fromisoformat(moment))
            _put_card(database, profile, topic, card)
        return card

    def card(self, profile: str, topic: str) -> dict[str, Any] | None:
        return self.cards(profile).get(topic)

    def cards(self, profile: str) -> dict[str, dict[str, Any]]:
        """Topic → FSRS card, the most overdue first."""
        with self._database.open() as database:
            rows = database.execute(
                "SELECT topic, card FROM cards WHERE profile = ? ORDER BY due", (profile,)
            ).fetchall()
        return {topic: json.loads(card) for topic, card in rows}

    def attempts(self, profile: str, topic: str | None = None) -> list[Attempt]:
        """A learner's attempts, oldest first."""
        query = (
            "SELECT id, profile, topic, title, question, explanation, grade, score, rating, hints, "
            "at FROM attempts WHERE profile = ?"
        )
        values = [profile]
        if topic is not None:
            query += " AND topic = ?"
            values.append(topic)
        with self._database.open() as database:
            rows = database.execute(f"{query} ORDER BY at, id", values).fetchall()
        return [
            Attempt(
                id=row[0], profile=row[1], topic=row[2], title=row[3], question=row[4],
                explanation=row[5], grade=_grade(row[6]), score=row[7], rating=row[8],
                hints=row[9], at=row[10],
            )
            for row in rows
        ]  # fmt: skip

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
            for table in ("cards", "attempts", "drafts"):
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
        return {
            "format": FORMAT,
            "cards": self.cards(profile),
            "attempts": [
                {key: value for key, value in asdict(item).items() if key not in {"id", "profile"}}
                for item in self.attempts(profile)
            ],
        }

    def restore(self, profile: str, data: Any) -> int:
        """Add exported attempts and schedules; what is there already stays once. Returns how
        many attempts were new.

        Raises:
            UsageError: `data` is no such export; nothing is changed.
        """
        profile = check_profile(profile)
        cards, items = checked(data)
        attempts = [Attempt(0, profile, **item) for item in items]
        known = {(item.topic, item.at, item.explanation) for item in self.attempts(profile)}
        fresh = [item for item in attempts if (item.topic, item.at, item.explanation) not in known]
        own = self.cards(profile)
        with self._database.open() as database:
            for item in fresh:
                database.execute(
                    "INSERT INTO attempts (profile, topic, title, question, explanation, grade, "
                    "score, rating, hints, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        profile, item.topic, item.title, item.question, item.explanation,
                        json.dumps(item.grade, ensure_ascii=False), item.score, item.rating,
                        item.hints, item.at,
                    ),
                )  # fmt: skip
            for topic, card in cards.items():
                if topic not in own or _reviewed(own[topic]) < _reviewed(card):
                    _put_card(database, profile, topic, card)
        return len(fresh)


def _grade(stored: str) -> dict[str, Any]:
    """A grade as it was stored; {} for what an earlier version imported unchecked."""
    grade = json.loads(stored)
    if not isinstance(grade, dict) or not isinstance(grade.get("points", []), list):
        return {}
    points = [point for point in grade.get("points", []) if isinstance(point, dict)]
    return {**grade, "points": points} if "points" in grade else grade


def _reviewed(card: dict[str, Any]) -> str:
    """When a card was last reviewed; "" for never."""
    return str(card.get("last_review") or "")


def _put_card(database: sqlite3.Connection, profile: str, topic: str, card: dict[str, Any]) -> None:
    database.execute(
        "INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?)",
        (profile, topic, json.dumps(card), card["due"]),
    )
