"""The index on disk: generations, swapped in by rename, so that a reader sees the old or the new.

index_dir/CURRENT            name of the live generation, replaced atomically
index_dir/gen-000007/        manifest.json, vectors.faiss, chunks.jsonl, words.json, bm25/
index_dir/lock               held while somebody builds
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
from langchain_core.documents import Document

from rag.chunking import chunk_note, embedding_text
from rag.embedding import Embedder
from rag.embedding_cache import embed_cached
from rag.errors import CorpusError, IndexError_, RagError
from rag.files import fsync_dir, fsync_file, write_atomic
from rag.lexical import LexicalIndex
from rag.notes import Note, Skipped
from rag.store import FaissStore

FORMAT = 1
CURRENT = "CURRENT"
MANIFEST = "manifest.json"
_GENERATION = re.compile(r"gen-(\d{6,})")

Progress = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True, slots=True)
class Index:
    """An index in memory: row n of `lexical` is document n of `store`."""

    store: FaissStore
    lexical: LexicalIndex
    generation: str
    notes: dict[str, str]  # path → content hash


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, in notes and chunks."""

    notes: int
    chunks: int
    added: int
    changed: int
    removed: int
    embedded: int
    skipped: tuple[Skipped, ...]


def build_index(
    folder: Path,
    entries: Iterable[Note | Skipped],
    embedder: Embedder,
    chunk_tokens: int,
    progress: Progress = lambda stage, done, total: None,
) -> BuildReport:
    """Index the notes into a new generation and make it the current one.

    Chunks whose text was embedded before are not embedded again; notes that are gone vanish.

    Raises:
        CorpusError: no note could be read.
        IndexError_: another process is building this index.
        RagError: the disk is full; the earlier index stays as it was.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / "lock", timeout=0):
            return _build(folder, entries, embedder, chunk_tokens, progress)
    except filelock.Timeout as error:
        raise IndexError_(
            "Another `rag index` is building this index; wait until it has finished."
        ) from error
    except OSError as error:
        raise RagError(
            f"The index in {folder} cannot be written ({error.strerror or error}); free some "
            "space. The earlier index is untouched."
        ) from error


def _build(
    folder: Path,
    entries: Iterable[Note | Skipped],
    embedder: Embedder,
    chunk_tokens: int,
    progress: Progress,
) -> BuildReport:
    notes: dict[str, str] = {}
    skipped: list[Skipped] = []
    documents: list[Document] = []
    for entry in entries:
        if isinstance(entry, Skipped):
            skipped.append(entry)
            continue
        notes[entry.path] = entry.content_hash
        documents.extend(chunk_note(entry, embedder.count_tokens, chunk_tokens))
        progress("read", len(notes), 0)
    if not documents:
        reasons = "; ".join(item.reason for item in skipped[:3]) or "they hold no text"
        raise CorpusError(f"None of the notes could be indexed: {reasons}")
    texts = [embedding_text(document) for document in documents]
    done = 0

    def embedded_more(count: int) -> None:
        nonlocal done
        done += count
        progress("embed", done, len(texts))

    cache = folder.parent / "embeddings.sqlite"
    vectors, embedded = embed_cached(texts, embedder, cache, embedded_more)
    store = FaissStore(embedder)  # type: ignore[arg-type]
    store.add_vectors(documents, vectors, [_chunk_id(document) for document in documents])
    lexical = LexicalIndex.build([embedding_text(document) for document in store.documents])
    earlier = _manifest_or_none(folder)
    before: dict[str, str] = earlier["notes"] if earlier else {}
    manifest = {
        "format": FORMAT,
        "embedding": embedder.model_id,
        "dimension": int(vectors.shape[1]),
        "chunk_tokens": chunk_tokens,
        "notes": notes,
    }
    _write_generation(folder, store, lexical, manifest)
    return BuildReport(
        notes=len(notes),
        chunks=len(store),
        added=len(notes.keys() - before.keys()),
        changed=sum(1 for path in notes.keys() & before.keys() if notes[path] != before[path]),
        removed=len(before.keys() - notes.keys()),
        embedded=embedded,
        skipped=tuple(skipped),
    )


def load_index(folder: Path, embedder: Embedder) -> Index:
    """Read the current generation.

    Raises:
        IndexError_: there is none, it is damaged, or another embedding model built it.
    """
    for attempt in range(3):
        generation = current_generation(folder)
        try:
            return _load(folder / generation, generation, embedder)
        except IndexError_:
            # A builder may have swapped and swept while we read; then CURRENT has moved on.
            if attempt == 2 or current_generation(folder) == generation:
                raise
    raise AssertionError("unreachable")


def current_generation(folder: Path) -> str:
    """Name of the live generation.

    Raises:
        IndexError_: nothing has been indexed here.
    """
    try:
        name = (folder / CURRENT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise IndexError_("These notes are not indexed yet; run `rag index`.") from error
    if not _GENERATION.fullmatch(name):
        raise IndexError_(f"The index in {folder} is damaged; run `rag index`.")
    return name


def _load(generation: Path, name: str, embedder: Embedder) -> Index:
    manifest = _read_manifest(generation)
    if manifest["embedding"] != embedder.model_id:
        raise IndexError_(
            f"This index was built by the embedding model '{manifest['embedding']}', the settings "
            f"name '{embedder.model_id}'; run `rag index` or change the setting."
        )
    for relative, digest in manifest["files"].items():
        path = generation / relative
        if not path.is_file() or _digest(path) != digest:
            raise IndexError_(f"The index file {path} is damaged; build it again with `rag index`.")
    store = FaissStore.load(generation, embedder)  # type: ignore[arg-type]
    return Index(store, LexicalIndex.load(generation), name, manifest["notes"])


def _read_manifest(generation: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((generation / MANIFEST).read_text(encoding="utf-8"))
        known = manifest["format"] == FORMAT
        complete = all(
            isinstance(manifest[name], kind)
            for name, kind in (("embedding", str), ("notes", dict), ("files", dict))
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexError_(
            f"The index in {generation} is damaged; build it again with `rag index`."
        ) from error
    if not known or not complete:
        raise IndexError_("This index has another format; build it again with `rag index`.")
    return dict(manifest)


def _manifest_or_none(folder: Path) -> dict[str, Any] | None:
    try:
        return _read_manifest(folder / current_generation(folder))
    except IndexError_:
        return None


def _write_generation(
    folder: Path, store: FaissStore, lexical: LexicalIndex, manifest: dict[str, Any]
) -> None:
    numbers = [int(m[1]) for path in folder.iterdir() if (m := _GENERATION.fullmatch(path.name))]
    name = f"gen-{max(numbers, default=0) + 1:06d}"
    building = folder / f".building-{name}"
    _sweep(folder)
    building.mkdir()
    try:
        try:
            store.save(building)
            lexical.save(building)
        except RuntimeError as error:  # faiss reports a failed write this way
            raise OSError(None, "the write failed, the disk may be full") from error
        files = sorted(path for path in building.rglob("*") if path.is_file())
        manifest["files"] = {path.relative_to(building).as_posix(): _digest(path) for path in files}
        for path in files:
            fsync_file(path)
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        write_atomic(building / MANIFEST, text.encode())
        building.rename(folder / name)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    fsync_dir(folder)
    write_atomic(folder / CURRENT, f"{name}\n".encode())
    _sweep(folder, keep=2)


def _sweep(folder: Path, keep: int | None = None) -> None:
    """Remove what killed builds left behind and, with `keep`, all but the newest generations."""
    for path in folder.glob(".building-*"):
        shutil.rmtree(path, ignore_errors=True)
    if keep is not None:
        generations = sorted(p for p in folder.iterdir() if _GENERATION.fullmatch(p.name))
        for path in generations[:-keep]:
            shutil.rmtree(path, ignore_errors=True)


def _chunk_id(document: Document) -> str:
    meta = document.metadata
    return f"{meta['note']}#{meta['start']}-{meta['end']}"


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
