"""Notes → an index on disk, incrementally: what did not change is copied, not computed again.

A note whose content hash is unchanged keeps its chunk rows, its vectors and its words' columns;
a changed or removed note's rows become gaps, new chunks are appended. Once more than a quarter
of the rows are gaps they are closed.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import filelock
import numpy as np
from langchain_core.documents import Document

from rag.embedding.embedder import Embedder
from rag.embedding.vector_cache import embed_cached
from rag.errors import CorpusError, IndexUnusable, RagError, os_reason
from rag.index.authored_keys import KeyCollector
from rag.index.build_report import BuildReport, Progress
from rag.index.chunking import chunk_note
from rag.index.documents import chunk_id, embedding_text
from rag.index.generations import (
    FORMAT,
    current_generation,
    new_generation,
    read_manifest,
    verify_files,
)
from rag.index.local.faiss_kinds import KindName
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.index.summary import remember_look
from rag.notes.note import Note, Skipped

WINDOW = 8192  # chunks embedded at a time, sorted by length inside


GAPS = 0.25


FRESH = ".fresh-vectors.npy"


def build_index(
    folder: Path,
    entries: Iterable[Note | Skipped],
    embedder: Embedder,
    chunk_tokens: int,
    progress: Progress = lambda stage, done, total: None,
    kind: KindName = "auto",
    may_be_empty: bool = False,
) -> BuildReport:
    """Index the notes into a new generation and make it the current one.

    Notes that did not change are neither cut, embedded nor tokenised again, and no text is ever
    embedded twice; notes that are gone vanish.

    Raises:
        CorpusError: no note could be read, unless that may be.
        IndexUnusable: another process is building this index.
        RagError: the disk is full; the earlier index stays as it was.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / "lock", timeout=0):
            began = time.time()
            report = _build(folder, entries, embedder, chunk_tokens, progress, kind, may_be_empty)
            remember_look(folder, began, report.skipped)
            return report
    except filelock.Timeout as error:
        raise IndexUnusable(
            "Another `rag index` is building this index; wait until it has finished."
        ) from error
    except OSError as error:
        raise RagError(
            f"The index in {folder} cannot be written: "
            f"{os_reason(error, 'set RAG_DATA_DIR to another folder')}. "
            "The earlier index is untouched."
        ) from error


def _build(
    folder: Path,
    entries: Iterable[Note | Skipped],
    embedder: Embedder,
    chunk_tokens: int,
    progress: Progress,
    kind: KindName,
    may_be_empty: bool,
) -> BuildReport:
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "embedding": embedder.model_id,
        "chunk_tokens": chunk_tokens,
        "wanted": kind,
        "notes": {},
    }
    notes: dict[str, str] = manifest["notes"]
    skipped: list[Skipped] = []
    before = _notes_before(folder)
    earlier = _reusable(folder, manifest)
    kept: dict[str, str] = before if earlier else {}
    collector = KeyCollector()
    fresh = _fresh(entries, kept, notes, skipped, collector, embedder, chunk_tokens, progress)
    if earlier is not None:
        changed = list(fresh)  # first builds are streamed instead
        if notes == kept:
            chunks = read_manifest(folder / earlier)["chunks"]
            return BuildReport.of(before, notes, skipped, chunks, 0)
        fresh = iter(changed)
    with new_generation(folder, manifest) as building:
        if earlier is None:
            store = FaissStore.begin(building, embedder, kind)
            lexical = LexicalIndex.build(())
        else:
            store = FaissStore.revise(folder / earlier, building, embedder, kind)
            lexical = LexicalIndex.load(folder / earlier)
        first = store.table.rows
        gone = [path for path, digest in kept.items() if notes.get(path) != digest]
        if gone and (rows := store.select(gone).tolist()):
            store.table.remove(rows)
        store.table.append(fresh)
        if not len(store) and not may_be_empty:
            reasons = "; ".join(item.reason for item in skipped[:3]) or "they hold no text"
            raise CorpusError(f"None of the notes could be indexed: {reasons}")
        cache = folder.parent / "embeddings.sqlite"
        embedded = _embed(store, first, embedder, cache, building, progress)
        texts = (embedding_text(item) for block in store.table.scan(first) for item in block)
        lexical = lexical.updated(store.table.gaps, texts)
        if len(store.table.gaps) > GAPS * store.table.rows:
            lexical = lexical.compacted(store.compact())
        keys = collector.keys(lambda texts: embed_cached(texts, embedder, cache)[0])
        store.save(building)
        lexical.save(building)
        keys.save(building)
        chunks = manifest["chunks"] = len(store)
        store.table.close()
    return BuildReport.of(before, notes, skipped, chunks, embedded)


def _fresh(
    entries: Iterable[Note | Skipped],
    kept: dict[str, str],
    notes: dict[str, str],
    skipped: list[Skipped],
    collector: KeyCollector,
    embedder: Embedder,
    chunk_tokens: int,
    progress: Progress,
) -> Iterator[tuple[str, Document]]:
    """The chunks of new and changed notes; `notes`, `skipped` and `collector` (of all notes)
    fill on the way."""
    for entry in entries:
        if isinstance(entry, Skipped):
            skipped.append(entry)
            continue
        notes[entry.path] = entry.content_hash
        collector.add(entry)
        if kept.get(entry.path) != notes[entry.path]:
            for document in chunk_note(entry, embedder.count_tokens, chunk_tokens):
                yield chunk_id(document), document
        progress("read", len(notes), 0)


def _embed(
    store: FaissStore,
    first: int,
    embedder: Embedder,
    cache: Path,
    building: Path,
    progress: Progress,
) -> int:
    """Embed and index the rows from `first` on; how many texts were really embedded."""
    total, done, embedded = store.table.rows - first, 0, 0
    if not total:
        return 0

    def embedded_more(count: int) -> None:
        nonlocal done
        done += count
        progress("embed", done, total)

    vectors: Any = None
    place = 0
    for block in store.table.scan(first, WINDOW):
        texts = [embedding_text(document) for document in block]
        part, new = embed_cached(texts, embedder, cache, embedded_more)
        embedded += new
        if vectors is None:
            shape = (total, part.shape[1])
            vectors = (
                np.empty(shape, np.float32)
                if total <= WINDOW
                else np.lib.format.open_memmap(building / FRESH, "w+", np.float32, shape)
            )
        vectors[place : place + len(part)] = part
        place += len(part)
    store.index_vectors(vectors)
    (building / FRESH).unlink(missing_ok=True)
    return embedded


def _notes_before(folder: Path) -> dict[str, str]:
    try:
        return dict(read_manifest(folder / current_generation(folder))["notes"])
    except IndexUnusable:
        return {}


def _reusable(folder: Path, manifest: dict[str, Any]) -> str | None:
    """The live generation if it is sound and was made the same way."""
    with suppress(IndexUnusable):
        name = current_generation(folder)
        found = read_manifest(folder / name)
        if all(found.get(key) == manifest[key] for key in ("embedding", "chunk_tokens", "wanted")):
            verify_files(folder / name, found)
            return name
    return None
