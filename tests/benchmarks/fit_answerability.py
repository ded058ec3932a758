"""Fit `rag/answerability.json` on the corpus' own questions.

A question of a note is answerable over the whole corpus, and taken as unanswerable when the chunks
of its note, and of the notes linked to it by prerequisites, are left out of what is retrieved.
What the LLM says is collected for a sample only; a broken-off run goes on where it stopped.

    python tests/benchmarks/fit_answerability.py collect SIGNALS.jsonl --questions 100
    python tests/benchmarks/fit_answerability.py fit SIGNALS.jsonl          # print
    python tests/benchmarks/fit_answerability.py fit SIGNALS.jsonl --write  # and store
"""

import argparse
import json
import random
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.answerability import WEIGHTS, Signals, features
from rag.answers import Finished
from rag.assistant import Assistant
from rag.evaluation.files import read_json_lines
from rag.retrieval import HybridRetriever
from rag.settings import load_settings
from rag.topics import topic_of

RETRIEVAL = ["z", "margin", "coverage", "joint", "known", "rare", "crossing", "coverage_crossing"]
FEATURES = {
    "retrieval": RETRIEVAL,
    "asked": ["z", "coverage", "known", "crossing", "coverage_crossing", "log_odds"],
    "answered": ["z", "coverage", "crossing", "log_odds", "support", "support_crossing"],
}
# Share of answerable questions that a stage may refuse. The early stage only saves time.
FALSE_ABSTENTION = {"retrieval": 0.05, "asked": 0.01, "answered": 0.06}


def collect(out: Path, count: int) -> None:
    """One line a question and condition: the signals of all stages."""
    assistant = Assistant(load_settings())
    index = assistant.index()
    topics = {path: topic_of(assistant.note(path)) for path in sorted(index.notes)}
    linked = {path: {path, *topic.prerequisites} for path, topic in topics.items()}
    for path, topic in topics.items():
        for other in topic.prerequisites:
            linked.setdefault(other, {other}).add(path)
    cases = [(path, question) for path, topic in topics.items() for question in topic.questions]
    random.Random(1).shuffle(cases)
    sample = {question for _, question in cases[:count]}
    done = (
        {(row["question"], row["answerable"]) for row in read_json_lines(out)}
        if out.exists()
        else set()
    )
    retriever = HybridRetriever(store=index.store, lexical=index.lexical)
    with_llm = replace(assistant.answerer("local"), may_abstain=False)
    without = replace(assistant.answerer("none"), may_abstain=False)
    with out.open("a", encoding="utf-8") as handle:
        for path, question in cases:
            every = retriever.search(question, 60)
            for answerable in (True, False):
                if (question, answerable) in done:
                    continue
                hits = [
                    hit for hit in every
                    if answerable or hit.document.metadata["note"] not in linked[path]
                ][:10]  # fmt: skip
                answerer = with_llm if question in sample else without
                events = list(
                    answerer.answer_from(question, question, hits, time.perf_counter(), {})
                )
                assert isinstance(events[-1], Finished)
                answer = events[-1].answer
                assert answer.signals is not None
                row = {"question": question, "note": path, "answerable": answerable,
                       "stage": answer.stage, "signals": asdict(answer.signals),
                       "answer": answer.text}  # fmt: skip
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")
                handle.flush()


def fit(file: Path) -> dict[str, object]:
    """Weights, threshold and cross-validated ROC figures of each stage."""
    every = read_json_lines(file)
    stored: dict[str, object] = {}
    for stage, names in FEATURES.items():
        rows = every if stage == "retrieval" else [r for r in every if r["stage"] == "answered"]
        table = [features(Signals(**row["signals"])) for row in rows]
        x = np.array([[values[name] for name in names] for values in table])
        y = np.array([row["answerable"] for row in rows])
        groups = [row["note"] for row in rows]
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3))
        p = cross_val_predict(
            model, x, y, groups=groups, cv=GroupKFold(10), method="predict_proba"
        )[:, 1]
        threshold = float(np.quantile(p[y], FALSE_ABSTENTION[stage]))
        model.fit(x, y)
        scaler, logistic = model[0], model[1]
        weights = logistic.coef_[0] / scaler.scale_
        intercept = float(logistic.intercept_[0] - (weights * scaler.mean_).sum())
        stored[stage] = {
            "intercept": round(intercept, 4),
            "weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)},
            "threshold": round(threshold, 4),
            "roc": {
                "questions": len(y),
                "auc": round(float(roc_auc_score(y, p)), 4),
                "rejected_at_false_abstention": {
                    str(share): round(float((p[~y] < np.quantile(p[y], share)).mean()), 4)
                    for share in (0.01, 0.05, 0.1, 0.2)
                },
            },
        }
    return stored


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["collect", "fit"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--questions", type=int, default=100, help="asked of the LLM")
    parser.add_argument("--write", action="store_true", help="store the weights")
    given = parser.parse_args()
    if given.step == "collect":
        collect(given.file, given.questions)
    else:
        text = json.dumps(fit(given.file), indent=1) + "\n"
        print(text)
        if given.write:
            WEIGHTS.write_text(text, encoding="utf-8")
