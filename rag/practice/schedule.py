"""When to come back: FSRS by the package `fsrs` (Ye et al. 2022, "A Stochastic Shortest Path
Algorithm for Optimizing Spaced Repetition Scheduling"). Time is always passed in."""

import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, get_args

Rating = Literal["again", "hard", "good", "easy"]
RATINGS: tuple[Rating, ...] = get_args(Rating)
RETENTION = 0.9  # probability of recall at which a topic comes back


def rating_for(score: int, hints: int = 0) -> Rating:
    """The rating that a score (0 to 100) suggests; who took a hint did not find it easy."""
    if score < 40:
        return "again"
    if score < 65:
        return "hard"
    if score < 88 or hints:
        return "good"
    return "easy"


def review(
    card: dict[str, Any] | None,
    rating: Rating,
    when: datetime,
    parameters: tuple[float, ...] = (),
    retention: float = RETENTION,
) -> dict[str, Any]:
    """The card (FSRS's own dict form; None: a new one) after a review at `when` (UTC).

    Args:
        parameters: FSRS's, fitted to the learner; () is its default.
        retention: wished probability of recall when the topic comes back.
    """
    from fsrs import Card
    from fsrs import Rating as FsrsRating

    before = _sound(card) or Card(due=when)
    value = FsrsRating(RATINGS.index(rating) + 1)
    scheduler = _scheduler(parameters, retention)
    after, _ = scheduler.review_card(before, value, review_datetime=when)
    return dict(after.to_dict())


def due_of(card: dict[str, Any]) -> datetime:
    """When a topic is due (UTC); a time without a zone, as earlier imports let in, is UTC's."""
    due = datetime.fromisoformat(card["due"])
    return due if due.tzinfo else due.replace(tzinfo=UTC)


def recall_probability(card: dict[str, Any], when: datetime) -> float:
    """How likely the topic is still remembered, in [0, 1]."""
    sound = _sound(card)
    return float(_scheduler((), RETENTION).get_card_retrievability(sound, when)) if sound else 0.0


def read_card(card: Any) -> Any:
    """FSRS's `Card` of its dict form.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is none, or one that fails later.
    """
    from fsrs import Card, State

    if not isinstance(card, dict):
        raise TypeError("it is no object")
    found = Card.from_dict(card)  # type: ignore[arg-type]
    for when in (found.due, found.last_review):
        if when is not None and when.tzinfo is None:
            raise ValueError(f"the time {when.isoformat()} has no zone")
    for name in ("stability", "difficulty"):
        value = getattr(found, name)
        if value is None and found.last_review is None and found.state is State.Learning:
            continue  # never reviewed
        if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
            raise ValueError(f"its {name} is no number above 0")
    if found.state is not State.Learning and found.last_review is None:
        raise ValueError("it has no last_review")
    if found.state is not State.Review and found.step is None:
        raise ValueError("it has no step")
    return found


def _sound(card: dict[str, Any] | None) -> Any:
    """The card; None for none, and for one that an earlier version let in unchecked: the topic
    then starts anew."""
    if card is None:
        return None
    try:
        return read_card(card)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


@lru_cache(maxsize=16)
def _scheduler(parameters: tuple[float, ...], retention: float) -> Any:
    from fsrs import Scheduler

    wished: dict[str, Any] = {"parameters": parameters} if parameters else {}
    # Days, not minutes: an interview topic is not drilled within one sitting.
    return Scheduler(
        desired_retention=retention, learning_steps=(), relearning_steps=(),
        enable_fuzzing=False, **wished,
    )  # fmt: skip
