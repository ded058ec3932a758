"""Measure one index folder of `rag eval scale` in a process of its own; JSON on stdout.

Order matters: memory first (nothing but the index is open), then latency of ours, then the bare
engines, which load everything. Question vectors are known beforehand, so that a query's time is
the search alone; segmenting the question into words counts on both sides.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bm25s
import faiss
import numpy as np
from bm25s.selection import topk
from langchain_core.embeddings import Embeddings

from rag.index.bm25_parameters import K1, B
from rag.index.local.bm25 import MATRIX
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.search.hybrid import HybridRetriever
from rag.text.words import content_words

DEPTH = 50  # what the retriever takes of each list
ROUNDS = 3


class MemoEmbedder(Embeddings):
    """Vectors of known questions, embedded before."""

    def __init__(self, pairs: Sequence[tuple[str, list[float]]]) -> None:
        self._vectors = dict(pairs)

    def embed_query(self, text: str) -> list[float]:
        return self._vectors[text]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self._vectors[text] for text in texts]


def probe(folder: Path) -> dict[str, Any]:
    """The measured half of a `Cost`."""
    pairs = [(text, vector) for text, vector in json.loads((folder / "questions.json").read_text())]
    content_words("预热 warm up")
    faiss.IndexFlatIP(8).search(np.zeros((1, 8), np.float32), 1)
    before = _memory()
    began = time.perf_counter()
    store = FaissStore.load(folder, MemoEmbedder(pairs))
    lexical = LexicalIndex.load(folder)
    open_s = time.perf_counter() - began
    retriever = HybridRetriever(store=store, lexical=lexical)
    for text, _ in pairs:
        retriever.search(text, 10)
    after = _memory()
    times = {
        "dense": _times(lambda pair: store.nearest(pair[1], DEPTH), pairs),
        "lexical": _times(lambda pair: lexical.top(content_words(pair[0]), DEPTH), pairs),
        "fused": _times(lambda pair: retriever.search(pair[0], 10), pairs),
    }
    found = [{row for row, _ in store.nearest(vector, 10)} for _, vector in pairs]
    words = [[score for _, score in lexical.top(content_words(text), 10)] for text, _ in pairs]
    size = len(store)

    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    flat = faiss.IndexFlatIP(vectors.shape[1])
    for start in range(0, size, 16_384):
        flat.add(np.ascontiguousarray(vectors[start : start + 16_384]))
    queries = [np.array([vector], np.float32) for _, vector in pairs]
    exact = [set(flat.search(query, min(10, size))[1][0].tolist()) for query in queries]
    times["bare_flat"] = _times(lambda query: flat.search(query, min(DEPTH, size)), queries)
    flat.reset()

    scorer = bm25s.BM25(k1=K1, b=B, method="lucene")
    scorer.index([["-"]], show_progress=False)  # sets what `load_scores` does not
    scorer.load_scores(str(folder / MATRIX), num_docs=lexical.rows)
    columns = dict(lexical.vocabulary())

    def bare(text: str) -> np.ndarray:
        asked = [columns[word] for word in content_words(text) if word in columns]
        if not asked:
            return np.zeros(0)
        scores = scorer.get_scores_from_ids(asked)
        return np.asarray(topk(scores, k=min(DEPTH, size), backend="numpy")[0])

    same = total = 0
    for (text, _), ours in zip(pairs, words, strict=True):
        best = np.sort(bare(text))[::-1]
        best = best[best > 0][:10]
        total += len(best)
        same += int(np.isclose(best[: len(ours)], ours[: len(best)], rtol=1e-4).sum())
    times["bare_bm25s"] = _times(lambda pair: bare(pair[0]), pairs)
    hits = sum(len(one & other) for one, other in zip(found, exact, strict=True))
    return {
        "open_s": open_s,
        "resident_bytes": (after[0] - before[0]) / size,
        "private_bytes": (after[1] - before[1]) / size,
        "recall_at_10": hits / sum(len(one) for one in exact),
        "lexical_at_10": same / max(1, total),
        **times,
    }


def _times(run: Callable[[Any], Any], queries: Sequence[Any]) -> tuple[float, float]:
    """p50 and p95 in ms, of the best of `ROUNDS` for each query (the machine may be busy)."""
    best = []
    for query in queries:
        seconds = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            run(query)
            seconds.append(time.perf_counter() - began)
        best.append(min(seconds) * 1e3)
    return float(np.percentile(best, 50)), float(np.percentile(best, 95))


def _memory() -> tuple[int, int]:
    """Resident bytes of this process, and those of them that are not file pages."""
    found = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    kib = {name: int(found[name].split()[0]) for name in ("VmRSS", "RssAnon")}
    return kib["VmRSS"] * 1024, kib["RssAnon"] * 1024


if __name__ == "__main__":
    print(json.dumps(probe(Path(sys.argv[1]))))
