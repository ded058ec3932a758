"""What a fitted logistic model says of its named inputs."""

import math
from collections.abc import Mapping
from typing import Any

_SURE = 30.0  # beyond it the probability is 0 or 1 anyway, and `exp` overflows in the end


def logistic(model: Mapping[str, Any], values: Mapping[str, float]) -> float:
    """A probability, in [0, 1].

    Args:
        model: `intercept`, and `weights` by the names of the values.
    """
    total = model["intercept"] + sum(
        weight * values[name] for name, weight in model["weights"].items()
    )
    return 1 / (1 + math.exp(-max(-_SURE, min(_SURE, total))))
