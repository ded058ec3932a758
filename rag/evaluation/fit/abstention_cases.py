"""Questions that notes answer or not, each with the index that it is asked of.

What is answerable and what is not, see `fit_abstention`.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rag.answer.abstention.background import Background, reference_texts
from rag.answer.abstention.message_signals import message_signals
from rag.answer.abstention.signals import Signals
from rag.answer.quoting.pools import SECTIONS
from rag.answer.understanding.strangers import strangers
from rag.answer.understanding.strangers import without as without_names
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
CROSSING = "crossing "  # before the kind of a case that is asked in the other language


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
        for labelled in read_labelled(DATA / "harder_answer_sentences.jsonl"):
            if labelled.answer:
                yield case("harder", labelled.question, True)
        for row in read_json_lines(DATA / "strange_names.jsonl"):
            if row["kind"] == "incidental":
                yield case("setting", without_names(row["message"], [row["name"]]), True)
        for row in read_json_lines(DATA / "fact_pairs.jsonl"):
            yield case("fact", row["said"], True)
            yield case("near miss", row["not_said"], False)

    def _crossing(self, case: Case) -> Case:
        """The same asked of the notes in the other language alone, of which no author says more."""
        language = detect_language(case.question)
        index, background = self._alone["en" if language == "zh" else "zh"]
        return replace(case, kind=CROSSING + case.kind, index=index, background=background)

    def signals(self, case: Case) -> Signals | None:
        """None where nothing is found, or where the names alone decide."""
        found = strangers(case.question, case.index)
        question = without_names(case.question, found.settings)
        if found.asked:
            return None
        hits = HybridRetriever.over(case.index).search(question, 60 if case.left_out else 10)
        hits = [hit for hit in hits if hit.document.metadata["note"] not in case.left_out]
        if not hits:
            return None
        return message_signals(
            question, hits[:SECTIONS], case.index, self.embedder, case.background
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


def estranged(question: str, lexical: WordIndex, stranger: str) -> str:
    """The question with its most telling word replaced; before it where none is found."""
    telling = sorted(set(words(question)), key=lambda word: -lexical.idf(word))
    for word in telling:
        place = question.lower().find(word)
        if len(word) > 1 and place >= 0 and content_words(word):
            put = f" {stranger} " if word.isascii() else stranger
            return question[:place] + put + question[place + len(word) :]
    return f"{stranger}: {question}"
