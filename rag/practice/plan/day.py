"""What a day asks of a learner: what is due and what is new, as much as they wished for a day."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any
from zlib import crc32

from rag.notes.topic import Topic
from rag.practice.plan.days import day_begins, local_day
from rag.practice.plan.learner_plan import LearnerPlan, spread_before
from rag.practice.schedule import Rating, due_of, review


@dataclass(frozen=True, slots=True)
class Day:
    """One local day of a learner.

    Attributes:
        reviews, new: topics that are left for today, in their order.
        waiting: topics that are due too, and wait for another day.
        unseen: topics never practised, those of today among them.
        reviewed, started: how many were done today: again, and for the first time.
        interview_in: days until the interview; None without one, or after it.
        new_needed: topics to begin each day in order to have seen all before the interview.
    """

    day: date
    reviews: tuple[Topic, ...]
    new: tuple[Topic, ...]
    waiting: int
    unseen: int
    reviewed: int
    started: int
    interview_in: int | None = None
    new_needed: int | None = None

    @property
    def finished(self) -> bool:
        """Today's portion is done; whoever goes on does more than they wished for."""
        return not self.reviews and not self.new

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `rag practice today --json`."""
        return {
            "day": self.day.isoformat(),
            "finished": self.finished,
            "reviews": [{"topic": topic.key, "title": topic.title} for topic in self.reviews],
            "new": [{"topic": topic.key, "title": topic.title} for topic in self.new],
            "waiting": self.waiting,
            "unseen": self.unseen,
            "reviewed": self.reviewed,
            "started": self.started,
            "interview_in": self.interview_in,
            "new_needed": self.new_needed,
        }


def day_of(
    plan: LearnerPlan,
    due: Sequence[Topic],
    fresh: Iterable[Topic],
    done: Mapping[str, bool],
    today: date,
) -> Day:
    """What is left of a day.

    Args:
        due: what is due, the most overdue first.
        fresh: topics never practised, in the order in which they would be begun.
        done: topics rated today → whether for the first time.
    """
    unseen = list(fresh)
    started = sum(done.values())
    reviewed = len(done) - started
    reviews = max(0, plan.reviews_per_day - reviewed)
    new = max(0, plan.new_per_day - started)
    left = (plan.interview_day - today).days if plan.interview_day else None
    if left is not None and left <= 0:
        left = None
    return Day(
        day=today,
        reviews=tuple(due[:reviews]),
        new=tuple(unseen[:new]),
        waiting=max(0, len(due) - reviews),
        unseen=len(unseen),
        reviewed=reviewed,
        started=started,
        interview_in=left,
        new_needed=-(-len(unseen) // left) if left else None,
    )


def is_due(due: datetime, today: date, starts: int, zone: tzinfo | None = None) -> bool:
    """A topic is due from the beginning of its day on, not from the hour of its last review."""
    return local_day(due, starts, zone) <= today


def planned_review(
    plan: LearnerPlan, topic: str, starts: int, zone: tzinfo | None = None
) -> Callable[[dict[str, Any] | None, Rating, datetime], dict[str, Any]]:
    """FSRS's review by a learner's plan: their parameters, their retention, and nothing that was
    learned comes back only after the interview."""

    def reviewed(card: dict[str, Any] | None, rating: Rating, when: datetime) -> dict[str, Any]:
        after = review(card, rating, when, plan.parameters, plan.retention)
        interview = plan.interview_day
        if interview is not None:
            due = due_of(after)
            day, today = local_day(due, starts, zone), local_day(when, starts, zone)
            wished = spread_before(interview, today, day, crc32(topic.encode()))
            if wished != day:
                after["due"] = max(when, day_begins(wished, starts, zone)).isoformat()
        return after

    return reviewed
