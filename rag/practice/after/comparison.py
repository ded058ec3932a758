"""What changed since the learner's last attempt on the same question."""

from dataclasses import dataclass
from typing import Any

from rag.practice.history import History
from rag.practice.kept.attempts import Attempt

_SAID, _WEAK = frozenset(["covered"]), frozenset(["partly", "missed", "contradicted"])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two attempts on one question.

    Attributes:
        earlier: when the earlier one was made (ISO 8601 in UTC).
        before, now: their scores, 0 to 100.
        gained, lost, open: texts of points that are said now, no longer said, said in neither.
    """

    earlier: str
    before: int
    now: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    open: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "earlier": self.earlier,
            "before": self.before,
            "now": self.now,
            "gained": list(self.gained),
            "lost": list(self.lost),
            "open": list(self.open),
        }


def compared(history: History, profile: str, attempt: int) -> Comparison | None:
    """An attempt against the one before it on its question; None where there is none, or where
    one of them was not judged.

    Raises:
        UsageError: there is no such attempt.
    """
    now = history.attempt(profile, attempt)
    earlier = [
        item
        for item in history.attempts(profile, now.topic)
        if item.question == now.question and (item.at, item.id) < (now.at, now.id)
        and item.score is not None
    ]  # fmt: skip
    if now.score is None or not earlier:
        return None
    last = earlier[-1]
    before, after = _statuses(last), _statuses(now)
    both = [name for name in after if name in before]
    texts = _texts(now)

    def changed(old: frozenset[str], new: frozenset[str]) -> tuple[str, ...]:
        return tuple(texts[name] for name in both if before[name] in old and after[name] in new)

    return Comparison(
        last.at, last.score or 0, now.score,
        changed(_WEAK, _SAID), changed(_SAID, _WEAK), changed(_WEAK, _WEAK),
    )  # fmt: skip


def _statuses(attempt: Attempt) -> dict[str, str]:
    return {_name(point): str(point.get("status")) for point in attempt.grade.get("points", [])}


def _texts(attempt: Attempt) -> dict[str, str]:
    points = attempt.grade.get("points", [])
    return {_name(point): str(point.get("text", "")) for point in points}


def _name(point: dict[str, Any]) -> str:
    """A point's id, else its wording: earlier versions kept no ids."""
    return str(point.get("id") or " ".join(str(point.get("text", "")).split()))
