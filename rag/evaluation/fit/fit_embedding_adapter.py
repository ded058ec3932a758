"""Fit `rag/search/embedding_adapter.npz` on the questions of our own notes.

A question's right sections are those that teach the key points which it asks for; all others in its
language are wrong ones (InfoNCE: van den Oord et al. 2018). Figures are of topics left out of the
fit.

    rag index && python -m rag.evaluation.fit.fit_embedding_adapter [--write]
"""

import argparse
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import dropout, normalize

from rag.assistant import Assistant
from rag.index.documents import place_of
from rag.index.local.faiss_store import FaissStore
from rag.index.opened import Index
from rag.notes.topic import original_of
from rag.search.embedding_adapter import WEIGHTS, EmbeddingAdapter
from rag.settings import load_settings
from rag.storage.atomic import write_atomic

FOLDS = 5
STEPS, QUESTIONS, SECTIONS = 600, 192, 1200  # of each step
RATE, DECAY, DROPOUT, TEMPERATURE = 1e-3, 0.01, 0.1, 0.02
KEPT = 0.75  # share of what was fitted: with all of it, questions on other fields find less
RANKS = (1, 3, 16)


@dataclass(frozen=True)
class Cases:
    """The questions and sections of one language, vectors in rows.

    Attributes:
        right: shape `(questions, sections)`.
        asked_of, told_by: the topic of each question, of each section.
    """

    questions: np.ndarray
    sections: np.ndarray
    right: np.ndarray
    asked_of: np.ndarray
    told_by: np.ndarray

    def on(self, topics: Sequence[str]) -> "Cases":
        """Those on some topics."""
        rows, columns = np.isin(self.asked_of, topics), np.isin(self.told_by, topics)
        return Cases(
            self.questions[rows],
            self.sections[columns],
            self.right[rows][:, columns],
            self.asked_of[rows],
            self.told_by[columns],
        )


def cases_of(index: Index, english: bool) -> Cases:
    """The authored questions of the notes in one language, and all sections in it."""
    keys, store = index.keys, index.store
    assert isinstance(store, FaissStore)
    vectors, documents = store.vectors(), store.documents
    rows = [n for n, item in enumerate(documents) if _is_english(place_of(item)) == english]
    taught: dict[tuple[str, str], list[int]] = {}
    for column, row in enumerate(rows):
        headings = documents[row].metadata.get("headings") or [""]
        taught.setdefault((place_of(documents[row]), str(headings[-1])), []).append(column)
    asked: list[int] = []
    right: list[np.ndarray] = []
    for number, question in enumerate(keys.questions):
        points = [keys.points[point] for point in question.points]
        columns = [c for point in points for c in taught.get((point.note, point.section), [])]
        if columns and _is_english(question.note) == english:
            asked.append(number)
            right.append(np.isin(np.arange(len(rows)), columns))
    return Cases(
        np.asarray(keys.vectors[asked], np.float32),
        vectors[rows],
        np.stack(right),
        np.array([_topic(keys.questions[number].note) for number in asked]),
        np.array([_topic(place_of(documents[row])) for row in rows]),
    )


def _is_english(note: str) -> bool:
    return bool(original_of(note))


def _topic(note: str) -> str:
    return original_of(note) or note


def fit(languages: Sequence[Cases]) -> EmbeddingAdapter:
    """One adapter for all languages, `KEPT` of the way from leaving vectors as they are."""
    torch.manual_seed(0)
    size = languages[0].questions.shape[1]
    maps = [torch.zeros(size, size, requires_grad=True) for _ in range(2)]
    optimizer = torch.optim.AdamW(maps, lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    data = [
        tuple(torch.tensor(part) for part in (each.questions, each.sections, each.right))
        for each in languages
    ]
    for step in range(STEPS):
        questions, sections, right = data[step % len(data)]
        drawn = torch.randint(0, len(questions), (QUESTIONS,))
        shown = right[drawn].any(0) | (torch.rand(len(sections)) < SECTIONS / len(sections))
        scores = _mapped(questions[drawn], maps[0]) @ _mapped(sections[shown], maps[1]).T
        scores = scores / TEMPERATURE
        wrong = ~right[drawn][:, shown]
        loss = (scores.logsumexp(1) - scores.masked_fill(wrong, -1e9).logsumexp(1)).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    identity = np.eye(size, dtype=np.float32)
    return EmbeddingAdapter(*(identity + KEPT * change.detach().numpy() for change in maps))


def _mapped(vectors: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
    return normalize(vectors + dropout(vectors, DROPOUT) @ change, dim=1)


def reached(cases: Cases, topics: Sequence[str], adapter: EmbeddingAdapter | None) -> list[float]:
    """How often a right section is the first, among the first three, …: of all sections."""
    hits = []
    for row in np.flatnonzero(np.isin(cases.asked_of, topics)):
        question = cases.questions[row]
        cosines = (
            adapter.cosines(question, cases.sections) if adapter else cases.sections @ question
        )
        order = np.argsort(-cosines)[: max(RANKS)]
        hits.append([cases.right[row][order[:rank]].any() for rank in RANKS])
    return [round(float(share), 3) for share in np.mean(hits, axis=0)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the weights")
    given = parser.parse_args()
    index = Assistant(load_settings(llm="none")).index()
    languages = {name: cases_of(index, name == "en") for name in ("zh", "en")}
    topics = sorted(set(languages["zh"].told_by))
    np.random.default_rng(1).shuffle(topics)
    left, taken = topics[: len(topics) // FOLDS], topics[len(topics) // FOLDS :]
    trial = fit([each.on(taken) for each in languages.values()])
    for name, each in languages.items():
        print(name, f"among the first {RANKS}:", reached(each, left, None), "as they are,",
              reached(each, left, trial), "adapted", flush=True)  # fmt: skip
    adapter = fit(list(languages.values()))
    if given.write:
        stored = io.BytesIO()
        np.savez(
            stored,
            question=adapter.question.astype(np.float16),
            passage=adapter.passage.astype(np.float16),
        )
        write_atomic(WEIGHTS, stored.getvalue())


if __name__ == "__main__":
    main()
