"""What an index of N synthetic passages costs, beside bare faiss and bare bm25s in the same run.

One folder a size: the index as `rag index` writes it, built here from synthetic passages
(`rag/evaluation/synthetic.py`) with their modelled vectors; reading, cutting, embedding and word
segmentation cost the same for each passage at every size and are left out of the build time
(`rag eval ingest` measures them). Each index is then measured in a process of its own
(`rag/evaluation/scale_probe.py`), which starts with nothing in memory.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rag.embedding.embedder import Embedder
from rag.embedding.vector_cache import embed_cached
from rag.errors import CorpusError, RagError
from rag.evaluation.scale.synthetic import BLOCK, Base, Drawn, Source, fidelity
from rag.index.build_report import BuildProgress
from rag.index.chunking import chunk_note
from rag.index.documents import embedding_text
from rag.index.local.faiss_kinds import KindName
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.notes.note import Note
from rag.notes.topic import topic_of
from rag.readers.corpus import read_corpus

VECTORS = "vectors.npy"
QUESTIONS = "questions.json"


@dataclass(frozen=True, slots=True)
class Cost:
    """One size and kind. Times in ms a query unless they end in _s; bytes are a passage's."""

    passages: int
    kind: str
    vectors_s: float  # training and filling the faiss index
    words_s: float  # BM25 of all passages, from words
    table_s: float  # writing texts and metadata
    text_bytes: float  # the UTF-8 text alone
    table_bytes: float  # text, metadata, ids and their indexes on disk
    mapped_bytes: float  # vectors and BM25 on disk: what fills memory when all of it is touched
    resident_bytes: float  # growth of RSS by opening and asking all questions
    private_bytes: float  # of it not file pages, so not to be reclaimed
    open_s: float
    recall_at_10: float  # of dense search against exact
    lexical_at_10: float  # share of the ten best BM25 scores that are bm25s' own
    dense: tuple[float, float]  # p50, p95
    lexical: tuple[float, float]
    fused: tuple[float, float]
    bare_flat: tuple[float, float]  # faiss.IndexFlatIP
    bare_bm25s: tuple[float, float]

    @property
    def ratio(self) -> float:
        """Fused search over the sum of the two bare engines, medians."""
        return self.fused[0] / (self.bare_flat[0] + self.bare_bm25s[0])


def real_base(
    corpus: Path,
    embedder: Embedder,
    chunk_tokens: int,
    cache: Path,
    questions: int,
    progress: BuildProgress = lambda stage, done, total: None,
) -> Base:
    """The corpus' chunks and questions with their real vectors.

    Raises:
        CorpusError: too few chunks or no question to draw from.
    """
    notes = [entry for entry in read_corpus(corpus) if isinstance(entry, Note)]
    chunks = [c for note in notes for c in chunk_note(note, embedder.count_tokens, chunk_tokens)]
    asked = list(dict.fromkeys(text for note in notes for text in topic_of(note).questions))
    if len(chunks) < 50 or not asked:
        raise CorpusError("The corpus is too small to draw from: 50 chunks and a question needed.")
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        progress("embed", done, len(chunks))

    vectors, _ = embed_cached([embedding_text(chunk) for chunk in chunks], embedder, cache, more)
    picked = [
        asked[n] for n in np.linspace(0, len(asked) - 1, min(questions, len(asked))).astype(int)
    ]
    query_vectors = []
    for number, text in enumerate(picked, 1):
        query_vectors.append(embedder.embed_query(text))
        progress("ask", number, len(picked))
    return Base(tuple(chunks), vectors, tuple(picked), np.asarray(query_vectors, np.float32))


def model_fidelity(base: Base, embedder: Embedder, cache: Path, count: int) -> tuple[float, float]:
    """`fidelity` of the first `count` synthetic passages, really embedded."""
    source = Source(base)
    texts = [embedding_text(item.document()) for item in source.passages(count)]
    vectors, _ = embed_cached(texts, embedder, cache)
    return fidelity(source, vectors, count)


def measure(
    base: Base,
    sizes: Sequence[int],
    kinds: Sequence[KindName],
    folder: Path,
    embedder: Embedder,
    progress: BuildProgress = lambda stage, done, total: None,
) -> Iterator[Cost]:
    """The cost of every size and kind, as each is done. `folder` keeps the last index of each.

    Raises:
        RagError: the measuring process failed.
    """
    source = Source(base)
    for size in sizes:
        for kind in kinds:
            target = folder / f"{size}-{kind}"
            target.mkdir(parents=True, exist_ok=True)
            for path in sorted(target.rglob("*"), reverse=True):
                path.unlink() if path.is_file() else path.rmdir()
            built = _build(source, size, kind, target, embedder, progress)
            _write_questions(base, target)
            yield Cost(**built, **_probe(target))
            (target / VECTORS).unlink()


