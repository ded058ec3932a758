"""Fit `rag/answer/quoting/choosing.json`: the sentences of a good answer, and which comes first.

A case is a sentence of a section that the reader of `answer_sentences` saw. Every figure is of
questions left out of the fit; the second models (with the LLM's word) are fitted on the fifth of
the questions that the LLM was not fitted to.

    python -m rag.evaluation.fit.fit_choosing [--write]
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.answer.quoting.candidates import Candidate, gather
from rag.answer.quoting.choosing import (
    SHORTLIST,
    WEIGHTS,
    Scored,
    judged_values,
    opening_values,
    take,
)
from rag.answer.quoting.pools import SECTIONS
from rag.assistant import Assistant
from rag.evaluation.fit.answer_sentences import LabelledQuestion, read_labelled, sentence_key
from rag.index.authored_keys import AuthoredKeys
from rag.llm.verdict import Verdict
from rag.search.hybrid import HybridRetriever
from rag.settings import load_settings
from rag.storage.atomic import write_atomic
from rag.text.language import detect_language

ALSO = 0.25  # what a sentence of use is worth, against one of the answer
USELESS = 1.1  # what one of no use costs
USELESS_JUDGED = 1.0
FOLDS = 8
TREES = {
    "n_estimators": 200, "learning_rate": 0.05, "max_depth": 3, "min_samples_leaf": 40,
    "subsample": 0.5, "max_features": 0.5, "random_state": 7,
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A sentence that a reader saw: 2 chosen, 1 of use, 0 neither."""

    question: int
    candidate: Candidate
    label: int
    place: int
    verdict: Verdict | None


def collect(
    assistant: Assistant, questions: Sequence[LabelledQuestion], keyed: bool = True
) -> list[Case]:
    """
    Args:
        keyed: False takes from the notes what they say of themselves, as most people's have it.
    """
    index = assistant.index()
    if not keyed:
        index = replace(index, keys=AuthoredKeys())
    cases: list[Case] = []
    for number, item in enumerate(questions):
        vector = np.asarray(assistant.embedder.embed_query(item.question), np.float32)
        hits = HybridRetriever.over(index).search(item.question, SECTIONS)
        language = detect_language(item.question)
        for found in gather(index, item.question, language, vector, hits).sentences:
            quote = found.quote
            if (quote.note, quote.headings[-1] if quote.headings else quote.title) in item.shown:
                key = sentence_key(quote.note, quote.text)
                label = 2 if key in item.answer else 1 if key in item.also else 0
                cases.append(
                    Case(number, found, label, item.answer.get(key, -1), item.verdicts.get(key))
                )
    return cases


class Fit:
    """A model over named values, and its word on cases left out of the fit."""

    def __init__(
        self, values: Sequence[dict[str, float]], truth: np.ndarray, groups: np.ndarray
    ) -> None:
        self.names = list(values[0])
        x = np.array([[each[name] for name in self.names] for each in values])
        self.left_out = np.zeros(len(truth))
        for train, test in GroupKFold(FOLDS).split(x, truth, groups):
            model = self.model().fit(x[train], truth[train])
            self.left_out[test] = model.predict_proba(x[test])[:, 1]
        self.stored = self.kept(self.model().fit(x, truth))
        self.precision = round(float(average_precision_score(truth, self.left_out)), 4)

    def model(self) -> Any:
        return make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=3000))

    def kept(self, model: Any) -> dict[str, Any]:
        """What `logistic` reads."""
        weights = model[1].coef_[0] / model[0].scale_
        intercept = float(model[1].intercept_[0] - (weights * model[0].mean_).sum())
        return {
            "intercept": round(intercept, 4),
            "weights": {n: round(float(w), 4) for n, w in zip(self.names, weights, strict=True)},
        }


class TreesFit(Fit):
    """Boosted trees: what speaks for a sentence depends on what else does."""

    def model(self) -> Any:
        return GradientBoostingClassifier(**TREES)

    def kept(self, model: Any) -> dict[str, Any]:
        """What `BoostedTrees` reads."""
        share = model.init_.class_prior_[1]
        trees = []
        for (estimator,) in model.estimators_:
            tree = estimator.tree_
            leaf = tree.children_left < 0
            values = np.where(leaf, tree.value[:, 0, 0] * model.learning_rate, 0.0)
            trees.append(
                {
                    "feature": np.where(leaf, -1, tree.feature).tolist(),
                    "threshold": [float(f"{number:.6g}") for number in tree.threshold],
                    "left": np.maximum(tree.children_left, 0).tolist(),
                    "right": np.maximum(tree.children_right, 0).tolist(),
                    "value": [round(float(number), 5) for number in values],
                }
            )
        prior = round(float(np.log(share / (1 - share))), 5)
        return {"names": self.names, "prior": prior, "trees": trees}


