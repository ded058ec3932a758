"""Fit `rag/answer/understanding/strangers.json`: is an unknown name what a message asks about?

The messages of `data/strange_names.jsonl` are by nine writers who had seen neither notes nor code,
one of whom wrote pasted and quoted text in both languages: what is reported is of writers that
were left out, each in turn.

    python -m rag.evaluation.fit.fit_strangers [--write]
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag.answer.understanding.strangers import ASKED_ABOUT, WEIGHTS, features
from rag.evaluation.json_files import read_json_lines
from rag.storage.atomic import write_atomic

FILE = Path(__file__).with_name("data") / "strange_names.jsonl"
STRENGTH = 3.0  # C of the regression
SEEN = 2  # times that a word must be seen to count
LEAST = 0.02  # weight below which a word is left out


def fit() -> dict[str, Any]:
    """The model, with what it reaches on writers left out."""
    data = read_json_lines(FILE)
    truth = np.array([row["kind"] != "incidental" for row in data])
    rows = [features(row["message"], row["name"]) for row in data]
    writers = np.array([row["writer"] for row in data])
    left_out = np.zeros(len(truth))
    for writer in np.unique(writers):
        test = writers == writer
        table, model = _fitted([rows[n] for n in np.flatnonzero(~test)], truth[~test])
        shown = table.transform([rows[n] for n in np.flatnonzero(test)])
        left_out[test] = model.predict_proba(shown)[:, 1]
    said = left_out >= ASKED_ABOUT
    table, model = _fitted(rows, truth)
    weights = zip(table.get_feature_names_out(), model.coef_[0].tolist(), strict=True)
    return {
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": {name: round(w, 3) for name, w in weights if abs(w) >= LEAST},
        "writers_left_out": {
            "messages": len(truth),
            "auc": round(float(roc_auc_score(truth, left_out)), 4),
            "auc_of": {
                writer: round(float(roc_auc_score(truth[own], left_out[own])), 3)
                for writer in np.unique(writers).tolist()
                if (own := writers == writer).any()
            },
            "settings_taken_for_asked": round(float(said[~truth].mean()), 3),
            "asked_taken_for_settings": round(float((~said)[truth].mean()), 3),
        },
    }


def _fitted(
    rows: list[dict[str, float]], truth: np.ndarray
) -> tuple[DictVectorizer, LogisticRegression]:
    counts: dict[str, int] = {}
    for row in rows:
        for name in row:
            counts[name] = counts.get(name, 0) + 1
    table = DictVectorizer()
    x = table.fit_transform([{n: v for n, v in r.items() if counts[n] >= SEEN} for r in rows])
    model = LogisticRegression(C=STRENGTH, max_iter=5000, class_weight="balanced")
    return table, model.fit(x, truth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the weights")
    given = parser.parse_args()
    stored = fit()
    print(json.dumps(stored["writers_left_out"], indent=1), len(stored["weights"]), "weights")
    if given.write:
        text = json.dumps(stored, ensure_ascii=False, separators=(",", ":")) + "\n"
        write_atomic(WEIGHTS, text.encode())


if __name__ == "__main__":
    main()
