"""Appeals against a grade: kept, counted, and given away as data that tests the grader."""

import sqlite3
from dataclasses import dataclass
from typing import Any, Literal, get_args

from rag.errors import UsageError
from rag.practice.history import History

AppealKind = Literal["said", "not asked", "note wrong"]
KINDS: tuple[AppealKind, ...] = get_args(AppealKind)


@dataclass(frozen=True, slots=True)
class Appeal:
    """One appeal of a learner.

    Attributes:
        point: what the attempt's grade knows the point by: its id, else its wording.
        words: the learner's words that say it; for the other kinds why, or "".
        status_before, status_after: of the point. The same where the appeal changed nothing.
    """

    attempt: int
    profile: str
    topic: str
    point: str
    kind: AppealKind
    words: str
    status_before: str
    status_after: str
    at: str


class Appeals:
    """Every learner's appeals: one a point of an attempt."""

    def __init__(self, history: History) -> None:
        self._history = history

    def add(self, appeal: Appeal) -> None:
        """Keep an appeal.

        Raises:
            UsageError: this point has been appealed before.
        """
        try:
            with self._history.database.open() as database:
                _refuse_second(database, appeal.attempt, appeal.point)
                put_appeal(database, appeal)
        except sqlite3.IntegrityError as error:
            raise _twice() from error

    def check_first(self, attempt: int, point: str) -> None:
        """Raise `UsageError` where this point has been appealed before."""
        with self._history.database.open() as database:
            _refuse_second(database, attempt, point)

    def of_profile(self, profile: str | None = None) -> list[Appeal]:
        """The appeals of a learner, or of all; oldest first."""
        query = (
            "SELECT attempt, profile, topic, point, kind, words, status_before, status_after, at "
            "FROM appeals"
        )
        with self._history.database.open() as database:
            rows = database.execute(
                f"{query} WHERE ?1 IS NULL OR profile = ?1 ORDER BY id", (profile,)
            ).fetchall()
        return [Appeal(*row) for row in rows]

    def counts(self, profile: str | None = None) -> dict[str, dict[str, int]]:
        """Kind → how many appeals there were, and how many changed the point's status."""
        found: dict[str, dict[str, int]] = {kind: {"appeals": 0, "granted": 0} for kind in KINDS}
        for appeal in self.of_profile(profile):
            found[appeal.kind]["appeals"] += 1
            found[appeal.kind]["granted"] += appeal.status_after != appeal.status_before
        return found

    def export(self, profile: str | None = None) -> list[dict[str, Any]]:
        """The appeals as evaluation data: question, point, its source, the whole explanation, the
        words pointed at, and both statuses; no names."""
        lines = []
        for appeal in self.of_profile(profile):
            try:
                attempt = self._history.attempt(appeal.profile, appeal.attempt)
            except UsageError:
                continue
            point: dict[str, Any] = next(
                (p for p in attempt.grade.get("points", []) if _named(p) == appeal.point), {}
            )
            lines.append(
                {
                    "topic": appeal.topic,
                    "question": attempt.question,
                    "language": attempt.grade.get("language"),
                    "explanation": attempt.explanation,
                    "point": point.get("text", appeal.point),
                    "point_id": point.get("id", ""),
                    "source": point.get("source"),
                    "kind": appeal.kind,
                    "words": appeal.words,
                    "status_before": appeal.status_before,
                    "status_after": appeal.status_after,
                    "llm": attempt.grade.get("llm"),
                    "at": appeal.at,
                }
            )
        return lines


def put_appeal(database: sqlite3.Connection, appeal: Appeal, first: str = "") -> None:
    """Write an appeal; `first` says what to do where the point has one: "OR IGNORE" leaves it."""
    database.execute(
        f"INSERT {first} INTO appeals (attempt, profile, topic, point, kind, words, "
        "status_before, status_after, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            appeal.attempt, appeal.profile, appeal.topic, appeal.point, appeal.kind,
            appeal.words, appeal.status_before, appeal.status_after, appeal.at,
        ),
    )  # fmt: skip


def _refuse_second(database: sqlite3.Connection, attempt: int, point: str) -> None:
    found = database.execute(
        "SELECT 1 FROM appeals WHERE attempt = ? AND point = ?", (attempt, point)
    )
    if found.fetchone():
        raise _twice()


def _twice() -> UsageError:
    return UsageError("This point was appealed before; one appeal a point. 每个要点只能申诉一次。")


def _named(point: dict[str, Any]) -> str:
    return str(point.get("id") or " ".join(str(point.get("text", "")).split()))
