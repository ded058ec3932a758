"""Matches (and the LLM's word) → a status for each key point.

A logistic model gives P(at least partly said) and P(fully said). Weights are fitted by
`rag/evaluation/fit/fit_grading.py` on hand-labelled explanations and stored in `weights.json`
with the agreement they reach on notes they were not fitted on. Where the embedded LLM judges,
another model makes the status of its verdicts (`rag/evaluation/fit/fit_point_status.py`).
"""

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from rag.grounding.logistic import linear, logistic
from rag.llm.verdict import Verdict
from rag.practice.matching import Match

Status = Literal["covered", "partly", "missed", "contradicted"]
WEIGHTS = Path(__file__).with_name("weights.json")
WRONG, DOUBTFUL = 0.5, 0.25  # probability of being told wrongly
OF_BOTH = 0.2  # least "wrong" of the second verdict: none is told wrongly by one verdict alone
DOUBTED = 0.3  # of the verdict's "wrong", from which the note's own sentence is asked about, too
_LEAST = 0.004  # of a probability: no verdict is surer


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


def status_by(
    verdict: Verdict,
    of_sentence: Verdict | None = None,
    judged: Mapping[str, Any] | None = None,
) -> Status:
    """The likeliest status of a point by the embedded LLM's verdicts.

    A right answer that is called wrong hurts a learner more than a slip that is passed as half
    right: what would be covered, but may well be wrong, counts as said in part.

    Args:
        of_sentence: of the note's sentence that states the point: a terse point reads like its
            opposite more easily than a whole sentence does.
        judged: the models; the stored ones if not given.
    """
    judged = judged or _fitted()["judged"]
    values = judged_features(verdict, of_sentence)
    wrong = logistic(judged["wrong"], values)
    if wrong >= WRONG and (of_sentence is None or of_sentence.wrong >= OF_BOTH):
        return "contradicted"
    models: Mapping[Status, Any] = judged["statuses"]
    status = max(models, key=lambda each: linear(models[each], values))
    doubtful = wrong >= DOUBTFUL or verdict.wrong > max(verdict.yes, verdict.half, verdict.no)
    return "partly" if status == "covered" and doubtful else status


def judged_features(verdict: Verdict, of_sentence: Verdict | None) -> dict[str, float]:
    """What the models of judged points see: log-odds, in nats."""
    return {
        "yes": _odds(verdict.yes),
        "half": _odds(verdict.half),
        "no": _odds(verdict.no),
        "wrong": _odds(verdict.wrong),
        "sentence_wrong": _odds((of_sentence or verdict).wrong),
    }


def _odds(probability: float) -> float:
    held = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(held) - math.log(1 - held)


def undecided(match: Match) -> bool:
    """Whether the LLM's word could change the status."""
    if match.said is None:
        return False
    partly, fully = probabilities(match)
    return not (fully > 0.97 or partly < 0.02)


@lru_cache(maxsize=1)
def _fitted() -> Mapping[str, Any]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))
