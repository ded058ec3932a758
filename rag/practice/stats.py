"""A learner's progress, from the history alone."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from rag.notes.topic import Topic, origin_of
from rag.practice.history import History
from rag.practice.kept.attempts import Attempt
from rag.practice.plan.days import DAY_STARTS, local_day
from rag.practice.plan.learner_plan import Plans, SetAside
from rag.practice.schedule import due_of, recall_probability

JUDGED = frozenset(["covered", "partly", "missed", "contradicted"])
AHEAD = 14  # days of the due forecast


@dataclass(frozen=True, slots=True)
class LearningStats:
    """Counts and series for tables and plots, over the collections that are practised.

    What was typed is of no collection and counts with any.
    """

    topics: int
    practised: int
    due: int
    attempts: int
    mean_score: float | None
    retention: float | None  # mean probability of recall now, over practised topics, [0, 1]
    forecast: tuple[tuple[str, int], ...]  # day (ISO) → topics due on it; today holds overdue ones
    scores: tuple[tuple[str, int, str], ...]  # time (ISO), score, title, oldest first
    folders: tuple[tuple[str, int, int], ...]  # folder, practised, topics
    weakest: tuple["Weak", ...]  # most often weak first

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `rag practice stats --json`."""
        return {
            "topics": self.topics,
            "practised": self.practised,
            "due": self.due,
            "attempts": self.attempts,
            "mean_score": self.mean_score,
            "retention": self.retention,
            "forecast": [{"day": day, "due": count} for day, count in self.forecast],
            "scores": [{"at": at, "score": s, "title": title} for at, s, title in self.scores],
            "folders": [
                {"folder": name, "practised": done, "topics": count}
                for name, done, count in self.folders
            ],
            "weakest": [
                {"title": item.title, "point": item.point, "weak": item.weak, "asked": item.asked}
                | ({"collection": item.collection} if item.collection else {})
                for item in self.weakest
            ],
        }


@dataclass(frozen=True, slots=True)
class Weak:
    """A key point that was missed or told wrongly.

    Attributes:
        weak, asked: how often.
        collection: a named one; "" for the default one and for typed topics.
    """

    title: str
    point: str
    weak: int
    asked: int
    collection: str = ""

    @property
    def place(self) -> str:
        """Title and collection in one text."""
        return f"{self.title} · {self.collection}" if self.collection else self.title


def progress(
    history: History,
    topics: Sequence[Topic],
    profile: str,
    now: datetime,
    zone: tzinfo | None = None,
    day_starts: int = DAY_STARTS,
) -> LearningStats:
    """Where a learner stands at `now` (UTC).

    Args:
        zone: whose days count; None is this machine's.
        day_starts: hour at which a day begins where the learner's plan says nothing else.
    """
    starts = Plans(history.database).load(profile).starts(day_starts)
    today = local_day(now, starts, zone)
    aside = SetAside(history.database).on(profile, today)
    origins = {topic.origin for topic in topics}

    def counts(key: str) -> bool:
        origin = origin_of(key)
        return origin is None or origin in origins

    cards = {key: card for key, card in history.cards(profile).items() if counts(key)}
    attempts = [item for item in history.attempts(profile) if counts(item.topic)]
    firsts = [item for item in attempts if item.part_of is None]
    days = [
        max(today, local_day(due_of(card), starts, zone))
        for key, card in cards.items()
        if key not in aside
    ]
    recalls = [recall_probability(card, now) for card in cards.values()]
    scores = [item.score for item in firsts if item.score is not None]
    return LearningStats(
        topics=len(topics),
        practised=len(cards),
        due=sum(1 for day in days if day == today),
        attempts=len(firsts),
        mean_score=round(sum(scores) / len(scores), 1) if scores else None,
        retention=round(sum(recalls) / len(recalls), 3) if recalls else None,
        forecast=tuple(_forecast(days, today)),
        scores=tuple(
            (item.at, item.score, item.title) for item in firsts if item.score is not None
        ),
        folders=tuple(_folders(topics, set(cards))),
        weakest=tuple(_weakest(attempts)),
    )


def _forecast(dues: Sequence[date], today: date) -> list[tuple[str, int]]:
    days = [today + timedelta(days=n) for n in range(AHEAD)]
    counts = dict.fromkeys(days, 0)
    for day in dues:
        if day in counts:
            counts[day] += 1
    return [(day.isoformat(), count) for day, count in counts.items()]


def _folders(topics: Sequence[Topic], practised: set[str]) -> list[tuple[str, int, int]]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for topic in topics:
        counts[topic.folder or "."][0] += topic.key in practised
        counts[topic.folder or "."][1] += 1
    return [(name, done, count) for name, (done, count) in sorted(counts.items())]


def _weakest(attempts: Sequence[Attempt], most: int = 12) -> list[Weak]:
    """Points by topic and name: their order and their wording in a note may change."""
    asked: dict[tuple[str, str], int] = defaultdict(int)
    weak: dict[tuple[str, str], int] = defaultdict(int)
    titles: dict[str, str] = {}
    texts: dict[tuple[str, str], str] = {}
    for item in attempts:
        titles[item.topic] = item.title
        for point in item.grade.get("points", []):
            if point.get("status") not in JUDGED:
                continue  # nobody has said what became of it
            text = " ".join(str(point.get("text", "")).split())
            key = (item.topic, str(point.get("id") or text))
            texts[key] = text
            asked[key] += 1
            weak[key] += point.get("status") in {"missed", "contradicted"}
    ranked = sorted((key for key in asked if weak[key]), key=lambda k: (-weak[k], asked[k]))
    return [
        Weak(titles[key[0]], texts[key], weak[key], asked[key], origin_of(key[0]) or "")
        for key in ranked[:most]
    ]
