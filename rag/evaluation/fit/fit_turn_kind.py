"""Fit `rag/answer/understanding/turn_kind.json`: how a question stands to the one before it.

The conversations of `data/conversations.jsonl` were written by people who had seen no code; the
half `held` by another writer, and is only measured on. First questions, and those of
`answer_sentences.jsonl`, stand alone.

    python -m rag.evaluation.fit.fit_turn_kind [--write]
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from rag.answer.understanding.turn_kind import KINDS, WEIGHTS, features
from rag.assistant import Assistant
from rag.evaluation.fit.answer_sentences import read_labelled
from rag.evaluation.json_files import read_json_lines
from rag.index.authored_keys import AuthoredKeys
from rag.settings import load_settings
from rag.storage.atomic import write_atomic

FILE = Path(__file__).with_name("data") / "conversations.jsonl"
KIND_OF = {
    "ellipsis": "leans", "pronoun": "leans", "example": "leans", "why": "leans",
    "new_name": "renames", "after_lacking": "renames", "correction": "corrects",
    "switch": "alone", "first": "alone", "more": "more", "thanks": "thanks", "pasted": "pasted",
}  # fmt: skip
STRENGTH = 2.0  # C of the regression
SEEN = 3  # times that letters must be seen to count
ALONE = 300  # further questions that stand alone
FOLDS = 8


def turns(half: str) -> Iterator[tuple[int, str, str, str]]:
    """(conversation, question, the one before it, kind) of a half."""
    for number, data in enumerate(read_json_lines(FILE)):
        if data["half"] != half:
            continue
        before = ""
        for text, alone, kind in zip(data["turns"], data["standalone"], data["kinds"], strict=True):
            yield number, text, before, "alone" if text == alone else KIND_OF[kind]
            if alone not in {"", text, before}:  # written out, it stands alone, on the same topic
                yield number, alone, before, "alone"
            before = alone or before


def fit(assistant: Assistant) -> dict[str, Any]:
    """The model, with its share of right kinds: on left-out conversations, and on the held half."""
    index = assistant.index()
    train = list(turns("train"))
    others = [item.question for item in read_labelled()]
    random.Random(0).shuffle(others)
    train += [(-1 - n, text, others[-1 - n], "alone") for n, text in enumerate(others[:ALONE])]
    # Most people's notes say nothing of themselves: each turn is learnt with names and without.
    train += [(number, text, before, kind) for number, text, before, kind in train]
    bare = replace(index, keys=AuthoredKeys())
    rows = [
        features(text, before, index if place < len(train) // 2 else bare)
        for place, (_, text, before, _) in enumerate(train)
    ]
    counts: dict[str, int] = {}
    for row in rows:
        for name in row:
            counts[name] = counts.get(name, 0) + 1
    rows = [{n: v for n, v in row.items() if counts[n] >= SEEN} for row in rows]
    table = DictVectorizer()
    x = table.fit_transform(rows)
    truth = np.array([kind for *_, kind in train])
    model = LogisticRegression(C=STRENGTH, max_iter=5000, class_weight="balanced")
    left_out = cross_val_predict(
        model, x, truth, groups=[number for number, *_ in train], cv=GroupKFold(FOLDS)
    )
    model.fit(x, truth)
    held = list(turns("held"))
    right = {
        name: model.predict(
            table.transform([features(text, before, known) for _, text, before, _ in held])
        )
        == np.array([kind for *_, kind in held])
        for name, known in (("held", index), ("held_without_names", bare))
    }
    order = [list(model.classes_).index(kind) for kind in KINDS]
    weights = np.round(model.coef_[order].T, 3)
    return {
        "kinds": list(KINDS),
        "intercept": [round(float(model.intercept_[place]), 3) for place in order],
        "weights": {
            name: row.tolist()
            for name, row in zip(table.feature_names_, weights, strict=True)
            if np.abs(row).max() >= 0.02
        },
        "reached": {
            "left_out": round(float((left_out == truth).mean()), 3),
            **{name: round(float(hits.mean()), 3) for name, hits in right.items()},
            "held_turns": len(held),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the weights")
    given = parser.parse_args()
    stored = fit(Assistant(load_settings(llm="none")))
    print(json.dumps(stored["reached"]), len(stored["weights"]), "features")
    if given.write:
        write_atomic(WEIGHTS, json.dumps(stored, ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
