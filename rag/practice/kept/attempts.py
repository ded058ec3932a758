"""An attempt as it is kept: one row, its grade as JSON."""

import json
import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

COLUMNS = (
    "id, profile, topic, title, question, explanation, grade, score, rating, hints, at, part_of, "
    "rated_at"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One graded explanation. `at` is ISO 8601 in UTC; `grade` as `Grade.to_dict` gives it.

    Attributes:
        score: 0 to 100; None where neither a model nor the learner has judged it.
        part_of: the attempt whose follow-up this is; None for a first answer.
        rated_at: when it was first rated (ISO 8601 in UTC), or None.
    """

    id: int
    profile: str
    topic: str
    title: str
    question: str
    explanation: str
    grade: dict[str, Any]
    score: int | None
    rating: str | None
    hints: int
    at: str
    part_of: int | None = None
    rated_at: str | None = None


def put_attempt(database: sqlite3.Connection, attempt: Attempt) -> int:
    """Store an attempt as a new one; gives its id."""
    row = asdict(attempt) | {"grade": json.dumps(attempt.grade, ensure_ascii=False)}
    row.pop("id")
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    cursor = database.execute(f"INSERT INTO attempts ({names}) VALUES ({marks})", row)
    return int(cursor.lastrowid or 0)


def attempt_of(row: tuple[Any, ...]) -> Attempt:
    """The attempt of a row of `COLUMNS`."""
    values = list(row)
    values[6] = _grade(row[6])
    return Attempt(*values)


def _grade(stored: str) -> dict[str, Any]:
    """A grade as it was stored; {} for what an earlier version imported unchecked."""
    grade = json.loads(stored)
    if not isinstance(grade, dict) or not isinstance(grade.get("points", []), list):
        return {}
    points = [point for point in grade.get("points", []) if isinstance(point, dict)]
    return {**grade, "points": points} if "points" in grade else grade
