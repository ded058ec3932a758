"""Mock interviews as they are kept: the whole state in one row, written after every step."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from rag.errors import UsageError
from rag.practice.history import History
from rag.practice.kept.moves import moved_to


@dataclass(frozen=True, slots=True)
class Round:
    """One question of an interview.

    Attributes:
        topic: `Topic.key`; its title beside it.
        kind: "" for a topic's first question; else `back`, `lead` or `deeper`.
        points: names of the points that the question asks for; () for all of the note.
        attempt: the stored attempt; None while the question stands open or was skipped.
        seconds: what the answer took.
        done: answered or skipped.
    """

    topic: str
    title: str
    question: str
    kind: str = ""
    points: tuple[str, ...] = ()
    attempt: int | None = None
    seconds: float = 0.0
    done: bool = False


@dataclass(frozen=True, slots=True)
class Interview:
    """A mock interview, running, paused or over.

    Attributes:
        topics: keys of the topics in their order, and the question named for each ("" for none).
        rounds: the questions so far; the last may stand open.
        minutes: how long it may take in all; 0 for no limit.
        spent_s: seconds on the clock up to `running_since`.
        running_since: when the clock was last started; None while it is paused.
        seen_at: the last sign of life; after a crash the clock stops there.
        unmatched: what the advert or list named and the notes lack.
    """

    id: int
    profile: str
    language: str
    topics: tuple[tuple[str, str], ...]
    rounds: tuple[Round, ...] = ()
    minutes: int = 0
    follow_ups: int = 2
    spent_s: float = 0.0
    running_since: str | None = None
    seen_at: str | None = None
    started: str = ""
    over: bool = False
    unmatched: tuple[str, ...] = field(default=())

    def spent(self, now: datetime) -> float:
        """Seconds on the clock."""
        if self.running_since is None:
            return self.spent_s
        ran = (now - datetime.fromisoformat(self.running_since)).total_seconds()
        return self.spent_s + max(0.0, ran)

    def left(self, now: datetime) -> float | None:
        """Seconds that are left, at least 0; None without a limit."""
        return max(0.0, 60 * self.minutes - self.spent(now)) if self.minutes else None

    def stopped(self, at: datetime) -> Self:
        """The same with the clock paused at a moment."""
        return replace(self, spent_s=self.spent(at), running_since=None, seen_at=at.isoformat())

    def started_again(self, now: datetime) -> Self:
        """The same with the clock running. What passed since the last sign of life of a run that
        was cut off is not counted."""
        paused = self
        if self.running_since is not None:
            paused = self.stopped(datetime.fromisoformat(self.seen_at or self.running_since))
        return replace(paused, running_since=now.isoformat(), seen_at=now.isoformat())

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        return cls(
            **{
                **data,
                "topics": tuple((key, question) for key, question in data["topics"]),
                "rounds": tuple(
                    Round(**{**item, "points": tuple(item["points"])}) for item in data["rounds"]
                ),
                "unmatched": tuple(data["unmatched"]),
            }
        )


class MovedOn(UsageError):
    """The interview has gone on elsewhere: what was to be kept of it is of the past."""


class Interviews:
    """Every learner's mock interviews."""

    def __init__(self, history: History) -> None:
        self._database = history.database

    def add(self, interview: Interview) -> Interview:
        """Keep a new interview; its id is given here."""
        with self._database.open() as database:
            cursor = database.execute(
                "INSERT INTO interviews (profile, state, open, started, updated) "
                "VALUES (?, '{}', 1, ?, ?)",
                (interview.profile, interview.started, interview.started),
            )
            kept = replace(interview, id=int(cursor.lastrowid or 0))
            _write(database, kept)
        return kept

    def save(self, interview: Interview, before: Interview | None = None) -> None:
        """Keep the state of an interview, whole or not at all.

        Args:
            before: the state that it follows; None: whatever is kept.

        Raises:
            MovedOn: another step was kept since `before`; nothing is changed.
        """
        with self._database.open() as database:
            if before is not None:
                # The lock of a writer: nobody keeps a step between the look and the writing.
                database.execute("BEGIN IMMEDIATE")
                row = database.execute(
                    "SELECT state FROM interviews WHERE id = ?", (interview.id,)
                ).fetchone()
                if row is None or _place(Interview.from_dict(json.loads(row[0]))) != _place(before):
                    raise MovedOn(
                        "The interview has gone on elsewhere; go on with it there. "
                        "面试已在别处继续。"
                    )
            _write(database, interview)

    def seen(self, number: int, at: datetime) -> None:
        """Keep a sign of life, and nothing else: a step that is kept at the same time stays."""
        with self._database.open() as database:
            database.execute(
                "UPDATE interviews SET state = json_set(state, '$.seen_at', ?) "
                "WHERE id = ? AND open = 1",
                (at.isoformat(), number),
            )

    def get(self, profile: str, number: int) -> Interview:
        """One interview of a learner.

        Raises:
            UsageError: there is none of that number.
        """
        with self._database.open() as database:
            row = database.execute(
                "SELECT state FROM interviews WHERE id = ? AND profile = ?", (number, profile)
            ).fetchone()
            moves = moved_to(database)
        if row is None:
            raise UsageError(f"There is no interview {number}. 没有这场面试。")
        return _moved(Interview.from_dict(json.loads(row[0])), moves)

    def open_one(self, profile: str) -> Interview | None:
        """The interview that a learner has begun last and not ended; None where there is none."""
        with self._database.open() as database:
            row = database.execute(
                "SELECT state FROM interviews WHERE profile = ? AND open = 1 "
                "ORDER BY id DESC LIMIT 1",
                (profile,),
            ).fetchone()
            moves = moved_to(database)
        return _moved(Interview.from_dict(json.loads(row[0])), moves) if row else None

    def all(self, profile: str) -> list[Interview]:
        """A learner's interviews, the latest first."""
        with self._database.open() as database:
            rows = database.execute(
                "SELECT state FROM interviews WHERE profile = ? ORDER BY id DESC", (profile,)
            ).fetchall()
        return [Interview.from_dict(json.loads(state)) for (state,) in rows]


def _place(interview: Interview) -> tuple[object, ...]:
    """Where an interview stands. Neither its clock nor the key of a note that was renamed is."""
    last = interview.rounds[-1] if interview.rounds else None
    told = (last.question, last.attempt, last.done) if last else None
    return interview.over, len(interview.rounds), told


def _write(database: Any, interview: Interview) -> None:
    state = json.dumps(interview.to_dict(), ensure_ascii=False)
    database.execute(
        "UPDATE interviews SET state = ?, open = ?, updated = ? WHERE id = ?",
        (state, int(not interview.over), datetime.now(UTC).isoformat(), interview.id),
    )


def _moved(interview: Interview, moves: dict[str, str]) -> Interview:
    """Topics whose notes were renamed since are known by their new keys."""
    return replace(
        interview,
        topics=tuple((moves.get(key, key), question) for key, question in interview.topics),
        rounds=tuple(
            replace(item, topic=moves.get(item.topic, item.topic)) for item in interview.rounds
        ),
    )
