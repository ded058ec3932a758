"""Rank fusion, and how much the words of a question weigh."""

from collections.abc import Iterable
from typing import Any

from rag.index.opened import WordIndex

RRF_K = 60


def lexical_weight(index: WordIndex, words: Iterable[str]) -> tuple[float, float]:
    """(share of a question's idf mass in words the notes have, in [0, 1]; the whole mass)."""
    total = known = 0.0
    for word in dict.fromkeys(words):
        idf = index.idf(word)
        total += idf
        if index.knows(word):
            known += idf
    return (known / total if total else 0.0), total


def fuse(lists: Iterable[tuple[Iterable[Any], float]]) -> dict[Any, float]:
    """Weighted reciprocal rank fusion of ranked rows: row → sum of weight/(60 + rank)."""
    scores: dict[Any, float] = {}
    for rows, weight in lists:
        for rank, row in enumerate(rows, 1):
            scores[row] = scores.get(row, 0.0) + weight / (RRF_K + rank)
    return scores
