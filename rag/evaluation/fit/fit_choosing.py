"""Fit `rag/answer/choosing.json`: which sentences a good answer is made of.

Every sentence of the sections found for a question of the nugget set's half "tune" is a case; it is
positive where it states a nugget (by span). Thresholds are those that, left-out question by
left-out question, gain most: vital nuggets stated, less what useless sentences cost the reader.

    python -m rag.evaluation.fit.fit_choosing rag/evaluation/data/nuggets.jsonl [--write]
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.answer.answerer import SECTIONS
from rag.answer.candidates import Candidate, candidates
from rag.answer.choosing import MOST, WEIGHTS, same
from rag.assistant import Assistant
from rag.evaluation.nuggets.nugget_run import note_texts
from rag.evaluation.nuggets.nugget_scores import states
from rag.evaluation.nuggets.nugget_set import NuggetQuestion, read_nuggets
from rag.search.authored import like_questions
from rag.search.hybrid import HybridRetriever
from rag.settings import load_settings
from rag.storage.atomic import write_atomic
from rag.text.language import detect_language

USELESS = 0.2  # what a useless sentence costs, against a vital nugget
EXTRA = 0.3  # what a nugget that is not vital is worth


@dataclass(frozen=True)
class Asked:
    """A question's candidates and which nuggets (by number) each of them states."""

    item: NuggetQuestion
    found: list[Candidate]
    states: list[frozenset[int]]


def collect(assistant: Assistant, questions: Sequence[NuggetQuestion]) -> list[Asked]:
    index, texts = assistant.index(), note_texts(assistant)
    gathered = []
    for item in questions:
        vector = np.asarray(assistant.embedder.embed_query(item.question), np.float32)
        hits = HybridRetriever.over(index).search(item.question, SECTIONS)
        language = detect_language(item.question)
        near = like_questions(index.keys, vector, index.notes, language)
        found = candidates(item.question, language, vector, hits, near, index.keys, index.lexical)
        stated = [
            frozenset(
                number
                for number, nugget in enumerate(item.nuggets)
                if states([(c.quote.note, c.quote.start, c.quote.end)], nugget, texts)
            )
            for c in found
        ]
        gathered.append(Asked(item, found, stated))
    return gathered


def value(asked: Asked, worths: np.ndarray, least: float, share: float) -> tuple[float, float]:
    """(gain, share of the vital nuggets stated) of the sentences that thresholds choose."""
    chosen: list[int] = []
    order = np.argsort(-worths).tolist()
    floor = max(least, share * float(worths[order[0]])) if order else 0.0
    for row in order:
        if chosen and (worths[row] < floor or len(chosen) == MOST):
            break
        text = asked.found[row].quote.text
        if not any(same(text, asked.found[other].quote.text) for other in chosen):
            chosen.append(row)
    vital = {n for n, nugget in enumerate(asked.item.nuggets) if nugget.vital and nugget.places}
    held: set[int] = set().union(*(asked.states[row] for row in chosen)) if chosen else set()
    useless = sum(1 for row in chosen if not asked.states[row])
    gain = len(held & vital) + EXTRA * len(held - vital) - USELESS * useless
    return gain, len(held & vital) / len(vital) if vital else 1.0


def fit(gathered: Sequence[Asked]) -> dict[str, Any]:
    """Weights and thresholds, with what they reach on questions left out of the fit."""
    names = list(gathered[0].found[0].features)
    x = np.array([[c.features[n] for n in names] for a in gathered for c in a.found])
    y = np.array([bool(s) for a in gathered for s in a.states])
    groups = np.array([n for n, a in enumerate(gathered) for _ in a.found])
    worths = np.zeros(len(y))
    for train, test in GroupKFold(8).split(x, y, groups):
        worths[test] = _model().fit(x[train], y[train]).predict_proba(x[test])[:, 1]
    best: tuple[float, ...] = (-1e9,)
    for least in (0.05, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3):
        for share in (0.2, 0.3, 0.4, 0.5, 0.6):
            each = [value(a, worths[groups == n], least, share) for n, a in enumerate(gathered)]
            gain, vital = (float(np.mean(column)) for column in zip(*each, strict=True))
            best = max(best, (gain, vital, least, share))
    model = _model().fit(x, y)
    scaler, logistic = model[0], model[1]
    weights = logistic.coef_[0] / scaler.scale_
    intercept = float(logistic.intercept_[0] - (weights * scaler.mean_).sum())
    return {
        "intercept": round(intercept, 4),
        "weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)},
        "least": best[2],
        "share": best[3],
        "left_out_questions": {
            "questions": len(gathered),
            "gain": round(best[0], 4),
            "vital_recall": round(best[1], 4),
        },
    }


def ceiling(gathered: Sequence[Asked]) -> float:
    """Share of the vital nuggets that stand in the sections found: what choosing could reach."""
    held = total = 0
    for asked in gathered:
        vital = {n for n, k in enumerate(asked.item.nuggets) if k.vital and k.places}
        held += len(vital & set().union(*asked.states)) if asked.states else 0
        total += len(vital)
    return held / total if total else 0.0


def _model() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--language", choices=["zh", "en"])
    parser.add_argument("--write", action="store_true", help="store the weights")
    given = parser.parse_args()
    questions = [
        item
        for item in read_nuggets(given.file, "tune")
        if item.answerable and given.language in {None, item.language}
    ]
    assistant = Assistant(load_settings(llm="none"))
    gathered = [asked for asked in collect(assistant, questions) if asked.found]
    print("vital nuggets in the sections found:", round(ceiling(gathered), 4))
    stored = fit(gathered)
    text = json.dumps(stored, indent=1) + "\n"
    print(text)
    if given.write:
        write_atomic(WEIGHTS, text.encode())


if __name__ == "__main__":
    main()
