"""Fit `rag/answer/abstention/weights.json`: do the notes hold the answer?

Answerable: the tune half of the nugget set, questions as people type them, those to which a
reader found sentences of the notes, facts that a note states, and the corpus' own questions, each
without its own key, of the whole corpus or of a small one of 2 to 15 notes. Not answerable: named
things that the notes lack, near misses, own questions when their note and all notes linked to it
are left out of what is retrieved ("left out"), and when their most telling word is replaced by one
that the notes lack ("replaced"). All that are put by hand are asked, too, of the notes in the
other language alone, without front matter ("crossing ...").
The threshold refuses at most `FALSE_ABSTENTION` of what real people asked.

    python -m rag.evaluation.fit.fit_abstention collect SIGNALS.jsonl
    python -m rag.evaluation.fit.fit_abstention fit SIGNALS.jsonl  # --write stores the weights
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.answer.abstention.background import Background, reference_texts
from rag.answer.abstention.decision import WEIGHTS, Model, features
from rag.answer.abstention.message_signals import message_signals
from rag.answer.abstention.signals import Signals
from rag.answer.quoting.pools import SECTIONS
from rag.assistant import Assistant
from rag.evaluation.fit.answer_sentences import read_labelled
from rag.evaluation.json_files import read_json_lines
from rag.evaluation.nuggets.nugget_set import read_nuggets
from rag.index.authored_keys import AuthoredKeys
from rag.index.documents import embedding_text
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.index.opened import Index, WordIndex
from rag.notes.topic import original_of, topic_of
from rag.search.hybrid import HybridRetriever
from rag.settings import load_settings
from rag.storage.atomic import write_atomic
from rag.text.language import detect_language
from rag.text.words import content_words, words

DATA = Path(__file__).parent / "data"
NUGGETS = Path(__file__).parent.parent / "data"
STRANGERS = [
    "Kubernetes", "Redis", "Kafka", "MySQL", "Elasticsearch", "OAuth", "WebRTC", "GraphQL",
    "Terraform", "Ansible", "Solidity", "Erlang", "Haskell", "Flutter", "Angular", "Unity",
    "Blender", "Photoshop", "Hadoop", "Flink", "Zookeeper", "Nginx", "Postgres", "区块链",
    "光刻机", "基因编辑", "量子计算", "自动驾驶", "无人机", "卫星导航", "核聚变", "风力发电",
    "锂电池", "股票期权", "房贷利率", "高铁票", "红烧肉", "太极拳", "围棋",
]  # fmt: skip
PLAIN = [
    "z", "margin", "coverage", "joint", "known", "rare", "named", "weakest", "unknown",
]  # fmt: skip
FEATURES: dict[Model, list[str]] = {
    "plain": PLAIN, "keyed": [*PLAIN, "asked", "point", "topic"], "crossing": PLAIN,
}  # fmt: skip
# Share of real, answerable questions that may be refused; each kind of them counts alike.
FALSE_ABSTENTION = 0.02
OF_ANY_KIND = 0.04
CROSSING = "crossing "  # before the kind of a case that is asked in the other language
REAL = {"nuggets", "natural", "fact", "labelled"}
# Learners begin with a few notes of their own, which have no front matter.
THRESHOLD_ON: dict[Model, set[str]] = {
    "plain": REAL | {"small"}, "keyed": REAL, "crossing": {CROSSING + kind for kind in REAL},
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A question in one condition, and the index that it is asked of."""

    kind: str
    question: str
    answerable: bool
    group: str  # what must not be on both sides of a cross-validation
    index: Index
    background: Background
    left_out: frozenset[str] = frozenset()


