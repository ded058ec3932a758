"""FSRS's parameters fitted to a learner's own reviews, by the package's optimizer."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from rag.errors import UsageError
from rag.practice.kept.attempts import Attempt
from rag.practice.schedule import RATINGS

ENOUGH = 512  # reviews on other days than the first; with fewer the optimizer gives its default


def reviews_of(attempts: Sequence[Attempt]) -> dict[str, list[Attempt]]:
    """The rated attempts of every topic, oldest first."""
    found: dict[str, list[Attempt]] = {}
    for item in attempts:
        if item.rating in RATINGS:
            found.setdefault(item.topic, []).append(item)
    return {
        topic: sorted(items, key=lambda item: item.rated_at or item.at)
        for topic, items in found.items()
    }


def counted(attempts: Sequence[Attempt]) -> int:
    """How many reviews FSRS learns from: those on another day than the one before."""
    return sum(
        (_when(after) - _when(before)).days > 0
        for items in reviews_of(attempts).values()
        for before, after in pairwise(items)
    )


def fitted(attempts: Sequence[Attempt], enough: int = ENOUGH) -> tuple[float, ...]:
    """FSRS's 21 parameters, fitted to a learner's attempts.

    Raises:
        UsageError: there are too few reviews, or the optimizer is not installed.
    """
    count = counted(attempts)
    if count < enough:
        raise UsageError(
            f"There are {count} reviews to fit the schedule to; {enough} are needed. FSRS's own "
            f"values, fitted to many learners, hold till then. 复习记录还不够（{count}/{enough}）。"
        )
    from fsrs import Rating, ReviewLog

    try:
        from fsrs import Optimizer

        logs = [
            ReviewLog(number, Rating(RATINGS.index(_rating(item)) + 1), _when(item), None)
            for number, items in enumerate(reviews_of(attempts).values(), 1)
            for item in items
        ]
        found = Optimizer(logs).compute_optimal_parameters()
    except ImportError as error:
        raise UsageError(
            "Fitting needs the optimizer: pip install 'interview-notes-rag[fit]'. 需要安装优化器。"
        ) from error
    return tuple(float(value) for value in found)


def _rating(item: Attempt) -> str:
    assert item.rating is not None
    return item.rating


def _when(item: Attempt) -> datetime:
    return datetime.fromisoformat(item.rated_at or item.at).astimezone(UTC)
