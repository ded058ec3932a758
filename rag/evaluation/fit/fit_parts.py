"""Fit `rag/answer/understanding/parts.json`: where a question is cut into the things it asks.

`data/question_parts.jsonl`: 990 questions that a reader took apart (one thing, several, or a
comparison, which is one). A question whose parts are not as many as its pieces teaches nothing.

    python -m rag.evaluation.fit.fit_parts [--write]
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from rag.answer.understanding.parts import WEIGHTS, cut, features
from rag.assistant import Assistant
from rag.evaluation.json_files import read_json_lines
from rag.settings import load_settings
from rag.storage.atomic import write_atomic

FILE = Path(__file__).with_name("data") / "question_parts.jsonl"
FOLDS = 8
SEEN = 4  # times that a feature must be seen to count
THRESHOLD = 0.5
_UNKNOWN = -1


def fit(assistant: Assistant) -> dict[str, Any]:
    """The model, with how often it is right that a question of those left out asks several."""
    index = assistant.index()
    rows, truth, groups = [], [], []
    several: dict[int, bool] = {}
    for number, data in enumerate(read_json_lines(FILE)):
        pieces, signs = cut(data["question"])
        several[number] = data["kind"] == "several"
        known = not several[number] or len(pieces) == len(data["parts"])
        for place in range(len(signs)):
            rows.append(features(data["question"], pieces, signs, place, index))
            truth.append(int(several[number]) if known else _UNKNOWN)
            groups.append(number)
    seen = Counter(name for row in rows for name in row)
    rows = [{n: v for n, v in row.items() if seen[n] >= SEEN} for row in rows]
    table = DictVectorizer()
    x, y, g = table.fit_transform(rows), np.array(truth), np.array(groups)

    def model(train: np.ndarray) -> LogisticRegression:
        own = train[y[train] != _UNKNOWN]
        return LogisticRegression(C=1.0, max_iter=3000).fit(x[own], y[own])

    left_out = np.zeros(len(y))
    for train, test in GroupKFold(FOLDS).split(x, y, g):
        left_out[test] = model(train).predict_proba(x[test])[:, 1]
    said = {number: bool((left_out[g == number] >= THRESHOLD).any()) for number in several}
    right = sum(said[number] and several[number] for number in several)
    whole = model(np.arange(len(y)))
    weights = dict(zip(table.feature_names_, whole.coef_[0], strict=True))
    return {
        "model": {
            "intercept": round(float(whole.intercept_[0]), 3),
            "weights": {n: round(float(w), 3) for n, w in weights.items() if abs(w) >= 0.02},
        },
        "threshold": THRESHOLD,
        "left_out_questions": {
            "precision": round(right / sum(said.values()), 3),
            "recall": round(right / sum(several.values()), 3),
            "questions": len(several),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the weights")
    given = parser.parse_args()
    stored = fit(Assistant(load_settings(llm="none")))
    print(json.dumps(stored["left_out_questions"]))
    if given.write:
        write_atomic(WEIGHTS, (json.dumps(stored, ensure_ascii=False, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
