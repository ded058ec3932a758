"""A learner's progress, from the history alone."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rag.practice.history import Attempt, History
from rag.practice.schedule import due_of, recall_probability
from rag.topics import Topic

AHEAD = 14  # days of the due forecast


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts and series for tables and plots."""

    topics: int
    practised: int
    due: int
    attempts: int
    mean_score: float | None
    retention: float | None  # mean probability of recall now, over practised topics, [0, 1]
    forecast: tuple[tuple[str, int], ...]  # day (ISO) → topics due on it; today holds overdue ones
    scores: tuple[tuple[str, int, str], ...]  # time (ISO), score, title, oldest first
    folders: tuple[tuple[str, int, int], ...]  # folder, practised, topics
    weakest: tuple[tuple[str, str, int, int], ...]  # title, key point, times weak, times asked

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
                {"title": title, "point": point, "weak": weak, "asked": asked}
                for title, point, weak, asked in self.weakest
            ],
        }


def progress(history: History, topics: Sequence[Topic], profile: str, now: datetime) -> Progress:
    """Where a learner stands at `now` (UTC)."""
    cards = history.cards(profile)
    attempts = history.attempts(profile)
    dues = [due_of(card) for card in cards.values()]
    recalls = [recall_probability(card, now) for card in cards.values()]
    scores = [item.score for item in attempts]
    return Progress(
        topics=len(topics),
        practised=len(cards),
        due=sum(1 for due in dues if due <= now),
        attempts=len(attempts),
        mean_score=round(sum(scores) / len(scores), 1) if scores else None,
        retention=round(sum(recalls) / len(recalls), 3) if recalls else None,
        forecast=tuple(_forecast(dues, now)),
        scores=tuple((item.at, item.score, item.title) for item in attempts),
        folders=tuple(_folders(topics, set(cards))),
        weakest=tuple(_weakest(attempts)),
    )


def _forecast(dues: Sequence[datetime], now: datetime) -> list[tuple[str, int]]:
    days = [(now + timedelta(days=n)).date() for n in range(AHEAD)]
    counts = dict.fromkeys(days, 0)
    for due in dues:
        day = max(due.date(), days[0])
        if day in counts:
            counts[day] += 1
    return [(day.isoformat(), count) for day, count in counts.items()]


def _folders(topics: Sequence[Topic], practised: set[str]) -> list[tuple[str, int, int]]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for topic in topics:
        counts[topic.folder or "."][0] += topic.note in practised
        counts[topic.folder or "."][1] += 1
    return [(name, done, count) for name, (done, count) in sorted(counts.items())]


def _weakest(attempts: Sequence[Attempt], most: int = 12) -> list[tuple[str, str, int, int]]:
    asked: dict[tuple[str, int], int] = defaultdict(int)
    weak: dict[tuple[str, int], int] = defaultdict(int)
    words: dict[tuple[str, int], tuple[str, str]] = {}
    for item in attempts:
        for place, point in enumerate(item.grade.get("points", [])):
            key = (item.topic, place)
            asked[key] += 1
            weak[key] += point.get("status") in {"missed", "contradicted"}
            words[key] = (item.title, str(point.get("text", "")))
    ranked = sorted((key for key in asked if weak[key]), key=lambda k: (-weak[k], asked[k]))
    return [(*words[key], weak[key], asked[key]) for key in ranked[:most]]
