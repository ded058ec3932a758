"""What fitted gradient-boosted trees say of rows of named inputs (Friedman 2001).

Fitted by scikit-learn (`rag/evaluation/fit/fit_choosing.py`) and kept as JSON, so that nothing is
unpickled and scikit-learn is not imported to answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_LEAF = -1


class BoostedTrees:
    """Trees laid side by side, so that all rows go down all trees at once.

    Args:
        stored: `names` of the inputs, `prior` (log odds), and `trees`, each with `feature` (-1 for
            a leaf), `threshold`, `left`, `right` and `value` (log odds) by node.
    """

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._names: Sequence[str] = stored["names"]
        self._prior = float(stored["prior"])
        trees = stored["trees"]
        shape = len(trees), max(len(tree["feature"]) for tree in trees)
        self._feature = np.full(shape, _LEAF, np.int32)
        self._threshold = np.zeros(shape, np.float32)
        self._left = np.zeros(shape, np.int32)
        self._right = np.zeros(shape, np.int32)
        self._value = np.zeros(shape, np.float64)
        for row, tree in enumerate(trees):
            size = len(tree["feature"])
            self._feature[row, :size] = tree["feature"]
            self._threshold[row, :size] = tree["threshold"]
            self._left[row, :size] = tree["left"]
            self._right[row, :size] = tree["right"]
            self._value[row, :size] = tree["value"]

    def probabilities(self, rows: Sequence[Mapping[str, float]]) -> np.ndarray:
        """One probability for each row, float64, shape `(len(rows),)`."""
        values = np.array([[row[name] for name in self._names] for row in rows], np.float32)
        if not len(rows):
            return np.zeros(0)
        tree = np.arange(len(self._feature))[None, :]
        node = np.zeros((len(rows), len(self._feature)), np.int32)
        while True:
            feature = self._feature[tree, node]
            inner = feature != _LEAF
            if not inner.any():
                break
            given = np.take_along_axis(values, np.maximum(feature, 0), axis=1)
            lower = given <= self._threshold[tree, node]
            below = np.where(lower, self._left[tree, node], self._right[tree, node])
            node = np.where(inner, below, node)
        odds = self._prior + self._value[tree, node].sum(axis=1)
        return np.asarray(1 / (1 + np.exp(-odds)))