class Cases:
    """The whole corpus and small ones drawn from it."""

    def __init__(self, assistant: Assistant) -> None:
        self.index = assistant.index()
        self.embedder = assistant.embedder
        self._reference = np.asarray(assistant.embedder.embed_documents(reference_texts()))
        assert isinstance(self.index.store, FaissStore)
        self._documents = self.index.store.documents
        self._vectors = self.index.store.vectors()
        self.whole = Background(self._vectors, self._reference)
        english = {path for path in self.index.notes if path.endswith(".en.md")}
        self._alone = {
            "en": self._small(english, AuthoredKeys()),
            "zh": self._small(self.index.notes.keys() - english, AuthoredKeys()),
        }
        topics = {path: topic_of(assistant.note(path)) for path in sorted(self.index.notes)}
        self.linked: dict[str, set[str]] = {path: {path} for path in topics}
        for path, topic in topics.items():
            for other in topic.prerequisites:
                if other in self.linked:
                    self.linked[path].add(other)
                    self.linked[other].add(path)

    def all(self, own: int) -> Iterator[Case]:
        """Every case; `own` of the notes' own questions."""
        for case in self._by_hand():
            yield case
            yield self._crossing(case)
        draw = random.Random(1)
        rows = list(range(len(self.index.keys.questions)))
        draw.shuffle(rows)
        for number, row in enumerate(rows[:own]):
            key = self.index.keys.questions[row]
            family = self._family(key.note)
            index = replace(self.index, keys=without(self.index.keys, {row}))
            if number % 3 == 0:
                others = draw.sample(sorted(self.index.notes.keys() - family), 15)
                few = {key.note, *others[: draw.choice([2, 5, 15])]}
                small, background = self._small(few, index.keys)
                yield Case("small", key.text, True, key.note, small, background)
                small, background = self._small(few - {key.note}, index.keys)
                yield Case("small left out", key.text, False, key.note, small, background)
                continue
            held = Case("own", key.text, True, key.note, index, self.whole)
            gone = {n for n, q in enumerate(self.index.keys.questions) if q.note in family}
            rest = replace(self.index, keys=without(self.index.keys, gone, family))
            left = frozenset(family)
            lacking = Case("left out", key.text, False, key.note, rest, self.whole, left)
            yield from (held, lacking)
            if number % 3 == 2:
                yield from (self._crossing(held), self._crossing(lacking))
            if number % 3 == 1:
                stranger = STRANGERS[number % len(STRANGERS)]
                asked = estranged(key.text, self.index.lexical, stranger)
                yield Case("replaced", asked, False, key.note, self.index, self.whole)

    def _by_hand(self) -> Iterator[Case]:
        def case(kind: str, question: str, answerable: bool) -> Case:
            return Case(kind, question, answerable, question, self.index, self.whole)

        for item in read_nuggets(NUGGETS / "nuggets.jsonl", "tune"):
            if item.answerable:
                yield case("nuggets", item.question, True)
        for item in read_nuggets(NUGGETS / "unanswerable.jsonl", "tune"):
            yield case("lacking", item.question, False)
        for row in read_json_lines(DATA / "natural_questions.jsonl"):
            kind = "natural" if row["answerable"] else "natural near miss"
            yield case(kind, row["question"], bool(row["answerable"]))
        for labelled in read_labelled():
            if labelled.answer:
                yield case("labelled", labelled.question, True)
        for row in read_json_lines(DATA / "fact_pairs.jsonl"):
            yield case("fact", row["said"], True)
            yield case("near miss", row["not_said"], False)

    def _crossing(self, case: Case) -> Case:
        """The same asked of the notes in the other language alone, of which no author says more."""
        language = detect_language(case.question)
        index, background = self._alone["en" if language == "zh" else "zh"]
        return replace(case, kind=CROSSING + case.kind, index=index, background=background)

    def signals(self, case: Case) -> Signals | None:
        """None where nothing is found."""
        hits = HybridRetriever.over(case.index).search(case.question, 60 if case.left_out else 10)
        hits = [hit for hit in hits if hit.document.metadata["note"] not in case.left_out]
        if not hits:
            return None
        return message_signals(
            case.question, hits[:SECTIONS], case.index, self.embedder, case.background
        )

    def _family(self, note: str) -> set[str]:
        """A note, its twin, and what is linked to either by prerequisites."""
        near = {note, original_of(note), note.removesuffix(".md") + ".en.md"} & self.linked.keys()
        every = set().union(*(self.linked[path] for path in near))
        return every | {path.removesuffix(".md") + ".en.md" for path in every}

    def _small(self, notes: set[str], keys: AuthoredKeys) -> tuple[Index, Background]:
        rows = [n for n, d in enumerate(self._documents) if d.metadata["note"] in notes]
        store = FaissStore(self.index.store.embeddings)
        chosen = [self._documents[row] for row in rows]
        store.add_vectors(chosen, self._vectors[rows], [str(d.id) for d in chosen])
        lexical = LexicalIndex.build([embedding_text(document) for document in chosen])
        gone = {n for n, key in enumerate(keys.questions) if key.note not in notes}
        strangers = {path for path in self.index.notes if path not in notes}
        kept = without(keys, gone, strangers)
        index = Index(store, lexical, "small", dict.fromkeys(notes, ""), kept)
        return index, Background(self._vectors[rows], self._reference)


def without(
    keys: AuthoredKeys, questions: set[int], notes: set[str] | frozenset[str] = frozenset()
) -> AuthoredKeys:
    """`keys` to which some questions, and the points of some notes, are like nothing."""
    vectors = np.array(keys.vectors)
    vectors[sorted(questions)] = 0
    points = [len(keys.questions) + n for n, p in enumerate(keys.points) if p.note in notes]
    vectors[points] = 0
    return replace(keys, vectors=vectors)


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


def estranged(question: str, lexical: WordIndex, stranger: str) -> str:
    """The question with its most telling word replaced; before it where none is found."""
    telling = sorted(set(words(question)), key=lambda word: -lexical.idf(word))
    for word in telling:
        place = question.lower().find(word)
        if len(word) > 1 and place >= 0 and content_words(word):
            put = f" {stranger} " if word.isascii() else stranger
            return question[:place] + put + question[place + len(word) :]
    return f"{stranger}: {question}"


def fit(file: Path) -> dict[str, object]:
    """Weights, threshold and cross-validated ROC figures of both models."""
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
        [(2.0 if kind in threshold_on else 1.0) / count[kind] for kind in kinds.tolist()]
    )
    weight *= len(weight) / weight.sum()
    p = np.zeros(len(y))
    groups = [row["group"] for row in rows]
    for train, test in GroupKFold(10).split(x, y, groups):
        p[test] = _fitted(x[train], y[train], weight[train]).predict_proba(x[test])[:, 1]
    real = [np.sort(p[(kinds == kind) & y]) for kind in sorted(threshold_on)]

    def refused(limit: float) -> list[float]:
        return [float(np.searchsorted(each, limit)) / len(each) for each in real]

    threshold = max(
        limit
        for limit in np.concatenate(real).tolist()
        if np.mean(refused(limit)) <= FALSE_ABSTENTION and max(refused(limit)) <= OF_ANY_KIND
    )
    model = _fitted(x, y, weight)
    scaler, logistic = model[0], model[1]
    weights = logistic.coef_[0] / scaler.scale_
    return {
        "intercept": round(float(logistic.intercept_[0] - (weights * scaler.mean_).sum()), 4),
        "weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)},
        "threshold": round(threshold, 4),
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
