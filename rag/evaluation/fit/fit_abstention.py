"""Fit `rag/answer/abstention/weights.json`: do the notes hold the answer?

Answerable: the tune half of the nugget set, questions as people type them, those to which a
reader found sentences of the notes, messages that name something strange but ask of something else
("setting"), facts that a note states, and the corpus' own questions, each
without its own key, of the whole corpus or of a small one of 2 to 15 notes. Not answerable: named
things that the notes lack, near misses, own questions when their note and all notes linked to it
are left out of what is retrieved ("left out"), and when their most telling word is replaced by one
that the notes lack ("replaced"). All that are put by hand, and a third of the own questions, are
asked, too, of the notes in the other language alone, without front matter ("crossing ...").
The threshold refuses at most `FALSE_ABSTENTION` of what real people asked.

    python -m rag.evaluation.fit.fit_abstention collect SIGNALS.jsonl
    python -m rag.evaluation.fit.fit_abstention fit SIGNALS.jsonl  # --write stores the weights
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.answer.abstention.decision import WEIGHTS, Model, features
from rag.answer.abstention.signals import Signals
from rag.assistant import Assistant
from rag.evaluation.fit.abstention_cases import CROSSING, Cases
from rag.evaluation.json_files import read_json_lines
from rag.settings import load_settings
from rag.storage.atomic import write_atomic

PLAIN = [
    "z", "margin", "coverage", "joint", "known", "rare", "named", "weakest", "unknown",
]  # fmt: skip
FEATURES: dict[Model, list[str]] = {
    "plain": PLAIN, "keyed": [*PLAIN, "asked", "point", "topic"], "crossing": PLAIN,
}  # fmt: skip
# Share of real, answerable questions that may be refused; each kind of them counts alike.
FALSE_ABSTENTION = 0.02
MOST_REFUSED = 0.04  # of each of these kinds
MOST_REFUSED_OF = {"small": 0.06}  # of few notes little is known
REAL = {"nuggets", "natural", "fact", "labelled", "harder", "setting"}
# Learners begin with a few notes of their own, which have no front matter.
THRESHOLD_ON: dict[Model, set[str]] = {
    "plain": REAL | {"small"}, "keyed": REAL, "crossing": {CROSSING + kind for kind in REAL},
}  # fmt: skip


def collect(out: Path, own: int) -> None:
    """One line a case: its signals."""
    cases = Cases(Assistant(load_settings(llm="none")))
    with out.open("w", encoding="utf-8") as handle:
        for case in cases.all(own):
            signals = cases.signals(case)
            if signals is None:
                continue
            row = {"question": case.question, "kind": case.kind, "group": case.group,
                   "answerable": case.answerable, "signals": asdict(signals)}  # fmt: skip
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")


def fit(file: Path) -> dict[str, object]:
    """Weights, threshold and cross-validated ROC figures of all models."""
    rows = read_json_lines(file)
    across = [row for row in rows if row["kind"].startswith(CROSSING)]
    crossing = [row for row in across if row["signals"]["crossing"]]  # names are in no language
    rest = [row for row in rows if not row["kind"].startswith(CROSSING)]
    return {
        name: _fit_one(crossing if name == "crossing" else rest, names, THRESHOLD_ON[name])
        for name, names in FEATURES.items()
    }


def _fit_one(
    rows: list[dict[str, Any]], names: list[str], threshold_on: set[str]
) -> dict[str, object]:
    table = [features(Signals(**row["signals"])) for row in rows]
    x = np.array([[values[name] for name in names] for values in table])
    y = np.array([row["answerable"] for row in rows])
    kinds = np.array([row["kind"] for row in rows])
    # Each kind counts alike, what people really asked twice: the many own questions are alike.
    count = {kind: int((kinds == kind).sum()) for kind in set(kinds.tolist())}
    weight = np.array(
        [
            (2.0 if kind.removeprefix(CROSSING) in REAL else 1.0) / count[kind]
            for kind in kinds.tolist()
        ]
    )
    weight *= len(weight) / weight.sum()
    p = np.zeros(len(y))
    groups = [row["group"] for row in rows]
    for train, test in GroupKFold(10).split(x, y, groups):
        p[test] = _fitted(x[train], y[train], weight[train]).predict_proba(x[test])[:, 1]
    real = {kind: np.sort(p[(kinds == kind) & y]) for kind in sorted(threshold_on)}

    def is_fair(limit: float) -> bool:
        refused = {kind: np.searchsorted(each, limit) / len(each) for kind, each in real.items()}
        most = (share <= MOST_REFUSED_OF.get(kind, MOST_REFUSED) for kind, share in refused.items())
        return bool(np.mean(list(refused.values())) <= FALSE_ABSTENTION and all(most))

    threshold = max(limit for limit in np.concatenate(list(real.values())) if is_fair(limit))
    model = _fitted(x, y, weight)
    scaler, logistic = model[0], model[1]
    weights = logistic.coef_[0] / scaler.scale_
    return {
        "intercept": round(float(logistic.intercept_[0] - (weights * scaler.mean_).sum()), 4),
        "weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)},
        "threshold": round(float(threshold), 4),
        "left_out_of_the_fit": {
            "cases": len(y),
            "auc": round(float(roc_auc_score(y, p)), 4),
            "refused": {
                kind: round(float((p[kinds == kind] < threshold).mean()), 3)
                for kind in sorted(count)
            },
        },
    }


def _fitted(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Pipeline:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000))
    return model.fit(x, y, logisticregression__sample_weight=weight)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["collect", "fit"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--own", type=int, default=600, help="of the notes' own questions")
    parser.add_argument("--write", action="store_true", help="store the weights")
    given = parser.parse_args()
    if given.step == "collect":
        collect(given.file, given.own)
    else:
        text = json.dumps(fit(given.file), indent=1) + "\n"
        print(text)
        if given.write:
            write_atomic(WEIGHTS, text.encode())
