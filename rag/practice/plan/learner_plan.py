"""What a learner wishes of the schedule: limits, retention, an interview's date, parameters."""

import json
import math
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Self

from rag.errors import UsageError
from rag.practice.plan.days import DAY_STARTS
from rag.storage.database import Database

LIMIT = 999
RETENTION = (0.7, 0.97)  # beyond these FSRS asks for daily or yearly reviews
PARAMETERS = 21  # of FSRS-6
SPREAD_DAYS = 7  # before an interview


@dataclass(frozen=True, slots=True)
class LearnerPlan:
    """One learner's plan.

    Attributes:
        new_per_day, reviews_per_day: topics; what is due beyond that waits for the next days.
        retention: wished probability of recall when a topic comes back, in [0.7, 0.97].
        interview: the day of the interview; what was learned comes back before it.
        day_starts: hour of the local day at which a day begins; None is the setting's.
        parameters: of FSRS, fitted to the learner's own reviews; () is FSRS's default.
        fitted_on: how many reviews they were fitted on.
        path: new topics come in the order of the notes' study path.
    """

    new_per_day: int = 10
    reviews_per_day: int = 30
    retention: float = 0.9
    interview: str = ""  # ISO
    day_starts: int | None = None
    parameters: tuple[float, ...] = ()
    fitted_on: int = 0
    path: bool = False

    @property
    def interview_day(self) -> date | None:
        return date.fromisoformat(self.interview) if self.interview else None

    def starts(self, setting: int = DAY_STARTS) -> int:
        """The hour at which a day begins."""
        return setting if self.day_starts is None else self.day_starts

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `rag practice plan --json`."""
        return {**asdict(self), "parameters": list(self.parameters)}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """A plan as it was stored or exported.

        Raises:
            UsageError: a value is out of range, or something is there that is no plan.
        """
        if not isinstance(data, dict) or not set(data) <= set(cls.__dataclass_fields__):
            raise UsageError("This is no plan of a learner. 学习计划有误。")
        try:
            return cls(**{**data, "parameters": tuple(data.get("parameters") or ())}).checked()
        except (TypeError, ValueError) as error:
            raise UsageError(f"The plan is unfit ({error}). 学习计划有误。") from error

    def checked(self) -> Self:
        """The plan itself.

        Raises:
            UsageError: a value is out of range.
        """
        for name in ("new_per_day", "reviews_per_day"):
            if not _whole(getattr(self, name), 0, LIMIT):
                raise UsageError(f"{name} is a whole number from 0 to {LIMIT}. 每日上限有误。")
        low, high = RETENTION
        if not low <= self.retention <= high:
            raise UsageError(f"The wished retention is {low} to {high}. 记忆保持率有误。")
        if self.day_starts is not None and not _whole(self.day_starts, 0, 23):
            raise UsageError("A day begins at an hour from 0 to 23. 一天的起点有误。")
        try:
            _ = self.interview_day
        except ValueError as error:
            raise UsageError(
                f"'{self.interview}' is no day; write it as 2026-12-31. 日期格式有误。"
            ) from error
        if not isinstance(self.path, bool):
            raise UsageError("The study path is followed or not. 学习路线的设置有误。")
        if len(self.parameters) not in {0, PARAMETERS} or not all(
            isinstance(value, int | float) and math.isfinite(value) for value in self.parameters
        ):
            raise UsageError(f"FSRS has {PARAMETERS} parameters. 参数个数有误。")
        return self


class Plans:
    """Every learner's plan."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, profile: str) -> LearnerPlan:
        """A learner's plan; who made none has the default one."""
        with self._database.open() as database:
            row = database.execute(
                "SELECT plan FROM plans WHERE profile = ?", (profile,)
            ).fetchone()
        return LearnerPlan.from_dict(json.loads(row[0])) if row else LearnerPlan()

    def made(self, profile: str) -> bool:
        """The learner has wished for something."""
        with self._database.open() as database:
            found = database.execute("SELECT 1 FROM plans WHERE profile = ?", (profile,))
            return found.fetchone() is not None

    def save(self, profile: str, plan: LearnerPlan) -> None:
        """Keep a plan.

        Raises:
            UsageError: a value is out of range; nothing is changed.
        """
        text = json.dumps(plan.checked().to_dict())
        with self._database.open() as database:
            database.execute("INSERT OR REPLACE INTO plans VALUES (?, ?)", (profile, text))

    def change(self, profile: str, **changes: Any) -> LearnerPlan:
        """Change some values of a plan and keep it. Errors as in `save`."""
        plan = replace(self.load(profile), **changes)
        self.save(profile, plan)
        return plan


class SetAside:
    """Topics that a learner has put aside: buried until a day, or suspended until resumed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bury(self, profile: str, topic: str, until: date) -> None:
        """Leave a topic out until a day."""
        self._put(profile, topic, until.isoformat())

    def suspend(self, profile: str, topic: str) -> None:
        """Leave a topic out until it is resumed."""
        self._put(profile, topic, "")

    def resume(self, profile: str, topic: str) -> bool:
        """Take a topic in again; False where it was not put aside."""
        with self._database.open() as database:
            done = database.execute(
                "DELETE FROM held WHERE profile = ? AND topic = ?", (profile, topic)
            )
            return done.rowcount > 0

    def on(self, profile: str, day: date) -> dict[str, str]:
        """Topics that are left out on a day: key → the day they come back (ISO), "" for never."""
        with self._database.open() as database:
            rows = database.execute(
                "SELECT topic, until FROM held WHERE profile = ?", (profile,)
            ).fetchall()
        return {topic: until for topic, until in rows if not until or until > day.isoformat()}

    def _put(self, profile: str, topic: str, until: str) -> None:
        with self._database.open() as database:
            database.execute(
                "INSERT OR REPLACE INTO held VALUES (?, ?, ?)", (profile, topic, until)
            )


def spread_before(interview: date, today: date, due: date, salt: int) -> date:
    """When a topic comes back that FSRS would have back only after the interview: on one of the
    last days before it, not all on the same.

    Args:
        salt: any number that belongs to the topic.
    """
    left = (interview - today).days
    if due < interview or left <= 1:
        return due
    last = left - 1
    first = max(1, min(last, left - SPREAD_DAYS))
    return today + (first + salt % (last - first + 1)) * timedelta(days=1)


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
