"""When to come back: FSRS by the package `fsrs` (Ye et al. 2022, "A Stochastic Shortest Path
Algorithm for Optimizing Spaced Repetition Scheduling"). Time is always passed in."""

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

if TYPE_CHECKING:
    from fsrs.card import CardDict

Rating = Literal["again", "hard", "good", "easy"]
RATINGS: tuple[Rating, ...] = get_args(Rating)


def rating_for(score: int, hints: int = 0) -> Rating:
    """The rating that a score (0 to 100) suggests; who took a hint did not find it easy."""
    if score < 40:
        return "again"
    if score < 65:
        return "hard"
    if score < 88 or hints:
        return "good"
    return "easy"


def review(card: dict[str, Any] | None, rating: Rating, when: datetime) -> dict[str, Any]:
    """The card (FSRS's own dict form; None: a new one) after a review at `when` (UTC)."""
    from fsrs import Card
    from fsrs import Rating as FsrsRating

    before = Card.from_dict(cast("CardDict", card)) if card else Card(due=when)
    value = FsrsRating(RATINGS.index(rating) + 1)
    after, _ = _scheduler().review_card(before, value, review_datetime=when)
    return dict(after.to_dict())


def due_of(card: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(card["due"])


def recall_probability(card: dict[str, Any], when: datetime) -> float:
    """How likely the topic is still remembered, in [0, 1]."""
    from fsrs import Card

    known = Card.from_dict(cast("CardDict", card))
    return float(_scheduler().get_card_retrievability(known, when))


@lru_cache(maxsize=1)
def _scheduler() -> Any:
    from fsrs import Scheduler

    # Days, not minutes: an interview topic is not drilled within one sitting.
    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
