"""Fit `rag/answer/abstention/weights.json` on the corpus' own questions.

A question of a note is answerable where a chunk of that note is among the best hits. It is taken
as unanswerable when the chunks of its note, of the notes linked to it by prerequisites and of any
other note that states one of its key points are left out of what is retrieved ("left out"), and
when its most telling word is replaced by one that the notes lack ("replaced"). A third of the
questions are asked of a small corpus of 2 to 15 notes instead, with and without the note
("small", "small left out"), since learners begin with a few notes. `tests/data/fact_pairs.jsonl`
adds questions for one fact that a note states and near misses on the same subject, and
`tests/data/natural_questions.jsonl` questions as people type them, a third of which no note
answers.
What the LLM says is collected for a sample only; a broken-off run goes on where it stopped.

    F=tests/benchmarks/fit_answerability.py
    python $F collect SIGNALS.jsonl --questions 100
    python $F fit SIGNALS.jsonl  # prints; with --write it stores the weights too
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rag.answer.abstention.background import Background, reference_texts
from rag.answer.abstention.decision import WEIGHTS, features
from rag.answer.abstention.signals import Signals
from rag.answer.answer import Answer
from rag.answer.answerer import Answerer
from rag.assistant import Assistant
from rag.evaluation.corpus_check import STATED
from rag.evaluation.json_files import read_json_lines
from rag.index.documents import embedding_text
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.index.opened import Index, WordIndex
from rag.notes.topic import topic_of
from rag.search.hit import Hit
from rag.search.hybrid import HybridRetriever
from rag.settings import load_settings
from rag.text.language import detect_language
from rag.text.words import content_words, segmenter

PAIRS = Path(__file__).parent / "data" / "fact_pairs.jsonl"
NATURAL = PAIRS.with_name("natural_questions.jsonl")
STRANGERS = [
    "Kubernetes", "Redis", "Kafka", "MySQL", "Elasticsearch", "OAuth", "WebRTC", "GraphQL",
    "Terraform", "Ansible", "Solidity", "Erlang", "Haskell", "Flutter", "Angular", "Unity",
    "Blender", "Photoshop", "Hadoop", "Flink", "Zookeeper", "Nginx", "Postgres", "区块链",
    "光刻机", "基因编辑", "量子计算", "自动驾驶", "无人机", "卫星导航", "核聚变", "风力发电",
    "锂电池", "股票期权", "房贷利率", "高铁票", "红烧肉", "太极拳", "围棋",
]  # fmt: skip
RETRIEVAL = ["z", "coverage", "joint", "known", "rare", "crossing", "coverage_crossing", "open"]
FEATURES = {
    "retrieval": RETRIEVAL,
    "asked": [
        "z",
        "coverage",
        "crossing",
        "coverage_crossing",
        "open",
        "log_odds",
        "log_odds_open",
    ],
}
# Share of answerable questions, of either kind, that a stage may refuse.
FALSE_ABSTENTION = {
    "retrieval": {"fact": 0.05, "open": 0.05},
    "asked": {"fact": 0.08, "open": 0.06},
}


@dataclass(frozen=True)
class Case:
    """A question in one condition: what is asked, of which answerer, over which hits."""

    kind: str
    asked: str
    answerer: Answerer
    hits: list[Hit]

    @property
    def answerable(self) -> bool:
        return self.kind in {"answerable", "small", "natural"}


class Corpora:
    """The whole corpus and small ones drawn from it."""

    def __init__(self, assistant: Assistant, llm: str) -> None:
        self.whole = replace(assistant.answerer(llm), may_abstain=False)
        self.index = assistant.index()
        self.topics = {path: topic_of(assistant.note(path)) for path in sorted(self.index.notes)}
        self._reference = np.asarray(assistant.embedder.embed_documents(reference_texts()))
        self._vectors = self.index.store.vectors()
        self._linked = {path: {path, *topic.prerequisites} for path, topic in self.topics.items()}
        for path, topic in self.topics.items():
            for other in topic.prerequisites:
                self._linked.setdefault(other, {other}).add(path)
        self._points = {
            path: [set(content_words(t)) for t in (*topic.key_points, *topic.key_points_en)]
            for path, topic in self.topics.items()
        }

    def small(self, paths: set[str]) -> Answerer:
        """The same answerer over some notes only."""
        assert isinstance(self.index.store, FaissStore)
        documents = self.index.store.documents
        rows = [n for n, d in enumerate(documents) if d.metadata["note"] in paths]
        store = FaissStore(self.index.store.embeddings)
        chosen = [documents[row] for row in rows]
        store.add_vectors(chosen, self._vectors[rows], [str(d.id) for d in chosen])
        lexical = LexicalIndex.build([embedding_text(document) for document in chosen])
        index = Index(store, lexical, "small", dict.fromkeys(paths, ""))
        background = Background(self._vectors[rows], self._reference)
        return replace(self.whole, index=index, background=background)

    def cases(self, path: str, question: str, number: int) -> Iterator[Case]:
        """The conditions of a question; those without hits are left out."""
        draw = random.Random(question)
        if number % 3:
            yield from self._asked(self.whole, path, question, "")
            stranger = STRANGERS[number % len(STRANGERS)]
            asked = estranged(question, self.index.lexical, stranger)
            yield Case("replaced", asked, self.whole, _search(self.whole, asked)[:10])
            return
        others = draw.sample(sorted(self.topics.keys() - self._linked[path]), 15)
        others = others[: draw.choice([2, 5, 15])]
        yield from self._asked(self.small({path, *others}), path, question, "small ")

    def _asked(self, answerer: Answerer, path: str, question: str, size: str) -> Iterator[Case]:
        hits = _search(answerer, question)
        if any(hit.document.metadata["note"] == path for hit in hits[:5]):
            yield Case(size.strip() or "answerable", question, answerer, hits[:10])
        rest = [hit for hit in hits if not self._may_answer(path, hit)][:10]
        if rest:
            yield Case(f"{size}left out", question, answerer, rest)

    def _may_answer(self, path: str, hit: Hit) -> bool:
        if hit.document.metadata["note"] in self._linked[path]:
            return True
        held = set(content_words(hit.document.page_content))
        return any(len(words & held) >= STATED * len(words) for words in self._points[path])

    def by_hand(self) -> Iterator[tuple[str, Case]]:
        """Questions written by hand, with the notes that state the answer or nearly do."""
        asked = [
            (row["note"], "natural" if row["answerable"] else "natural near miss", row["question"])
            for row in read_json_lines(NATURAL)
        ]
        for row in read_json_lines(PAIRS):
            asked.append((row["note"], "answerable", row["said"]))
            asked.append((row["note"], "near miss", row["not_said"]))
        for note, kind, question in asked:
            yield note, Case(kind, question, self.whole, _search(self.whole, question)[:10])


def _search(answerer: Answerer, question: str) -> list[Hit]:
    index = answerer.index
    return HybridRetriever(store=index.store, lexical=index.lexical).search(question, 60)


def collect(out: Path, count: int, rest: bool) -> None:
    """One line a question and condition: the signals of all stages."""
    corpora = Corpora(Assistant(load_settings()), "local")
    every = [(path, q) for path, topic in corpora.topics.items() for q in topic.questions]
    random.Random(1).shuffle(every)
    done = {(r["question"], r["kind"]) for r in read_json_lines(out)} if out.exists() else set()
    asked = [(path, text, case, True) for path, case in corpora.by_hand() for text in [case.asked]]
    for number, (path, question) in enumerate(every if rest else every[:count]):
        for case in corpora.cases(path, question, number):
            told = number < count and (case.kind != "replaced" or number % 2 == 1)
            if told or rest:
                asked.append((path, question, case, told))
    with out.open("a", encoding="utf-8") as handle:
        for path, question, case, told in asked:
            if (question, case.kind) in done:
                continue
            answerer = case.answerer if told else replace(case.answerer, model=None)
            blank = Answer(case.asked, detect_language(case.asked), (), (), "", {},
                           standalone=case.asked)  # fmt: skip
            answer = answerer.judged(blank, case.hits, answerer.evidence(case.asked, case.hits))
            assert answer.signals is not None
            row = {"question": question, "asked": case.asked, "note": path, "kind": case.kind,
                   "answerable": case.answerable, "stage": answer.stage,
                   "signals": asdict(answer.signals)}  # fmt: skip
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")
            handle.flush()


def estranged(question: str, lexical: WordIndex, stranger: str) -> str:
    """The question with its most telling word replaced; before it where none is found."""
    telling = sorted(set(words_of(question)), key=lambda word: -lexical.idf(word.lower()))
    for word in telling:
        if len(word) > 1 and word in question:
            return question.replace(word, f" {stranger} " if word.isascii() else stranger)
    return f"{stranger}: {question}"


def words_of(question: str) -> list[str]:
    """Chinese words and Latin names as they are written."""
    return [word for word in segmenter().cut(question) if content_words(word)]


def fit(file: Path) -> dict[str, object]:
    """Weights, threshold and cross-validated ROC figures of each stage."""
    every = read_json_lines(file)
    stored: dict[str, object] = {}
    for stage, names in FEATURES.items():
        rows = every if stage == "retrieval" else [r for r in every if r["stage"] == "asked"]
        table = [features(Signals(**row["signals"])) for row in rows]
        x = np.array([[values[name] for name in names] for values in table])
        y = np.array([row["answerable"] for row in rows])
        groups = [row["note"] for row in rows]
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3))
        p = cross_val_predict(
            model, x, y, groups=groups, cv=GroupKFold(10), method="predict_proba"
        )[:, 1]
        opened = np.array([values["open"] > 0 for values in table])
        threshold = {
            kind: round(float(np.quantile(p[y & chosen], FALSE_ABSTENTION[stage][kind])), 4)
            for kind, chosen in (("fact", ~opened), ("open", opened))
        }
        model.fit(x, y)
        scaler, logistic = model[0], model[1]
        weights = logistic.coef_[0] / scaler.scale_
        intercept = float(logistic.intercept_[0] - (weights * scaler.mean_).sum())
        stored[stage] = {
            "intercept": round(intercept, 4),
            "weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)},
            "threshold": threshold,
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
    parser.add_argument("--rest", action="store_true", help="all others, without the LLM")
    parser.add_argument("--write", action="store_true", help="store the weights")
    given = parser.parse_args()
    if given.step == "collect":
        collect(given.file, given.questions, given.rest)
    else:
        text = json.dumps(fit(given.file), indent=1) + "\n"
        print(text)
        if given.write:
            WEIGHTS.write_text(text, encoding="utf-8")
