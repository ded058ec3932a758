"""The indexes of all collections: built, loaded when first asked for, joined, and told about."""

import threading
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np

from rag.answerability import Background, reference_texts
from rag.collections import Collection, Registry
from rag.embedding import Embedder
from rag.embedding_cache import embed_cached
from rag.errors import CorpusError, IndexError_, RagError, UsageError
from rag.generations import current_generation, is_outdated
from rag.index import Index, drop_index, load_index
from rag.index_build import BuildReport, Progress, build_index
from rag.index_summary import summarise
from rag.joined import join
from rag.milvus import MilvusStore
from rag.milvus_index import build_milvus, load_milvus, milvus_generation
from rag.notes import Note, Skipped, note_files, read_corpus
from rag.settings import Settings
from rag.uploads import Limits, files_of

KEPT = 8  # indexes, and joins of them, that stay in memory

# The vectors of `reference_texts` by every embedder of this process.
_REFERENCE: WeakKeyDictionary[Embedder, np.ndarray] = WeakKeyDictionary()
BACKGROUND_SAMPLE = 50_000  # vectors that stand for all of a larger index

State = Literal["indexed", "failed", "changed", "new", "gone"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """An index in memory and the background that scores over it are measured against."""

    index: Index
    background: Background


@dataclass(frozen=True, slots=True)
class Entry:
    """One note of a collection and how its index stands to it."""

    path: str
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What a collection holds.

    Attributes:
        built: when it was indexed, in seconds since 1970; None: never.
    """

    collection: Collection
    entries: tuple[Entry, ...]
    chunks: int | None
    built: float | None

    def count(self, *states: State) -> int:
        return sum(1 for entry in self.entries if entry.state in states)


class Library:
    """All collections of one data folder. Safe to share between threads."""

    def __init__(self, settings: Settings, embedder: Callable[[], Embedder]) -> None:
        self.registry = Registry(settings.data_dir, settings.corpus.expanduser().resolve())
        self.limits = Limits(
            settings.max_note_bytes, settings.max_upload_bytes, settings.max_upload_files
        )
        self._settings = settings
        self._embedder = embedder
        self._lock = threading.Lock()
        self._stores: dict[Path, MilvusStore] = {}
        self._loaded: dict[tuple[str, ...], Loaded] = {}  # the latest used ones last

    def index_dir(self, collection: Collection) -> Path:
        return self._settings.index_dir_of(collection.folder)

    def build(
        self, collection: Collection, progress: Progress = lambda stage, done, total: None
    ) -> BuildReport:
        """Index a collection (only what changed is embedded). Errors as in `build_index`."""
        entries: Iterable[Note | Skipped] = ()
        if not collection.uploaded or files_of(collection):
            entries = read_corpus(collection.folder, self._settings.read_limits)
        settings, folder = self._settings, self.index_dir(collection)
        if settings.store:
            report = build_milvus(
                folder, self._milvus(folder), entries, self._embedder(), settings.chunk_tokens,
                progress,
            )  # fmt: skip
        else:
            report = build_index(
                folder, entries, self._embedder(), settings.chunk_tokens, progress,
                settings.index_kind, may_be_empty=collection.uploaded,
            )  # fmt: skip
        # While the model that embeds texts is loaded: a question by itself does without it.
        with suppress(RagError):  # the notes are indexed; the first question tries this again
            self._reference()
        return report

    def has_index(self, collection: Collection) -> bool:
        """Something was indexed for this collection before, by this version of the program."""
        folder = self.index_dir(collection)
        try:
            generation = self._generation(folder)
        except IndexError_:
            return False
        return bool(self._settings.store) or not is_outdated(folder / generation)

    def load(self, collection: Collection) -> Loaded:
        """The current index of one collection; a new generation is picked up at the next call.

        Raises:
            IndexError_: there is none, or it is damaged.
        """
        with self._lock:
            return self._load(collection)

    def load_all(self, collections: Sequence[Collection]) -> Loaded:
        """The indexes of several collections as one, their chunks knowing which they are from.

        Raises:
            UsageError: none is given.
            IndexError_: one has no index, or it is damaged.
        """
        if not collections:
            raise UsageError("Choose at least one collection. 请至少选择一个笔记集。")
        if self._settings.store:
            raise UsageError(
                "Named collections need the local index; unset RAG_STORE, or name one folder with "
                "--corpus PATH. 命名笔记集需要本地索引。"
            )
        with self._lock:
            parts = {item.name: self._load(item).index for item in collections}
            key = ("join", *parts, *(part.generation for part in parts.values()))
            if key not in self._loaded:
                index = join(parts)
                self._keep(key, Loaded(index, self._background(index)))
            return self._keep(key, self._loaded[key])

    def _background(self, index: Index) -> Background:
        return Background(index.store.vectors(BACKGROUND_SAMPLE), self._reference())

    def _reference(self) -> np.ndarray:
        """The vectors of the reference texts, shape `(m, dimension)`."""
        embedder = self._embedder()
        reference = _REFERENCE.get(embedder)
        if reference is None:
            cache = self._settings.embedding_cache
            reference, _ = embed_cached(reference_texts(), embedder, cache, optional=True)
            _REFERENCE[embedder] = reference
        return reference

    def _generation(self, folder: Path) -> str:
        return milvus_generation(folder) if self._settings.store else current_generation(folder)

    def _milvus(self, folder: Path) -> MilvusStore:
        """The Milvus store of a collection, connected once; it is one of its partitions."""
        if folder not in self._stores:
            settings = self._settings
            token = settings.store_token.get_secret_value() if settings.store_token else ""
            embedder: Any = self._embedder()
            self._stores[folder] = MilvusStore(embedder, settings.store, folder.name, token=token)
        return self._stores[folder]

    def status(self, collection: Collection) -> Status:
        """Every note of the collection with its state; reads no note and loads no index."""
        summary = summarise(self.index_dir(collection))
        files: dict[str, float] = {}
        try:
            for file in note_files(collection.folder):
                files[file.relative_to(collection.folder).as_posix()] = file.stat().st_mtime
        except (CorpusError, OSError):  # the folder is gone or empty: nothing to list
            pass
        if summary is None:
            new = tuple(Entry(path, "new") for path in sorted(files))
            return Status(collection, new, None, None)
        failed = {item.path: item.reason for item in summary.skipped}
        entries = []
        for path in sorted({*files, *failed, *summary.notes}):
            if path in failed:
                entries.append(Entry(path, "failed", failed[path]))
            elif path not in summary.notes:
                entries.append(Entry(path, "new"))
            elif path in files and files[path] > summary.built:
                entries.append(Entry(path, "changed"))
            elif path in files or _stands_in_a_file(path, files):
                entries.append(Entry(path, "indexed"))
            else:
                entries.append(Entry(path, "gone"))
        return Status(collection, tuple(entries), summary.chunks, summary.built)

    def remove(self, name: str) -> Collection:
        """Forget a collection and delete its index (and its files only if they were uploaded).

        Raises:
            UsageError: there is none of that name, or it is the default one.
        """
        gone = self.registry.remove(name)
        used = {self.index_dir(other) for other in self.registry.all()}
        if self.index_dir(gone) not in used:
            drop_index(self.index_dir(gone))
        return gone

    def _load(self, collection: Collection) -> Loaded:
        folder = self.index_dir(collection)
        try:
            key = (str(folder), self._generation(folder))
        except IndexError_ as error:
            raise IndexError_(f"{collection.name}: {error}") from error
        found = self._loaded.get(key)
        if found is None:
            index = (
                load_milvus(folder, self._milvus(folder), self._embedder())
                if self._settings.store
                else load_index(folder, self._embedder())
            )
            key = (str(folder), index.generation)
            found = Loaded(index, self._background(index))
        return self._keep(key, found)

    def _keep(self, key: tuple[str, ...], loaded: Loaded) -> Loaded:
        """Remember as the latest used; earlier generations of the same folder go at once."""
        self._loaded.pop(key, None)
        for other in [other for other in self._loaded if other[0] == key[0] != "join"]:
            del self._loaded[other]
        self._loaded[key] = loaded
        while len(self._loaded) > KEPT:
            del self._loaded[next(iter(self._loaded))]
        return loaded


def _stands_in_a_file(path: str, files: Container[str]) -> bool:
    """`a.zip/b.md` does where there is a file `a.zip`."""
    parts = path.split("/")
    return any("/".join(parts[:n]) in files for n in range(1, len(parts)))
