"""Notes → an index on disk, incrementally: what did not change is copied, not computed again.

A note whose content hash is unchanged keeps its chunk rows, its vectors and its words' columns;
a changed or removed note's rows become gaps, new chunks are appended. Once more than a quarter
of the rows are gaps they are closed.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.documents import Document

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
    generations,
    is_whole,
    new_generation,
    read_manifest,
    read_so_far,
    verify_files,
)
from rag.index.local.faiss_kinds import KindName
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.index.pace import Cut, Pace
from rag.index.summary import remember_look
from rag.notes.note import Note, Skipped

WINDOW = 8192  # chunks embedded at a time, sorted by length inside
GAPS = 0.25  # share of the rows above which they are closed
FRESH = ".fresh-vectors.npy"


def build_index(
    folder: Path,
    entries: Iterable[Note | Skipped],
    embedder: Embedder,
    chunk_tokens: int,
    progress: BuildProgress = lambda stage, done, total: None,
    kind: KindName = "auto",
    may_be_empty: bool = False,
    files: int = 0,
) -> BuildReport:
    """Index the notes into a new generation and make it the current one.

    Notes that did not change are neither cut, embedded nor tokenised again, and no text is ever
    embedded twice; notes that are gone vanish. A first index is published now and again while it
    grows (`pace.py`), so that questions are answered from what is read.

    Args:
        files: how many notes to expect; a first index tells it beside how many it has.

    Raises:
        CorpusError: no note could be read, unless that may be.
        IndexUnusable: another process is building this index.
        RagError: the disk is full; the earlier index stays as it was.
    """
    with exclusive(folder, "The earlier index is untouched."):
        made = {
            "format": FORMAT,
            "embedding": embedder.model_id,
            "dimension": embedder.dimension(),
            "chunk_tokens": chunk_tokens,
            "wanted": kind,
        }
        build = _Build(folder, made, embedder, progress, may_be_empty, files)
        return build.run(entries)


@dataclass(slots=True)
class _Build:
    """One build, of one generation after the other.

    Attributes:
        made: what a generation hangs on.
        live: the generation that the next one goes on from.
        held: its notes, path → content hash.
        embedded: texts that were really embedded.
        began: in seconds since 1970.
    """

    folder: Path
    made: dict[str, Any]
    embedder: Embedder
    progress: BuildProgress
    may_be_empty: bool
    files: int
    live: str | None = None
    held: dict[str, str] = field(default_factory=dict)
    chunks: int = 0
    embedded: int = 0
    began: float = field(default_factory=time.time)

    def run(self, entries: Iterable[Note | Skipped]) -> BuildReport:
        before = _notes_before(self.folder)
        self.live = _reusable(self.folder, self.made)
        self.held = before if self.live else {}
        scan = Scan(entries, self.held, self.progress)
        if _holds_whole_one(self.folder):
            self._replace(scan.changed(), scan)
            remember_look(self.folder, self.began, scan.skipped)
        else:
            self._grow(scan.changed(), scan)
        return scan.report(before, self.chunks, self.embedded)

    def _replace(self, notes: Iterator[Note], scan: Scan) -> None:
        """Publish once, at the end."""
        if self.live is None:
            self._publish(((note, self._cut(note)) for note in notes), scan)
            return
        changed = list(notes)  # what they replace goes first
        manifest = read_manifest(self.folder / self.live)
        self.chunks = manifest["chunks"]
        if scan.notes != scan.kept or read_so_far(manifest) is not None:
            self._publish(((note, self._cut(note)) for note in changed), scan)

    def _grow(self, notes: Iterator[Note], scan: Scan) -> None:
        """Publish batch after batch."""
        pace, last = Pace(), False
        while not last:
            batch, last = pace.batch(notes, self._cut)
            remember_look(self.folder, self.began, scan.skipped)  # first: what is live has one
            pace.published(self._publish(batch, scan, last))

    def _cut(self, note: Note) -> list[Document]:
        return chunk_note(note, self.embedder.count_tokens, self.made["chunk_tokens"])

    def _publish(self, batch: Iterable[Cut], scan: Scan, last: bool = True) -> float:
        """A generation with these notes more; how many seconds it took to write.

        Args:
            last: there are no others: what was not seen on the way is gone.
        """
        manifest = dict(self.made)
        cache = self.folder.parent / "embeddings.sqlite"
        with new_generation(self.folder, manifest) as building:
            store, lexical = self._opened(building)
            first = store.table.rows
            gone = [
                path
                for path, digest in self.held.items()
                if (last or path in scan.notes) and scan.notes.get(path) != digest
            ]
            if gone and (rows := store.select(gone).tolist()):
                store.table.remove(rows)
            store.table.append((chunk_id(chunk), chunk) for _, chunks in batch for chunk in chunks)
            if last and not len(store) and not self.may_be_empty:
                raise scan.nothing_found()
            held = {path: digest for path, digest in self.held.items() if path not in gone}
            held |= scan.notes
            # An archive is one file of many notes: how many are to come is not known then.
            known = last or len(held) < self.files
            expected = max(self.files, len(held)) if known else 0
            embedded = _Embedded(self.progress, len(self.held), len(held), expected)
            self.embedded += _embed(store, first, self.embedder, cache, building, embedded)
            began = time.monotonic()
            texts = (embedding_text(item) for block in store.table.scan(first) for item in block)
            lexical = lexical.updated(store.table.gaps, texts)
            if len(store.table.gaps) > GAPS * store.table.rows:
                lexical = lexical.compacted(store.compact())
            keys = scan.authored(self.embedder, cache)
            store.save(building)
            lexical.save(building)
            keys.save(building)
            self.chunks = len(store)
            manifest |= {"notes": held, "chunks": self.chunks}
            if not last:
                manifest["read_so_far"] = [len(held), expected or len(held)]
            store.table.close()
        self.held, self.live = held, current_generation(self.folder)
        return time.monotonic() - began

    def _opened(self, building: Path) -> tuple[FaissStore, LexicalIndex]:
        """What is there already, to be changed."""
        kind: KindName = self.made["wanted"]
        if self.live is None:
            return FaissStore.begin(building, self.embedder, kind), LexicalIndex.build(())
        live = self.folder / self.live
        return (
            FaissStore.revise(live, building, self.embedder, kind),
            LexicalIndex.load(live),
        )


@dataclass(slots=True)
class _Embedded:
    """Tells of a batch's progress: its chunks, and how many of all notes (0: not known) that
    makes.
    """

    progress: BuildProgress
    before: int
    after: int
    expected: int
    total: int = 0
    done: int = 0

    def more(self, count: int) -> None:
        self.done += count
        self.progress("embed", self.done, self.total)
        share = self.done / self.total if self.total else 1.0
        notes = self.before + int(share * (self.after - self.before))
        self.progress("notes", notes, self.expected)


def _embed(
    store: FaissStore,
    first: int,
    embedder: Embedder,
    cache: Path,
    building: Path,
    told: _Embedded,
) -> int:
    """Embed and index the rows from `first` on; how many texts were really embedded."""
    total, embedded = store.table.rows - first, 0
    if not total:
        return 0
    told.total = total
    vectors: Any = None
    place = 0
    for block in store.table.scan(first, WINDOW):
        texts = [embedding_text(document) for document in block]
        part, new = embed_cached(texts, embedder, cache, told.more)
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


def _holds_whole_one(folder: Path) -> bool:
    """A whole generation is there, of whichever format and model: small ones would sweep it."""
    return any(map(is_whole, generations(folder)))


def _reusable(folder: Path, made: dict[str, Any]) -> str | None:
    """The live generation if it is sound and was made the same way."""
    with suppress(IndexUnusable):
        name = current_generation(folder)
        found = read_manifest(folder / name)
        if all(found.get(key) == made[key] for key in made):
            verify_files(folder / name, found)
            return name
    return None
