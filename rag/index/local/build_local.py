"""Notes → an index on disk, incrementally: what did not change is copied, not computed again.

A note whose content hash is unchanged keeps its chunk rows, its vectors and its words' columns;
a changed or removed note's rows become gaps, new chunks are appended. Once more than a quarter
of the rows are gaps they are closed.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from rag.embedding.embedder import Embedder
from rag.embedding.vector_cache import embed_cached
from rag.errors import IndexUnusable
from rag.index.build_report import BuildProgress, BuildReport
from rag.index.building import Scan, exclusive
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
GAPS = 0.25  # share of the rows above which they are closed
FRESH = ".fresh-vectors.npy"
_MADE = ("embedding", "dimension", "chunk_tokens", "wanted")  # what a generation hangs on


def build_index(
    folder: Path,
    entries: Iterable[Note | Skipped],
    embedder: Embedder,
    chunk_tokens: int,
    progress: BuildProgress = lambda stage, done, total: None,
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
    with exclusive(folder, "The earlier index is untouched."):
        began = time.time()
        report = _build(folder, entries, embedder, chunk_tokens, progress, kind, may_be_empty)
        remember_look(folder, began, report.skipped)
        return report


def _build(
    folder: Path,
    entries: Iterable[Note | Skipped],
    embedder: Embedder,
    chunk_tokens: int,
    progress: BuildProgress,
    kind: KindName,
    may_be_empty: bool,
) -> BuildReport:
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "embedding": embedder.model_id,
        "dimension": embedder.dimension(),
        "chunk_tokens": chunk_tokens,
        "wanted": kind,
    }
    before = _notes_before(folder)
    earlier = _reusable(folder, manifest)
    scan = Scan(entries, before if earlier else {}, progress)
    notes = scan.changed()
    if earlier is not None:
        changed = list(notes)  # first builds are streamed instead
        if scan.notes == scan.kept:
            return scan.report(before, read_manifest(folder / earlier)["chunks"], 0)
        notes = iter(changed)
    with new_generation(folder, manifest) as building:
        if earlier is None:
            store = FaissStore.begin(building, embedder, kind)
            lexical = LexicalIndex.build(())
        else:
            store = FaissStore.revise(folder / earlier, building, embedder, kind)
            lexical = LexicalIndex.load(folder / earlier)
        first = store.table.rows
        gone = [path for path, digest in scan.kept.items() if scan.notes.get(path) != digest]
        if gone and (rows := store.select(gone).tolist()):
            store.table.remove(rows)
        store.table.append(
            (chunk_id(chunk), chunk)
            for note in notes
            for chunk in chunk_note(note, embedder.count_tokens, chunk_tokens)
        )
        if not len(store) and not may_be_empty:
            raise scan.nothing_found()
        cache = folder.parent / "embeddings.sqlite"
        embedded = _embed(store, first, embedder, cache, building, progress)
        texts = (embedding_text(item) for block in store.table.scan(first) for item in block)
        lexical = lexical.updated(store.table.gaps, texts)
        if len(store.table.gaps) > GAPS * store.table.rows:
            lexical = lexical.compacted(store.compact())
        keys = scan.authored(embedder, cache)
        store.save(building)
        lexical.save(building)
        keys.save(building)
        manifest |= {"notes": scan.notes, "chunks": len(store)}
        store.table.close()
    return scan.report(before, manifest["chunks"], embedded)


def _embed(
    store: FaissStore,
    first: int,
    embedder: Embedder,
    cache: Path,
    building: Path,
    progress: BuildProgress,
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
        if all(found.get(key) == manifest[key] for key in _MADE):
            verify_files(folder / name, found)
            return name
    return None
