"""Which sentences make the answer, and in what order they are told.

A logistic model over the features of `candidates` says of each sentence how likely it is to state
something that a good answer must state. It is fitted by `rag/evaluation/fit/fit_choosing.py` on
half of the nugget set and stored, with what it reaches on the other half, in `choosing.json`.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.answer.candidates import Candidate
from rag.grounding.logistic import logistic
from rag.text.words import content_words

WEIGHTS = Path(__file__).with_name("choosing.json")
MOST = 8
SAME = 0.6  # share of common words from which two sentences say the same


def worth(candidate: Candidate) -> float:
    """Probability, in [0, 1], that a good answer states what this sentence does."""
    return logistic(_fitted(), candidate.features)


def choose(candidates: Sequence[Candidate], opening: Candidate | None = None) -> list[Candidate]:
    """The sentences of the answer, as they are to be told; at least one where there is any.

    Args:
        opening: what is said first in any case.

    Taken in order of worth: all that are likely enough by themselves, at most `MOST`, none that
    says again what a better one says.
    """
    model = _fitted()
    ranked = sorted(((worth(item), item) for item in candidates), key=lambda pair: -pair[0])
    if not ranked:
        return []
    least = max(model["least"], model["share"] * ranked[0][0])
    chosen: list[Candidate] = [] if opening is None else [opening]
    for value, item in ranked:
        if chosen and (value < least or len(chosen) == MOST):
            break
        if not any(same(item.quote.text, other.quote.text) for other in chosen):
            chosen.append(item)
    first = opening or chosen[0]
    return [first, *arranged([item for item in chosen if item is not first])]


def arranged(chosen: Sequence[Candidate]) -> list[Candidate]:
    """What the likest question asks for, as its author tells it; then the rest in the order of the
    notes, section by section. (The sentence of most worth is told before them all.)"""

    def place(item: Candidate) -> tuple[int, int, int]:
        return (0, item.told, 0) if item.told >= 0 else (1, *item.place)

    return sorted(chosen, key=place)


def same(one: str, other: str) -> bool:
    """Two sentences share most of the words of the shorter one."""
    left, right = set(content_words(one)), set(content_words(other))
    return bool(left and right) and len(left & right) >= SAME * min(len(left), len(right))


@lru_cache(maxsize=1)
def _fitted() -> Mapping[str, Any]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))
