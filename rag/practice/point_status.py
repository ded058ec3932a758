"""Matches (and the LLM's word) → a status for each key point.

A logistic model gives P(at least partly said) and P(fully said). Weights are fitted by
`rag/evaluation/fit/fit_grading.py` on hand-labelled explanations and stored in `weights.json`
with the agreement they reach on notes they were not fitted on.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from rag.grounding.logistic import logistic
from rag.llm.verdict import Verdict
from rag.practice.matching import Match

Status = Literal["covered", "partly", "missed", "contradicted"]
WEIGHTS = Path(__file__).with_name("weights.json")
# By 78 points of the held half: what the verdict the other way round counts where a point may be
# contradicted, and the limit then.
AGAIN = 0.3
WRONG_TWICE = 0.76


def features(match: Match, log_odds: float | None) -> dict[str, float]:
    """What the model sees of a match; `log_odds` of the LLM's yes, clipped to ±6, in nats."""
    values = {
        "coverage": match.coverage,
        "anywhere": match.anywhere,
        "cosine": (match.cosine - 0.85) * 10,
        "lift": match.lift * 10,
        "crossing": match.crossing,
        "cosine_crossing": (match.cosine - 0.85) * 10 * match.crossing,
    }
    if log_odds is not None:
        values["log_odds"] = max(-6.0, min(6.0, log_odds)) / 3
    return values


def probabilities(match: Match, log_odds: float | None = None) -> tuple[float, float]:
    """(P at least partly said, P fully said), each in [0, 1]."""
    if match.said is None:
        return 0.0, 0.0
    models = _fitted()["no_llm" if log_odds is None else "llm"]
    values = features(match, log_odds)
    partly, fully = (logistic(models[name], values) for name in ("partly", "fully"))
    return partly, min(partly, fully)


def status_of(match: Match, log_odds: float | None = None) -> tuple[Status, float]:
    """The status of a point and the credit that it earns: 1, 0.5 or 0."""
    if match.clash:
        return "contradicted", 0.0
    partly, fully = probabilities(match, log_odds)
    if fully >= 0.5:
        return "covered", 1.0
    if partly >= 0.5:
        return "partly", 0.5
    return "missed", 0.0


def may_be_wrong(verdict: Verdict) -> bool:
    """A second verdict, the other way round, decides whether a point is contradicted."""
    return verdict.wrong >= WRONG_TWICE


def status_by(verdict: Verdict, again: Verdict | None = None) -> Status:
    """The status that the embedded LLM's verdict gives a point.

    "contradicted" is said only where it is all but certain: a right answer that is called wrong
    hurts a learner more than a slip that is passed as half right.

    Args:
        again: whether the point states what the learner said of it, which speaks for the learner
            only: who says more than the point is not wrong.
    """
    limits = _fitted()["verdict"]
    wrong, limit = verdict.wrong, limits["wrong"]
    if again is not None:
        both = (1 - AGAIN) * wrong + AGAIN * (1 - again.yes - again.half / 2)
        wrong, limit = min(wrong, both), WRONG_TWICE
    if wrong >= limit:
        return "contradicted"
    if verdict.yes >= limits["yes"]:
        return "covered"
    return "partly" if 1 - verdict.no >= limits["some"] else "missed"


def undecided(match: Match) -> bool:
    """Whether the LLM's word could change the status."""
    if match.said is None:
        return False
    partly, fully = probabilities(match)
    return not (fully > 0.97 or partly < 0.02)


@lru_cache(maxsize=1)
def _fitted() -> Mapping[str, Any]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))
