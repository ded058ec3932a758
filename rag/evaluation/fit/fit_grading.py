"""Fit and measure the grading of key points on `data/explanations.jsonl`.

    python -m rag.evaluation.fit.fit_grading [--llm local] [--write]

The labels go by the order of the key points in `data/notes`, the notes as they were when people
labelled them; `corpus/` has moved on.

Agreement is counted on topics that were left out of the fit (one topic at a time). `--write`
stores weights fitted on all topics in `rag/practice/weights.json`, with that agreement.
"""

import argparse
import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score

from rag.assistant import Assistant
from rag.practice.explanation import read_explanation
from rag.practice.llm_judge import point_log_odds
from rag.practice.matching import Match, match_points
from rag.practice.point_status import WEIGHTS, features
from rag.settings import load_settings
from rag.storage.atomic import write_atomic

DATA = Path(__file__).parent / "data" / "explanations.jsonl"
NOTES = DATA.with_name("notes")
Row = tuple[str, str, int, str, Match, float | None]  # topic, kind, number, label, match, log-odds
MODELS = {"partly": ("covered", "partly"), "fully": ("covered",)}


def rows_of(assistant: Assistant, llm: str) -> tuple[list[Row], list[float]]:
    """One row a key point: topic, kind, label, match, log-odds."""
    coach = assistant.coach("none")
    model = assistant.model(llm) if llm != "none" else None
    rows: list[Row] = []
    seconds: list[float] = []
    for number, line in enumerate(DATA.read_text("utf-8").splitlines()):
        item = json.loads(line)
        text = item["explanation"]
        exercise = coach.exercise(item["topic"], "zh")
        assert len(exercise.points) == len(item["labels"]), item["topic"]
        began = time.perf_counter()
        counted = read_explanation(text, exercise.question).counted
        matches = match_points(
            exercise.points, counted, text, exercise.title, coach.index.lexical.idf,
            lambda texts: np.asarray(assistant.embedder.embed_documents(texts), np.float32),
        )  # fmt: skip
        for point, match, label in zip(exercise.points, matches, item["labels"], strict=True):
            odds = None
            if model is not None and match.said and not match.clash:
                odds = point_log_odds(model, point, counted)
            rows.append((item["topic"], item["kind"], number, label, match, odds))
        seconds.append(time.perf_counter() - began)
    return rows, seconds


def fit(rows: list[Row], names: list[str], with_llm: bool) -> dict[str, Any]:
    """Logistic weights on the rows whose status the model decides."""
    fitted: dict[str, Any] = {}
    used = [row for row in rows if row[4].said and not row[4].clash]
    matrix = np.array([[values(row, with_llm)[name] for name in names] for row in used])
    for model, positive in MODELS.items():
        target = [row[3] in positive for row in used]
        regression = LogisticRegression(C=1.0, max_iter=2000).fit(matrix, target)
        fitted[model] = {
            "intercept": round(float(regression.intercept_[0]), 4),
            "weights": dict(zip(names, np.round(regression.coef_[0], 4).tolist(), strict=True)),
        }
    return fitted


def values(row: Row, with_llm: bool) -> dict[str, float]:
    return features(row[4], (row[5] or 0.0) if with_llm else None)


def predict(row: Row, fitted: dict[str, Any], with_llm: bool) -> str:
    if row[4].said is None:
        return "missed"
    if row[4].clash:
        return "contradicted"
    chance = {}
    for name, model in fitted.items():
        found = values(row, with_llm)
        total = model["intercept"] + sum(w * found[n] for n, w in model["weights"].items())
        chance[name] = 1 / (1 + np.exp(-total))
    if min(chance["partly"], chance["fully"]) >= 0.5:
        return "covered"
    return "partly" if chance["partly"] >= 0.5 else "missed"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--llm", default="none")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        assistant = Assistant(load_settings(corpus=NOTES, data_dir=Path(folder)))
        assistant.build()
        rows, seconds = rows_of(assistant, options.llm)
    with_llm = options.llm != "none"
    names = list(values(rows[0], with_llm))
    topics = sorted({row[0] for row in rows})
    guesses: dict[int, str] = {}
    for topic in topics:
        fitted = fit([row for row in rows if row[0] != topic], names, with_llm)
        guesses |= {id(row): predict(row, fitted, with_llm) for row in rows if row[0] == topic}
    truth, guess = [row[3] for row in rows], [guesses[id(row)] for row in rows]
    report = {
        "labels": len(rows),
        "explanations": len(seconds),
        "accuracy": round(float(np.mean(np.array(truth) == np.array(guess))), 4),
        "kappa": round(float(cohen_kappa_score(truth, guess)), 4),
        "kappa_linear": round(
            float(cohen_kappa_score(*(_order(x) for x in (truth, guess)), weights="linear")), 4
        ),
        "seconds_median": round(float(np.median(seconds)), 3),
    }
    print(json.dumps(report))
    for pair, count in sorted(Counter(zip(truth, guess, strict=True)).items()):
        print(f"  {pair[0]:13} graded {pair[1]:13} {count}")
    credit = {"covered": 1.0, "partly": 0.5, "missed": 0.0, "contradicted": 0.0}
    for kind in ("excellent", "partial", "contradicting", "stuffed", "off-topic"):
        scores = [
            100 * float(np.mean([credit[guesses[id(r)]] for r in rows if r[2] == n]))
            for n in sorted({row[2] for row in rows if row[1] == kind})
        ]
        print(f"  {kind:13} scores {min(scores):5.1f} … {max(scores):5.1f}")
    if options.write:
        stored = json.loads(WEIGHTS.read_text("utf-8"))
        key = "llm" if with_llm else "no_llm"
        stored[key] = {**fit(rows, names, with_llm), "agreement_on_left_out_topics": report}
        write_atomic(WEIGHTS, (json.dumps(stored, indent=1) + "\n").encode())


def _order(labels: list[str]) -> list[int]:
    return [("contradicted", "missed", "partly", "covered").index(label) for label in labels]


if __name__ == "__main__":
    main()
