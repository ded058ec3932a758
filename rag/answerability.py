"""Do the notes hold the answer? A logistic decision over signals that each know a part of it.

Raw e5 scores sit in a narrow band and separate nothing; here the best score is measured against
the question's own background (mean and spread of its similarity to *all* chunks). Weights and
thresholds are fitted by `tests/benchmarks/fit_answerability.py` and stored, with their ROC
figures, in `answerability.json` beside this file.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from rag.evidence import Relevance
from rag.language import content_words, detect_language
from rag.lexical import LexicalIndex
from rag.retrieval import Hit, lexical_weight

WEIGHTS = Path(__file__).with_name("answerability.json")


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for an answer being in the notes; each about 0 to 1 but `z` and `log_odds`."""

    z: float  # best cosine in standard deviations above the question's background
    margin: float  # best cosine minus the tenth, in those deviations
    coverage: float  # share of the question's word mass in the best chunk and its headings
    joint: float  # the same over the first three chunks together
    known: float  # share of that mass in words that stand anywhere in the notes
    rare: float  # 1 if the question's most telling word stands in the first three chunks
    crossing: float  # 1 if the best chunk is in another language than the question
    log_odds: float = 0.0  # of the LLM's yes against no, in nats, clipped to ±6


class Background:
    """Mean and spread of a question's cosine to all chunks, from two moments of the vectors."""

    def __init__(self, vectors: np.ndarray) -> None:
        self._mean = vectors.mean(axis=0)
        centred = vectors - self._mean
        self._covariance = centred.T @ centred / max(1, len(vectors))

    def standardise(self, query: np.ndarray, cosines: Sequence[float]) -> np.ndarray:
        """Cosines of `query` in standard deviations above its mean over all chunks."""
        spread = float(np.sqrt(max(query @ self._covariance @ query, 1e-8)))
        return (np.asarray(cosines) - float(self._mean @ query)) / spread


def measure(
    question: str, vector: np.ndarray, hits: Sequence[Hit], lexical: LexicalIndex, back: Background
) -> Signals:
    """The signals of a question and its retrieved chunks (without the LLM's)."""
    cosines = sorted((hit.dense for hit in hits), reverse=True)
    z = back.standardise(vector, cosines) if cosines else np.zeros(1)
    relevance = Relevance(question, lexical)
    texts = [_with_context(hit) for hit in hits[:3]]
    asked = sorted(set(content_words(question)), key=lambda word: -lexical.idf(word))
    top_words = set(content_words(" ".join(texts)))
    first = texts[0] if texts else ""
    return Signals(
        z=float(z[0]),
        margin=float(z[0] - z[-1]),
        coverage=max((relevance(text) for text in texts), default=0.0),
        joint=relevance(" ".join(texts)),
        known=lexical_weight(lexical, question)[0],
        rare=float(bool(asked) and asked[0] in top_words),
        crossing=float(detect_language(question) != detect_language(first)),
    )


def probability(signals: Signals, with_llm: bool) -> float:
    """Calibrated probability, in [0, 1], that the notes hold the answer."""
    model = _fitted()["llm" if with_llm else "retrieval"]
    values: dict[str, float] = asdict(signals)
    values |= {f"{name}_crossing": value * signals.crossing for name, value in values.items()}
    total = model["intercept"] + sum(
        weight * values[name] for name, weight in model["weights"].items()
    )
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def threshold(with_llm: bool) -> float:
    """Below this probability the honest answer is "the notes do not say"."""
    return float(_fitted()["llm" if with_llm else "retrieval"]["threshold"])


@lru_cache(maxsize=1)
def _fitted() -> Mapping[str, Any]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def _with_context(hit: Hit) -> str:
    meta = hit.document.metadata
    return " ".join(
        [str(meta.get("title", "")), *meta.get("headings", []), hit.document.page_content]
    )
