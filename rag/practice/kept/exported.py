"""An exported history, checked as a whole before any of it is taken in."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from rag.errors import UsageError
from rag.practice.grades import Found, LeftOut
from rag.practice.kept.appeals import KINDS
from rag.practice.plan.learner_plan import LearnerPlan
from rag.practice.point_status import Status
from rag.practice.schedule import RATINGS, read_card, recall_probability, review

FORMAT = "interview-notes-rag/practice/2"
_READ = {"interview-notes-rag/practice/1", FORMAT}
_LAST_YEAR = 9000  # time zones and intervals are added to dates
_TEXTS = ("topic", "title", "question", "explanation", "at")
_NAMES = {*_TEXTS, "grade", "score", "rating", "hints"}
_NEWER = {"part_of", "rated_at"}  # since practice/2
_APPEAL_TEXTS = ("topic", "point", "words", "status_before", "status_after", "at")
_STATUSES = {*get_args(Status), *get_args(Found), *get_args(LeftOut)}


def checked(
    data: Any,
) -> tuple[
    dict[str, dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]], LearnerPlan | None
]:
    """The cards by topic, the attempts, the appeals (none in earlier exports) and the plan of an
    export, fit to be stored.

    Raises:
        UsageError: something in it could not be used later; the sentence says what.
    """
    if not isinstance(data, Mapping) or data.get("format") not in _READ:
        raise _refused(f"its format is not '{FORMAT}'")
    cards, attempts = data.get("cards"), data.get("attempts")
    if not isinstance(cards, Mapping) or not isinstance(attempts, list):
        raise _refused("it has no `cards` or no `attempts`")
    appeals = data.get("appeals", [])
    if not isinstance(appeals, list):
        raise _refused("its `appeals` are no list")
    return (
        {str(topic): _card(str(topic), card) for topic, card in cards.items()},
        [_attempt(number, item) for number, item in enumerate(attempts, 1)],
        [_appeal(number, item, len(attempts)) for number, item in enumerate(appeals, 1)],
        None if data.get("plan") is None else LearnerPlan.from_dict(data["plan"]),
    )


def _card(topic: str, card: Any) -> dict[str, Any]:
    try:
        _storable(topic)
        if not topic:
            raise ValueError("a topic without a name")
        found = read_card(card)
        kept: dict[str, Any] = dict(found.to_dict())
        for name in ("due", "last_review"):
            if kept[name] is not None:
                when = _moment(kept[name])
                kept[name] = when.isoformat()
        now = datetime.now(UTC)
        for rating in RATINGS:  # whatever comes next must work
            after = review(kept, rating, now)
            json.dumps(after, allow_nan=False)
        recall_probability(kept, now)
        return kept
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise _refused(f"the card of '{topic}' is unfit ({_first(error)})") from error


def _attempt(number: int, item: Any) -> dict[str, Any]:
    try:
        if not isinstance(item, Mapping) or not _NAMES <= set(item) <= _NAMES | _NEWER:
            raise ValueError(f"it has not just the fields {', '.join(sorted(_NAMES))}")
        for name in _TEXTS:
            if not isinstance(item[name], str):
                raise ValueError(f"{name} is no text")
            _storable(item[name])
        if not item["topic"]:
            raise ValueError("topic is empty")
        for name, most in (("score", 100), ("hints", 1000)):
            value = item[name]
            if name == "score" and value is None:
                continue  # nobody has judged it
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
                raise ValueError(f"{name} is no whole number from 0 to {most}")
        if item["rating"] is not None and item["rating"] not in RATINGS:
            raise ValueError("rating is none of " + ", ".join(RATINGS))
        _grade(item["grade"])
        first = item.get("part_of")
        if first is not None and not (type(first) is int and 1 <= first < number):
            raise ValueError("part_of names no attempt before it")
        rated_at = item.get("rated_at")
        return {
            **item,
            "at": _moment(item["at"]).isoformat(),
            "rated_at": None if rated_at is None else _moment(rated_at).isoformat(),
        }
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _refused(f"attempt {number} is unfit ({_first(error)})") from error


def _appeal(number: int, item: Any, attempts: int) -> dict[str, Any]:
    try:
        if not isinstance(item, Mapping) or set(item) != {*_APPEAL_TEXTS, "attempt", "kind"}:
            raise ValueError("it has not just the fields of an appeal")
        for name in _APPEAL_TEXTS:
            if not isinstance(item[name], str):
                raise ValueError(f"{name} is no text")
            _storable(item[name])
        if item["kind"] not in KINDS:
            raise ValueError("kind is none of " + ", ".join(KINDS))
        if not {item["status_before"], item["status_after"]} <= _STATUSES:
            raise ValueError("a status is not known")
        attempt = item["attempt"]
        if type(attempt) is not int or not 1 <= attempt <= attempts:
            raise ValueError("attempt names none of the file")
        return {**item, "at": _moment(item["at"]).isoformat()}
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _refused(f"appeal {number} is unfit ({_first(error)})") from error


def _grade(grade: Any) -> None:
    if not isinstance(grade, dict) or not isinstance(grade.get("points", []), list):
        raise ValueError("grade is no object with points")
    for point in grade.get("points", []):
        if not isinstance(point, dict) or point.get("status") not in _STATUSES:
            raise ValueError("a point of the grade has no known status")
        if not isinstance(point.get("text"), str):
            raise ValueError("a point of the grade has no text")
    _storable(json.dumps(grade, ensure_ascii=False, allow_nan=False))


def _moment(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"the time {text} has no zone")
    if when.year > _LAST_YEAR:
        raise ValueError(f"the time {text} is too far away")
    return when.astimezone(UTC)


def _storable(text: str) -> None:
    text.encode()  # half a surrogate pair cannot be stored


def _refused(why: str) -> UsageError:
    return UsageError(
        f"The file is no practice export of this program: {why}; nothing was imported. "
        "文件有误，未导入任何内容。"
    )


def _first(error: Exception) -> str:
    if isinstance(error, KeyError) and error.args:
        return f"it has no {error.args[0]}"[:200]
    return (str(error) or type(error).__name__).splitlines()[0][:200]
