"""Ingest speed: reading, chunking, embedding and indexing against the bare embedding engine."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.chunking import chunk_note, embedding_text
from rag.embedding import BATCH, SentenceTransformerEmbeddings
from rag.index import build_index
from rag.notes import Note, read_corpus


@dataclass(frozen=True, slots=True)
class IngestSpeed:
    """Seconds for the same passages in one run."""

    notes: int
    passages: int
    raw_s: float  # the bare engine embeds them, in batches of like lengths
    ingest_s: float  # a whole `rag index` without its cache
    again_s: float  # the same once more, nothing changed

    @property
    def ratio(self) -> float:
        """Ingest passages/s as a share of the raw engine's."""
        return self.raw_s / self.ingest_s


def measure_ingest(
    corpus: Path,
    embedder: SentenceTransformerEmbeddings,
    chunk_tokens: int,
    progress: Callable[[str, int, int], None],
) -> IngestSpeed:
    """Index `corpus` into a folder that is thrown away, and embed its chunks with nothing else."""
    notes = [entry for entry in read_corpus(corpus) if isinstance(entry, Note)]
    texts = [
        embedding_text(chunk)
        for note in notes
        for chunk in chunk_note(note, embedder.count_tokens, chunk_tokens)
    ]
    texts = sorted(dict.fromkeys(texts), key=len)
    encode = getattr(embedder.model[0], "engine", None)
    began = time.perf_counter()
    for start in range(0, len(texts), BATCH):
        if encode is not None:
            encode.encode(texts[start : start + BATCH], is_query=False)
        else:
            embedder.model.encode(texts[start : start + BATCH], show_progress_bar=False)
    raw = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "index"
        seconds = []
        for _ in range(2):
            began = time.perf_counter()
            build_index(target, read_corpus(corpus), embedder, chunk_tokens, progress)
            seconds.append(time.perf_counter() - began)
    return IngestSpeed(len(notes), len(texts), raw, seconds[0], seconds[1])
