"""Ingest speed: reading, chunking, embedding and indexing against the bare embedding engine.

The two take turns of minutes on a whole corpus, so whatever else runs meanwhile changes their
seconds; the processor time that each of them took tells them apart on a busy machine too.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.embedding.embedder import BATCH
from rag.embedding.sentence_transformer import SentenceTransformerEmbeddings
from rag.index.chunking import chunk_note
from rag.index.documents import embedding_text
from rag.index.local.build_local import build_index
from rag.notes.note import Note
from rag.readers.corpus import read_corpus


@dataclass(frozen=True, slots=True)
class IngestSpeed:
    """Seconds for the same passages in one run."""

    notes: int
    passages: int
    raw_s: float  # the bare engine embeds them, in batches of like lengths
    raw_cpu_s: float  # of all its threads
    ingest_s: float  # a whole `rag index` without its cache
    ingest_cpu_s: float
    again_s: float  # the same once more, nothing changed

    @property
    def ratio(self) -> float:
        """Ingest passages/s as a share of the raw engine's."""
        return self.raw_s / self.ingest_s

    @property
    def cpu_ratio(self) -> float:
        """The same in passages a second of processor time."""
        return self.raw_cpu_s / self.ingest_cpu_s


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
    model = embedder.model  # loaded before the clock runs
    began, began_cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(texts), BATCH):
        model.encode(texts[start : start + BATCH], show_progress_bar=False)
    raw, raw_cpu = time.perf_counter() - began, time.process_time() - began_cpu
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "index"
        seconds, cpu = [], []
        for _ in range(2):
            began, began_cpu = time.perf_counter(), time.process_time()
            build_index(target, read_corpus(corpus), embedder, chunk_tokens, progress)
            seconds.append(time.perf_counter() - began)
            cpu.append(time.process_time() - began_cpu)
    return IngestSpeed(
        notes=len(notes),
        passages=len(texts),
        raw_s=raw,
        raw_cpu_s=raw_cpu,
        ingest_s=seconds[0],
        ingest_cpu_s=cpu[0],
        again_s=seconds[1],
    )
