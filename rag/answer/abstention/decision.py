"""Do the notes hold the answer? A logistic decision over signals that each know a part of it.

Raw e5 scores sit in a narrow band and separate nothing; here the best score is measured against
the question's own background (mean and spread of its similarity to *all* chunks). There are three
models, for notes with authored key points, for those without, and for notes in another language
than the question. Weights and thresholds are
fitted by `rag/evaluation/fit/fit_abstention.py` and stored, with their ROC figures, in
`weights.json` beside this file.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from rag.answer.abstention.signals import Signals
from rag.grounding.logistic import logistic

Model = Literal["keyed", "plain", "crossing"]
Stage = Literal["retrieval", "asked"]  # "asked": answers of earlier versions, which asked the LLM
# Between which nearly all cases of the fit lie: other embedders, with few notes, give far more.
BOUNDS = {"z": (-1.0, 6.0), "margin": (0.0, 4.0)}
WEIGHTS = Path(__file__).with_name("weights.json")


def features(signals: Signals) -> dict[str, float]:
    """Named inputs of the decision."""
    values: dict[str, float] = asdict(signals)
    for name, (least, most) in BOUNDS.items():
        values[name] = min(max(values[name], least), most)
    return values


def probability(signals: Signals) -> float:
    """Calibrated probability, in [0, 1], that the notes hold the answer."""
    model = _fitted()[model_of(signals)]
    return logistic(model, features(signals))


def threshold(signals: Signals) -> float:
    """Below this probability the honest answer is "the notes do not say"."""
    return float(_fitted()[model_of(signals)]["threshold"])


def margin(signals: Signals) -> float:
    """How far the probability lies above its threshold; the models have different ones."""
    return probability(signals) - threshold(signals)


def model_of(signals: Signals) -> Model:
    """Notes without front matter have no questions and key points to be like; words of another
    language have to be guessed."""
    if signals.crossing:
        return "crossing"
    return "keyed" if signals.keyed else "plain"


@lru_cache(maxsize=1)
def _fitted() -> Mapping[str, Any]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))
