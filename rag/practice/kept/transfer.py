"""One learner's past as JSON, and back: nothing twice, nothing half."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from rag.practice.kept.appeals import Appeal, Appeals, put_appeal
from rag.practice.kept.attempts import Attempt, put_attempt
from rag.practice.kept.exported import FORMAT, checked
from rag.practice.kept.moves import moved_to
from rag.practice.kept.ratings import put_card
from rag.practice.plan.learner_plan import Plans

if TYPE_CHECKING:
    from rag.practice.history import History

_OURS = {"id", "profile"}


def exported_history(history: "History", profile: str) -> dict[str, Any]:
    """Everything of one learner. A follow-up names its first answer, and an appeal its attempt, by
    the place in the list of attempts, counted from 1."""
    attempts = history.attempts(profile)
    places = {item.id: place for place, item in enumerate(attempts, 1)}
    return {
        "format": FORMAT,
        "cards": history.cards(profile),
        "attempts": [
            {
                **{key: value for key, value in asdict(item).items() if key not in _OURS},
                "part_of": places.get(item.part_of) if item.part_of else None,
            }
            for item in attempts
        ],
        "appeals": [
            {
                **{key: value for key, value in asdict(item).items() if key != "profile"},
                "attempt": places[item.attempt],
            }
            for item in Appeals(history).of_profile(profile)
            if item.attempt in places
        ],
        "plan": Plans(history.database).load(profile).to_dict(),
    }


def restored_history(history: "History", profile: str, data: Any) -> int:
    """Add an export's attempts, appeals and schedules to a learner; how many attempts were new.

    Raises:
        UsageError: `data` is no such export; nothing is changed.
    """
    cards, items, appeals, plan = checked(data)
    known = {(item.topic, item.at, item.explanation): item.id for item in history.attempts(profile)}
    own = history.cards(profile)
    ids: dict[int, int] = {}
    fresh = 0
    with history.database.open() as database:
        moves = moved_to(database)
        for place, item in enumerate(items, 1):
            attempt = Attempt(0, profile, **item)
            attempt = replace(
                attempt,
                topic=moves.get(attempt.topic, attempt.topic),
                part_of=ids.get(attempt.part_of) if attempt.part_of else None,
            )
            key = (attempt.topic, attempt.at, attempt.explanation)
            if key not in known:
                known[key] = put_attempt(database, attempt)
                fresh += 1
            ids[place] = known[key]
        for appeal in appeals:
            topic = moves.get(appeal["topic"], appeal["topic"])
            kept = {**appeal, "attempt": ids[appeal["attempt"]], "topic": topic}
            put_appeal(database, Appeal(profile=profile, **kept), "OR IGNORE")
        for topic, card in cards.items():
            topic = moves.get(topic, topic)
            if topic not in own or _reviewed(own[topic]) < _reviewed(card):
                put_card(database, profile, topic, card)
    plans = Plans(history.database)
    if plan is not None and not plans.made(profile):
        plans.save(profile, plan)
    return fresh


def _reviewed(card: dict[str, Any]) -> str:
    """When a card was last reviewed; "" for never."""
    return str(card.get("last_review") or "")
