"""What a fitted logistic model says of its named inputs."""

import math
from collections.abc import Mapping
from typing import Any

_SURE = 30.0  # beyond it the probability is 0 or 1 anyway, and `exp` overflows in the end


def logistic(model: Mapping[str, Any], values: Mapping[str, float]) -> float:
    """A probability, in [0, 1]. Arguments as of `linear`."""
    return 1 / (1 + math.exp(-max(-_SURE, min(_SURE, linear(model, values)))))


def linear(model: Mapping[str, Any], values: Mapping[str, float]) -> float:
    """Log-odds, or the score of one class among several.

    Args:
        model: `intercept`, and `weights` by the names of the values.
    """
    weights: Mapping[str, float] = model["weights"]
    return float(model["intercept"]) + sum(
        weight * values[name] for name, weight in weights.items()
    )


def logistic_known(model: Mapping[str, Any], values: Mapping[str, float]) -> float:
    """`logistic` where values are words, and many: those that the model has not seen count
    nothing, and those that are not given are 0."""
    weights: Mapping[str, float] = model["weights"]
    known = {name: value for name, value in values.items() if name in weights}
    return logistic({**model, "weights": {name: weights[name] for name in known}}, known)
