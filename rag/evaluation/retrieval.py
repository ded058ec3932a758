"""Recall and reciprocal rank on a file in SQuAD's format; one passage is one context.

The bare lists (dense, BM25, plain reciprocal rank fusion) stand beside the product's retriever.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.documents import Document

from rag.embedding.embedder import Embedder
from rag.embedding.vector_cache import embed_cached
from rag.errors import UsageError
from rag.evaluation.json_files import read_json
from rag.index.build_report import BuildProgress
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.search.fusion import RRF_K
from rag.search.hybrid import HybridRetriever
from rag.text.words import content_words

DEPTH = 10


@dataclass(frozen=True, slots=True)
class SquadFile:
    """Contexts, and questions as (id, text, row of the context that answers it)."""

    contexts: tuple[str, ...]
    questions: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Means over all questions, in [0, 1]."""

    recall_at_1: float
    recall_at_5: float
    mrr_at_10: float

    @classmethod
    def of(cls, ranks: Sequence[int | None]) -> "Score":
        """From the rank (0 is best) of each question's context; None where it was not found."""
        count = len(ranks) or 1
        found = [rank for rank in ranks if rank is not None and rank < DEPTH]
        return cls(
            sum(1 for rank in found if rank < 1) / count,
            sum(1 for rank in found if rank < 5) / count,
            sum(1 / (rank + 1) for rank in found) / count,
        )


def read_squad(path: Path) -> SquadFile:
    """Read a SQuAD file (1.1 or 2.0; questions without an answer are left out).

    Raises:
        UsageError: the file is missing or has another form.
    """
    contexts: dict[str, int] = {}
    questions: list[tuple[str, str, int]] = []
    try:
        for article in read_json(path)["data"]:
            for paragraph in article["paragraphs"]:
                row = contexts.setdefault(paragraph["context"], len(contexts))
                questions.extend(
                    (str(item["id"]), str(item["question"]), row)
                    for item in paragraph["qas"]
                    if not item.get("is_impossible")
                )
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} is not in SQuAD's format (no {error}); give such a file."
        ) from error
    if not questions:
        raise UsageError(f"{path} holds no question; give a file in SQuAD's format.")
    return SquadFile(tuple(contexts), tuple(questions))


def across(questions: SquadFile, passages: SquadFile) -> SquadFile:
    """One file's questions over the other's contexts, joined by question id (as XQuAD has it).

    Raises:
        UsageError: the files share no question id.
    """
    rows = {identity: row for identity, _, row in passages.questions}
    joined = tuple((i, text, rows[i]) for i, text, _ in questions.questions if i in rows)
    if not joined:
        raise UsageError("The two files share no question id; give two languages of one data set.")
    return SquadFile(passages.contexts, joined)


def evaluate_retrieval(
    data: SquadFile,
    embedder: Embedder,
    cache: Path,
    progress: BuildProgress = lambda stage, done, total: None,
) -> dict[str, Score]:
    """Scores of `dense`, `bm25`, `rrf` and `ours` for one file."""
    done = 0

    def embedded(count: int) -> None:
        nonlocal done
        done += count
        progress("embed", done, len(data.contexts))

    vectors, _ = embed_cached(data.contexts, embedder, cache, embedded)
    store = FaissStore(embedder)
    documents = [
        Document(page_content=text, metadata={"row": n}) for n, text in enumerate(data.contexts)
    ]
    store.add_vectors(documents, vectors, [str(row) for row in range(len(documents))])
    lexical = LexicalIndex.build(data.contexts)
    retriever = HybridRetriever(store=store, lexical=lexical)
    ranks: dict[str, list[int | None]] = {"dense": [], "bm25": [], "rrf": [], "ours": []}
    for number, (_, question, gold) in enumerate(data.questions, 1):
        for name, rows in _lists(question, embedder, vectors, lexical, retriever):
            ranks[name].append(rows.index(gold) if gold in rows else None)
        progress("ask", number, len(data.questions))
    return {name: Score.of(values) for name, values in ranks.items()}


def _lists(
    question: str, embedder: Embedder, vectors: np.ndarray, lexical: LexicalIndex, ours: Any
) -> Iterator[tuple[str, list[int]]]:
    dense = vectors @ np.asarray(embedder.embed_query(question), np.float32)
    words = lexical.scores(content_words(question))
    by_meaning, by_words = (np.argsort(-scores, kind="stable") for scores in (dense, words))
    fused = np.zeros(len(dense))
    fused[by_meaning] += 1 / (RRF_K + 1 + np.arange(len(dense)))
    fused[by_words] += np.where(words[by_words] > 0, 1 / (RRF_K + 1 + np.arange(len(dense))), 0)
    yield "dense", by_meaning[:DEPTH].tolist()
    yield "bm25", [row for row in by_words[:DEPTH].tolist() if words[row] > 0]
    yield "rrf", np.argsort(-fused, kind="stable")[:DEPTH].tolist()
    yield "ours", [hit.document.metadata["row"] for hit in ours.search(question, DEPTH)]