def limits(
    cases: Sequence[Case], answer: np.ndarray, useful: np.ndarray, size: int | None, cost: float
) -> dict[str, Any]:
    """The thresholds that gain most, and what they give: shares of the chosen, of the wanted."""
    by_question: dict[int, list[tuple[Scored, int]]] = {}
    for case, likely, of_use in zip(cases, answer.tolist(), useful.tolist(), strict=True):
        scored = Scored(case.candidate, likely, of_use)
        by_question.setdefault(case.question, []).append((scored, case.label))
    ranked = [
        sorted(pairs, key=lambda pair: -pair[0].answer)[:size] for pairs in by_question.values()
    ]
    wanted = sum(1 for case in cases if case.label == 2)
    best: tuple[float, dict[str, Any]] = (-1e9, {})
    for least in np.arange(0.2, 0.75, 0.05):
        for share in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4):
            labels = []
            for pairs in ranked:
                label_of = {id(item): label for item, label in pairs}
                taken = take([item for item, _ in pairs], float(least), share)
                labels += [label_of[id(item)] for item in taken]
            flat = np.array(labels)
            gain = (flat == 2).sum() + ALSO * (flat == 1).sum() - cost * (flat == 0).sum()
            told = {
                "least": round(float(least), 3),
                "share": share,
                "sentences": round(len(flat) / len(ranked), 2),
                "recall": round(float((flat == 2).sum() / wanted), 4),
                "useless": round(float((flat == 0).mean()), 4),
            }
            best = max(best, (float(gain), told), key=lambda pair: pair[0])
    return best[1]


def fit(cases: Sequence[Case]) -> dict[str, Any]:
    """All models and limits, with what they reach."""
    groups = np.array([case.question for case in cases])
    labels = np.array([case.label for case in cases])
    features = [dict(case.candidate.features) for case in cases]
    answer = TreesFit(features, labels == 2, groups)
    useful = TreesFit(features, labels >= 1, groups)
    stored: dict[str, Any] = {"answer": answer.stored, "useful": useful.stored}
    reached = {"average_precision": answer.precision}
    found = limits(cases, answer.left_out, useful.left_out, None, USELESS)
    stored |= {name: found.pop(name) for name in ("least", "share")}
    stored["left_out_questions"] = reached | found

    chosen = [row for row, case in enumerate(cases) if case.label == 2]
    first = Fit(
        [
            opening_values(Scored(cases[row].candidate, answer.left_out[row], useful.left_out[row]))
            for row in chosen
        ],
        np.array([cases[row].place == 0 for row in chosen]),
        groups[chosen],
    )
    stored["opening"] = first.stored
    stored["left_out_questions"]["first_is_first"] = _first(cases, chosen, first.left_out)
    stored["left_out_questions"]["likeliest_is_first"] = _first(
        cases, chosen, answer.left_out[chosen]
    )

    asked = [row for row, case in enumerate(cases) if case.verdict is not None]
    judged = [cases[row] for row in asked]
    values = [
        judged_values(answer.left_out[row], useful.left_out[row], verdict)
        for row in asked
        if (verdict := cases[row].verdict) is not None
    ]
    again = Fit(values, labels[asked] == 2, groups[asked])
    of_use = Fit(values, labels[asked] >= 1, groups[asked])
    shown = _shortlisted(judged, answer.left_out[asked])
    found = limits(
        [judged[row] for row in shown],
        again.left_out[shown],
        of_use.left_out[shown],
        SHORTLIST,
        USELESS_JUDGED,
    )
    stored["judged"] = {
        "answer": again.stored,
        "useful": of_use.stored,
        **{name: found.pop(name) for name in ("least", "share")},
        "left_out_questions": {"average_precision": again.precision} | found,
    }
    return stored


def _shortlisted(cases: Sequence[Case], answer: np.ndarray) -> list[int]:
    groups = np.array([case.question for case in cases])
    rows: list[int] = []
    for group in np.unique(groups):
        own = np.flatnonzero(groups == group)
        rows += own[np.argsort(-answer[own])][:SHORTLIST].tolist()
    return rows


def _first(cases: Sequence[Case], chosen: Sequence[int], score: np.ndarray) -> float:
    """How often the sentence that a reader put first has the highest score of those chosen."""
    by_question: dict[int, list[tuple[float, bool]]] = {}
    for row, value in zip(chosen, score.tolist(), strict=True):
        by_question.setdefault(cases[row].question, []).append((value, cases[row].place == 0))
    several = [pairs for pairs in by_question.values() if len(pairs) > 1]
    right: Callable[[list[tuple[float, bool]]], bool] = lambda pairs: max(pairs)[1]  # noqa: E731
    return round(sum(map(right, several)) / len(several), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the weights")
    given = parser.parse_args()
    assistant, questions = Assistant(load_settings(llm="none")), read_labelled()
    stored = {
        "keyed": fit(collect(assistant, questions)),
        "plain": fit(collect(assistant, questions, keyed=False)),
    }
    for name, models in stored.items():
        print(name, json.dumps(models["left_out_questions"], indent=1))
        print(name, "judged", json.dumps(models["judged"]["left_out_questions"], indent=1))
    text = json.dumps(stored, separators=(",", ":")) + "\n"
    if given.write:
        write_atomic(WEIGHTS, text.encode())


if __name__ == "__main__":
    main()
