"""Every attempt, schedule and draft of every learner, in SQLite (WAL; one transaction a change)."""

import json
import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.notes.note_key import placed
from rag.storage.database import Database

FORMAT = "interview-notes-rag/practice/1"
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
]


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
                explanation=row[5], grade=json.loads(row[6]), score=row[7], rating=row[8],
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
        start = placed(before, "")
        with self._database.open() as database:
            for table in ("cards", "attempts", "drafts"):
                database.execute(
                    f"UPDATE OR REPLACE {table} SET topic = ? || substr(topic, ?) "
                    "WHERE substr(topic, 1, ?) = ?",
                    (placed(after, ""), len(start) + 1, len(start), start),
                )

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
        from rag.practice.schedule import due_of

        try:
            if data["format"] != FORMAT:
                raise ValueError(data["format"])
            cards = {str(topic): dict(card) for topic, card in data["cards"].items()}
            for card in cards.values():
                due_of(card)
            attempts = [Attempt(0, profile, **item) for item in data["attempts"]]
            for item in attempts:
                datetime.fromisoformat(item.at)
                json.dumps(item.grade)
                int(item.score)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(
                "The file is no practice export of this program; nothing was imported."
            ) from error
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
                if topic not in own or str(own[topic].get("last_review")) < str(
                    card["last_review"]
                ):
                    _put_card(database, profile, topic, card)
        return len(fresh)


def _put_card(database: sqlite3.Connection, profile: str, topic: str, card: dict[str, Any]) -> None:
    database.execute(
        "INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?)",
        (profile, topic, json.dumps(card), card["due"]),
    )
