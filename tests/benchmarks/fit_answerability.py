"""Fit `rag/answerability.json` on the corpus' own questions.

A question of a note is answerable over the whole corpus. It is taken as unanswerable when the
chunks of its note, and of the notes linked to it by prerequisites, are left out of what is
retrieved ("left out": some other note may still hold the answer, so these labels are noisy), and
when its most telling word is replaced by one that the notes lack ("replaced"). What the
LLM says is collected for a sample only; a broken-off run goes on where it stopped.

    F=tests/benchmarks/fit_answerability.py
    python $F collect SIGNALS.jsonl --questions 100
    python $F fit SIGNALS.jsonl  # prints; with --write it stores the weights too
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
from rag.language import content_words
from rag.lexical import LexicalIndex
from rag.retrieval import HybridRetriever
from rag.settings import load_settings
from rag.topics import topic_of

STRANGERS = [
    "Kubernetes", "Redis", "Kafka", "MySQL", "Elasticsearch", "OAuth", "WebRTC", "GraphQL",
    "Terraform", "Ansible", "Solidity", "Erlang", "Haskell", "Flutter", "Angular", "Unity",
    "Blender", "Photoshop", "Hadoop", "Flink", "Zookeeper", "Nginx", "Postgres", "区块链",
    "光刻机", "基因编辑", "量子计算", "自动驾驶", "无人机", "卫星导航", "核聚变", "风力发电",
    "锂电池", "股票期权", "房贷利率", "高铁票", "红烧肉", "太极拳", "围棋",
]  # fmt: skip
RETRIEVAL = ["z", "coverage", "joint", "known", "rare", "crossing", "coverage_crossing"]
FEATURES = {
    "retrieval": RETRIEVAL,
    "asked": ["z", "coverage", "known", "rare", "crossing", "coverage_crossing", "log_odds"],
    "answered": [
        "z",
        "coverage",
        "known",
        "rare",
        "crossing",
        "log_odds",
        "support",
        "support_crossing",
    ],
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
        {(row["question"], row["kind"]) for row in read_json_lines(out)} if out.exists() else set()
    )
    retriever = HybridRetriever(store=index.store, lexical=index.lexical)
    with_llm = replace(assistant.answerer("local"), may_abstain=False)
    without = replace(assistant.answerer("none"), may_abstain=False)
    with out.open("a", encoding="utf-8") as handle:
        for number, (path, question) in enumerate(cases):
            asked = {"answerable": question, "left out": question}
            asked["replaced"] = estranged(
                question, index.lexical, STRANGERS[number % len(STRANGERS)]
            )
            for kind, text in asked.items():
                if (question, kind) in done:
                    continue
                hits = [
                    hit for hit in retriever.search(text, 60)
                    if kind != "left out" or hit.document.metadata["note"] not in linked[path]
                ][:10]  # fmt: skip
                told = question in sample and (kind != "replaced" or number < count // 3)
                answerer = with_llm if told else without
                events = list(answerer.answer_from(text, text, hits, time.perf_counter(), {}))
                assert isinstance(events[-1], Finished)
                answer = events[-1].answer
                assert answer.signals is not None
                row = {"question": question, "asked": text, "note": path, "kind": kind,
                       "answerable": kind == "answerable", "stage": answer.stage,
                       "signals": asdict(answer.signals), "answer": answer.text}  # fmt: skip
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")
                handle.flush()


def estranged(question: str, lexical: LexicalIndex, stranger: str) -> str:
    """The question with its most telling word replaced; before it where none is found."""
    telling = sorted(set(words_of(question)), key=lambda word: -lexical.idf(word.lower()))
    for word in telling:
        if len(word) > 1 and word in question:
            return question.replace(word, f" {stranger} " if word.isascii() else stranger)
    return f"{stranger}: {question}"


def words_of(question: str) -> list[str]:
    """Chinese words and Latin names as they are written."""
    import jieba

    return [word for word in jieba.cut(question) if content_words(word)]


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
