"""A learner's schedule over some topics: what is due, what a day asks, ratings, undoing them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from rag.errors import UsageError
from rag.notes.topic import DIFFICULTIES, FREE, Topic
from rag.practice.history import History, check_profile
from rag.practice.kept.attempts import Attempt
from rag.practice.plan.day import Day, day_of, is_due, planned_review
from rag.practice.plan.days import DAY_STARTS, day_begins, local_day
from rag.practice.plan.fitted_parameters import ENOUGH, counted, fitted
from rag.practice.plan.learner_plan import LearnerPlan, Plans, SetAside
from rag.practice.schedule import RATINGS, due_of


@dataclass(frozen=True, slots=True)
class Timetable:
    """When to practise what. `now` is any moment with a zone; None is this one.

    Attributes:
        day_starts: hour at which a learner's day begins where their plan says nothing else.
        zone: whose days; None is this machine's.
    """

    history: History
    topics: Sequence[Topic]
    day_starts: int = DAY_STARTS
    zone: tzinfo | None = None

    def plan(self, profile: str) -> LearnerPlan:
        """What the learner wishes of the schedule."""
        return Plans(self.history.database).load(profile)

    def change_plan(self, profile: str, **changes: Any) -> LearnerPlan:
        """Change some values of the learner's plan (`LearnerPlan` names them).

        Raises:
            UsageError: a value is out of range; nothing is changed.
        """
        return Plans(self.history.database).change(check_profile(profile), **changes)

    def fit(self, profile: str, enough: int = ENOUGH) -> LearnerPlan:
        """Fit FSRS's parameters to the learner's own reviews and schedule by them from now on.

        Raises:
            UsageError: there are too few reviews, or the optimizer is not installed.
        """
        attempts = self.history.attempts(profile)
        found = fitted(attempts, enough)
        return self.change_plan(profile, parameters=found, fitted_on=counted(attempts))

    def day(self, profile: str, now: datetime | None = None) -> Day:
        """What is left of the learner's day: due and new topics within their daily limits."""
        plan, today = self._today(profile, now)
        cards = self.history.cards(profile)
        aside = SetAside(self.history.database).on(profile, today)
        fresh = [t for t in self.topics if t.key not in cards and t.key not in aside]
        began = day_begins(today, plan.starts(self.day_starts), self.zone)
        return day_of(
            plan,
            self.due(profile, now),
            sorted(fresh, key=lambda topic: self._order(topic, cards)),
            self.history.rated_since(profile, began),
            today,
        )

    def due(self, profile: str, now: datetime | None = None) -> list[Topic]:
        """Topics to come back to, the most overdue first: all of them, however many a day may
        ask for. What was buried or suspended is left out."""
        plan, today = self._today(profile, now)
        starts = plan.starts(self.day_starts)
        aside = SetAside(self.history.database).on(profile, today)
        by_key = {topic.key: topic for topic in self.topics}
        return [
            by_key.get(key) or Topic(key, key.removeprefix(FREE))
            for key, card in self.history.cards(profile).items()
            if is_due(due_of(card), today, starts, self.zone)
            and key not in aside
            and (key in by_key or key.startswith(FREE))
        ]

    def in_order(self, profile: str, now: datetime | None = None) -> list[Topic]:
        """All topics that were not put aside, in the order in which to practise them: today's
        reviews, today's new ones, then what whoever goes on gets: what waits, what is new, what
        is due soonest."""
        day = self.day(profile, now)
        cards = self.history.cards(profile)
        aside = SetAside(self.history.database).on(profile, day.day)
        free = [topic for topic in self.topics if topic.key not in aside]
        fresh = [topic for topic in free if topic.key not in cards]
        known = [topic for topic in free if topic.key in cards]
        found = (
            *day.reviews,
            *day.new,
            *self.due(profile, now),
            *sorted(fresh, key=lambda topic: self._order(topic, cards)),
            *sorted(known, key=lambda topic: str(cards[topic.key]["due"])),
        )
        return list({topic.key: topic for topic in found}.values())

    def rate(
        self, profile: str, attempt: int, topic: str, rating: str, now: datetime | None = None
    ) -> datetime:
        """Schedule a topic by an attempt's rating; returns when it is due (UTC).

        Another rating of the same attempt corrects the first one.

        Raises:
            UsageError: there is no such rating, or no such attempt.
        """
        if rating not in RATINGS:
            raise UsageError(f"'{rating}' is no rating; use {', '.join(RATINGS)}.")
        profile = check_profile(profile)
        plan = self.plan(profile)
        by_plan = planned_review(plan, topic, plan.starts(self.day_starts), self.zone)
        when = (now or datetime.now(UTC)).astimezone(UTC)
        return due_of(self.history.rate_attempt(profile, attempt, rating, topic, when, by_plan))

    def undo(self, profile: str, attempt: int | None = None) -> Attempt:
        """Take back the last rating (or an attempt's); the schedule is what it was before.

        Raises:
            UsageError: there is none to take back.
        """
        profile = check_profile(profile)
        plan = self.plan(profile)
        starts = plan.starts(self.day_starts)
        return self.history.unrate(
            profile, lambda topic: planned_review(plan, topic, starts, self.zone), attempt
        )

    def bury(self, profile: str, topic: str, days: int = 1, now: datetime | None = None) -> date:
        """Leave a topic out for some days, today among them; gives the day it comes back."""
        if not 1 <= days <= 3650:
            raise UsageError("Bury a topic for 1 to 3650 days. 搁置天数有误。")
        back = self._today(profile, now)[1] + timedelta(days=days)
        SetAside(self.history.database).bury(check_profile(profile), topic, back)
        return back

    def suspend(self, profile: str, topic: str) -> None:
        """Leave a topic out until it is resumed."""
        SetAside(self.history.database).suspend(check_profile(profile), topic)

    def resume(self, profile: str, topic: str) -> bool:
        """Take a buried or suspended topic in again; False where it was neither."""
        return SetAside(self.history.database).resume(check_profile(profile), topic)

    def put_aside(self, profile: str, now: datetime | None = None) -> dict[str, str]:
        """Topics that are left out today: key → the day they come back (ISO); "" for never."""
        return SetAside(self.history.database).on(profile, self._today(profile, now)[1])

    def _today(self, profile: str, now: datetime | None) -> tuple[LearnerPlan, date]:
        plan = self.plan(profile)
        moment = now or datetime.now(UTC)
        return plan, local_day(moment, plan.starts(self.day_starts), self.zone)

    def _order(self, topic: Topic, practised: Container[str]) -> tuple[int, int, str]:
        missing = any(topic.key_of(path) not in practised for path in topic.prerequisites)
        rank = DIFFICULTIES.index(topic.difficulty) if topic.difficulty in DIFFICULTIES else 1
        return (int(missing), rank, topic.key)
