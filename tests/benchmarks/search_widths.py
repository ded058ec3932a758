"""Recall and latency by search width: `python -m tests.benchmarks.search_widths --passages 100000`.

The table of `docs/measurements.md`: for each kind, recall@10 against exact search and the median
milliseconds of one query for the top 50, at several widths (lists probed, efSearch, k re-ranked).
Vectors are those of `rag eval scale`.
"""

import argparse
import statistics
import time
from typing import Any

import faiss
import numpy as np

from rag.embedding.load import load_embeddings
from rag.evaluation.scale.scale_run import real_base
from rag.evaluation.scale.synthetic import Source
from rag.index.local.faiss_kinds import lists_of, make_index, training_size
from rag.settings import load_settings

WIDTHS = {"ivf": (8, 16, 32, 48, 64, 96), "hnsw": (64, 96, 128, 192), "ivfpq": (16, 32, 48, 96)}
REFINED = (4, 10, 20)


def parameters(kind: str, width: int, refine: int) -> Any:
    if kind == "hnsw":
        return faiss.SearchParametersHNSW(efSearch=width)
    probes = faiss.SearchParametersIVF(nprobe=width)
    if kind == "ivf":
        return probes
    return faiss.IndexRefineSearchParameters(k_factor=refine, base_index_params=probes)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--kind", action="append", choices=list(WIDTHS))
    given = parser.parse_args()
    settings = load_settings()
    base = real_base(
        settings.corpus, load_embeddings(settings), settings.chunk_tokens,
        settings.embedding_cache, 200,
    )  # fmt: skip
    source = Source(base)
    vectors = np.concatenate(list(source.vectors(given.passages)))
    queries = [np.array([vector], np.float32) for vector in base.asked]
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    exact = [set(flat.search(query, 10)[1][0].tolist()) for query in queries]
    for kind in given.kind or WIDTHS:
        began = time.perf_counter()
        step = max(1, len(vectors) // training_size(len(vectors)))
        index = make_index(vectors[::step], len(vectors), kind)
        trained = time.perf_counter() - began
        index.add(vectors)
        print(f"{kind}: {lists_of(index)} lists, training {trained:.1f} s, "
              f"whole build {time.perf_counter() - began:.1f} s", flush=True)  # fmt: skip
        for width in WIDTHS[kind]:
            for refine in REFINED if kind == "ivfpq" else (0,):
                chosen = parameters(kind, width, refine)
                found, times = [], []
                for query in queries:
                    start = time.perf_counter()
                    index.search(query, 50, params=chosen)
                    times.append(time.perf_counter() - start)
                    found.append(set(index.search(query, 10, params=chosen)[1][0].tolist()))
                recall = np.mean([len(a & b) / 10 for a, b in zip(found, exact, strict=True)])
                print(f"  width {width:3} refine {refine:2}: recall@10 {recall:.3f}, "
                      f"{1000 * statistics.median(times):.2f} ms", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
