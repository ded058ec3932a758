"""Fit the part of `rag/practice/weights.json` that makes a point's status of the LLM's verdicts.

`data/point_verdicts.jsonl` holds, for each key point of the 332 explanations of `SETS` in
`data/spoken_explanations.jsonl` (on topics that the LLM was not fitted on, labelled before any
program saw them), what the embedded LLM said. Those of "weak" say little or nothing: candidates do
so less often, so they count by half. Figures are of topics left out of the fit; the weights stored
are of all. (A grade also knows the note's own words by their letters; nobody spoke so here.)

    python -m rag.evaluation.fit.fit_point_status collect  # asks the LLM, an hour
    python -m rag.evaluation.fit.fit_point_status fit [--write]
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.assistant import Assistant
from rag.evaluation.json_files import read_json_lines
from rag.llm.verdict import Verdict
from rag.practice.judging import verdicts_on
from rag.practice.point_status import WEIGHTS, judged_features, status_by
from rag.settings import load_settings
from rag.storage.atomic import write_atomic

DATA = Path(__file__).parent / "data"
EXPLANATIONS, VERDICTS = DATA / "spoken_explanations.jsonl", DATA / "point_verdicts.jsonl"
SETS = {"status": 1.0, "status held": 1.0, "third": 1.0, "weak": 0.5}  # and how much each counts
FOLDS = 8
STRENGTH = 0.3  # of the regularisation, inverse
OF_WRONG, OF_STATUS = ("wrong", "sentence_wrong"), ("yes", "half", "no")


def collect() -> Iterator[dict[str, Any]]:
    """One row a labelled point: both verdicts and the match."""
    assistant = Assistant(load_settings(llm="local"))
    coach, model = assistant.coach("local"), assistant.model("local")
    assert model is not None
    topics = {topic.note: topic for topic in coach.topics}
    for data in read_json_lines(EXPLANATIONS):
        if data["half"] not in SETS:
            continue
        topic = topics[data["topic"]]
        asked = next(
            each for each in topic.questions_in(data["lang"]) if each.text == data["question"]
        )
        exercise = coach.exercise_on(topic, data["lang"], asked)
        for point in exercise.points:
            verdict, of_sentence = verdicts_on(point, exercise, data["text"], model)
            if verdict is not None and point.id in data["labels"]:
                yield {
                    "half": data["half"], "topic": data["topic"], "point": point.id,
                    "label": data["labels"][point.id], "lang": data["lang"],
                    "verdict": [round(share, 4) for share in astuple(verdict)],
                    "of_sentence": of_sentence
                    and [round(share, 4) for share in astuple(of_sentence)],
                }  # fmt: skip


def fitted(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The models as `weights.json` has them: is it told wrongly, and else how much of it."""
    labels = np.array([row["label"] for row in rows])
    wrong = labels == "contradicted"
    [doubt] = _models(rows, wrong, OF_WRONG).values()
    right = [row for row in rows if row["label"] != "contradicted"]
    return {"wrong": doubt, "statuses": _models(right, labels[~wrong], OF_STATUS)}


def _models(
    rows: Sequence[dict[str, Any]], labels: np.ndarray, names: Sequence[str]
) -> dict[Any, dict[str, Any]]:
    """One linear model a class, by its label; of two classes the second one's alone."""
    matrix = np.array([[_features(row)[name] for name in names] for row in rows])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=3000))
    counts = np.array([SETS[row["half"]] for row in rows])
    model.fit(matrix, labels, logisticregression__sample_weight=counts)
    weights = model[1].coef_ / model[0].scale_
    intercepts = model[1].intercept_ - weights @ model[0].mean_
    return {
        label: {
            "intercept": round(float(intercept), 4),
            "weights": {n: round(float(w), 4) for n, w in zip(names, row, strict=True)},
        }
        for label, intercept, row in zip(
            model[1].classes_[-len(weights) :], intercepts, weights, strict=True
        )
    }


def _features(row: dict[str, Any]) -> dict[str, float]:
    return judged_features(*_verdicts(row))


def _verdicts(row: dict[str, Any]) -> tuple[Verdict, Verdict | None]:
    return Verdict(*row["verdict"]), row["of_sentence"] and Verdict(*row["of_sentence"])


def reached(rows: Sequence[dict[str, Any]], said: np.ndarray) -> dict[str, float]:
    """Agreement of what was said of rows with their labels."""
    labels = np.array([row["label"] for row in rows])
    wrong, missed = labels == "contradicted", labels == "missed"
    figures = {
        "labels": len(rows),
        "kappa": float(cohen_kappa_score(labels, said)),
        "false_alarms": float((said[~wrong] == "contradicted").mean()),
        "missed_found": float((said[missed] == "missed").mean()),
    }
    if wrong.any():
        figures["contradictions_found"] = float((said[wrong] == "contradicted").mean())
        figures["wrong_taken_for_covered"] = float((said[wrong] == "covered").mean())
    return {name: round(value, 3) for name, value in figures.items()}


def left_out(rows: Sequence[dict[str, Any]]) -> np.ndarray:
    """The status of each row by models that were not fitted on its topic."""
    said = np.empty(len(rows), object)
    topics = [row["topic"] for row in rows]
    for train, test in GroupKFold(FOLDS).split(rows, groups=topics):
        models = fitted([rows[place] for place in train])
        for place in test:
            said[place] = status_by(*_verdicts(rows[place]), judged=models)
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("collect", "fit"))
    parser.add_argument("--write", action="store_true", help="store the weights")
    given = parser.parse_args()
    if given.step == "collect":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in collect())
        write_atomic(VERDICTS, text.encode())
        return
    rows = list(read_json_lines(VERDICTS))
    said, of = left_out(rows), np.array([row["half"] for row in rows])
    figures = {"all": reached(rows, said)}
    for name in SETS:
        figures[name] = reached([row for row in rows if row["half"] == name], said[of == name])
    print(json.dumps(figures, indent=1))
    stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    stored["judged"] = {"figures": figures, **fitted(rows)}
    if given.write:
        write_atomic(WEIGHTS, (json.dumps(stored, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