def _build(
    source: Source,
    size: int,
    kind: KindName,
    target: Path,
    embedder: Embedder,
    progress: BuildProgress,
) -> dict[str, Any]:
    vectors = np.lib.format.open_memmap(
        target / VECTORS, "w+", np.float32, (size, source.dimension)
    )
    place = 0
    for block in source.vectors(size):
        vectors[place : place + len(block)] = block
        place += len(block)
    vectors.flush()
    store = FaissStore.begin(target, embedder, kind)
    text_bytes = 0
    seconds = {"table_s": 0.0, "words_s": 0.0}
    drawn = source.passages(size)

    def rows() -> Iterator[Drawn]:
        nonlocal text_bytes
        while part := list(islice(drawn, BLOCK)):
            began = time.perf_counter()
            first = store.table.rows
            store.table.append((f"{item.note}#{first + n}", item.document())
                               for n, item in enumerate(part))  # fmt: skip
            seconds["table_s"] += time.perf_counter() - began
            text_bytes += sum(len(item.text.encode()) for item in part)
            progress("read", store.table.rows, size)
            yield from part

    began = time.perf_counter()
    lexical = LexicalIndex.of_words(item.words() for item in rows())
    lexical.save(target)
    seconds["words_s"] = time.perf_counter() - began - seconds["table_s"]
    del lexical
    began = time.perf_counter()
    store.index_vectors(vectors)
    store.save(target)
    seconds["vectors_s"] = time.perf_counter() - began
    table = (target / "chunks.sqlite").stat().st_size
    mapped = sum(
        path.stat().st_size
        for path in (target / "vectors.faiss", target / "peaks.npy", *(target / "bm25").iterdir())
    )
    name = store.kind
    store.table.close()
    return {
        "passages": size,
        "kind": name,
        **seconds,
        "text_bytes": text_bytes / size,
        "table_bytes": table / size,
        "mapped_bytes": mapped / size,
    }


def _write_questions(base: Base, target: Path) -> None:
    pairs = [
        [text, vector.tolist()] for text, vector in zip(base.questions, base.asked, strict=True)
    ]
    (target / QUESTIONS).write_text(json.dumps(pairs), encoding="utf-8")


def _probe(target: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "rag.evaluation.scale.scale_probe", str(target)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise RagError(f"Measuring {target} failed: {last}. Is there enough memory?")
    return dict(json.loads(done.stdout))


def write_report(
    folder: Path, about: dict[str, Any], costs: Sequence[Cost]
) -> tuple[Path, Path | None]:
    """`scale.json` and, where matplotlib is installed, `scale.png`: cost against size."""
    data = {**about, "costs": [{**asdict(cost), "ratio": cost.ratio} for cost in costs]}
    path = folder / "scale.json"
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    try:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plot
    except ImportError:
        return path, None
    figure, axes = plot.subplots(1, 3, figsize=(15, 4.5))
    curves: dict[str, list[Cost]] = {}
    for cost in costs:
        curves.setdefault(cost.kind, []).append(cost)
    for name, values in (
        ("fused search", [c.fused[0] for c in costs]),
        ("dense", [c.dense[0] for c in costs]),
        ("BM25", [c.lexical[0] for c in costs]),
        ("bare IndexFlatIP", [c.bare_flat[0] for c in costs]),
        ("bare bm25s", [c.bare_bm25s[0] for c in costs]),
    ):
        style = "--" if name.startswith("bare") else "-"
        axes[0].plot([c.passages for c in costs], values, style, marker="o", label=name)
    axes[0].set(title="median ms a query", xscale="log", yscale="log", xlabel="passages")
    axes[0].legend()
    for name, values in (
        ("vectors + BM25 files", [c.mapped_bytes for c in costs]),
        ("resident after the questions", [c.resident_bytes for c in costs]),
        ("text", [c.text_bytes for c in costs]),
    ):
        axes[1].plot([c.passages for c in costs], values, marker="o", label=name)
    axes[1].set(title="bytes a passage", xscale="log", yscale="log", xlabel="passages")
    axes[1].legend()
    for kind, part in curves.items():
        axes[2].plot(
            [c.passages for c in part], [c.vectors_s for c in part], marker="o", label=kind
        )
    axes[2].plot([c.passages for c in costs], [c.words_s for c in costs], "--", label="BM25")
    axes[2].set(title="build, s (without embedding)", xscale="log", yscale="log",
                xlabel="passages")  # fmt: skip
    axes[2].legend()
    picture = folder / "scale.png"
    figure.tight_layout()
    figure.savefig(picture, dpi=110)
    plot.close(figure)
    return path, picture
