"""The indexes of all collections: built, opened when first asked for, joined, and told about."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from rag.embedding.embedder import Embedder
from rag.errors import BeingIndexed, CorpusError, IndexUnusable, UsageError
from rag.index.backend import open_backend
from rag.index.build_report import BuildProgress, BuildReport
from rag.index.opened import Index
from rag.library.folder_look import FolderLook, check_nothing_vanished, look_at, noting
from rag.library.open_indexes import OpenIndexes
from rag.library.registry import Collection, Registry
from rag.library.status import Status, status_of
from rag.library.underway import Builds, Underway
from rag.library.uploads import UploadLimits, files_of
from rag.library.whereabouts import NoteMark, moved
from rag.notes.note import Note, Skipped
from rag.readers.corpus import note_files, read_corpus
from rag.readers.isolation.pool import ReaderPool
from rag.settings import Settings

FIRST_NOTES_S = 20.0  # how long a question waits for the first of them
LOOKS_EVERY_S = 0.1


class Library:
    """All collections of one data folder. Safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        embedder: Callable[[], Embedder],
        readers: ReaderPool | None = None,
    ) -> None:
        self.registry = Registry(settings.data_dir, settings.corpus.expanduser().resolve())
        self.limits = UploadLimits(
            settings.max_note_bytes, settings.max_upload_bytes, settings.max_upload_files
        )
        self._settings = settings
        self._readers = readers
        self._backend = open_backend(settings, embedder)
        self._open = OpenIndexes(self._backend)
        self._builds = Builds()

    def index_dir(self, collection: Collection) -> Path:
        return self._settings.index_dir_of(collection.folder)

    def build(
        self, collection: Collection, progress: BuildProgress = lambda stage, done, total: None
    ) -> BuildReport:
        """Index a collection (only what changed is embedded). Errors as in `IndexBackend.build`."""
        folder = self.index_dir(collection)
        before, now = FolderLook.load(folder), look_at(collection.folder)
        if not collection.uploaded and now.files:
            try:
                check_nothing_vanished(before, now)
            except CorpusError:
                replace(before, asked=True).save(folder)
                raise
        gaps: dict[str, tuple[str, ...]] = {}
        marks: dict[str, NoteMark] = {}
        files = len(now.files)
        with self._builds.told(folder, files, progress) as told:
            entries = noting(self._entries(collection, told), gaps, marks)
            report = self._backend.build(folder, entries, told, collection.uploaded, files)
        elsewhere = moved(before.marks, marks, before.moved)
        look = replace(now, gaps=gaps, marks=marks, moved=elsewhere)
        look.save(folder)
        return replace(report, partial=look.partial, warnings=look.warnings)

    def _entries(self, collection: Collection, progress: BuildProgress) -> Iterable[Note | Skipped]:
        if collection.uploaded and not files_of(collection):
            return ()
        return read_corpus(
            collection.folder,
            self._settings.read_limits,
            self._readers,
            lambda done, total: progress("ocr", done, total),
        )

    def expect_build(self, collection: Collection, coming: bool = True) -> None:
        """Somebody builds it in a moment, so who asks waits for the first notes; or
        (`coming=False`) nobody does any more.
        """
        self._builds.expect(self.index_dir(collection), coming)

    def underway(self, collection: Collection) -> Underway | None:
        """How far its build in this process has come; None where none runs."""
        return self._builds.of(self.index_dir(collection))

    def is_whole(self, collection: Collection) -> bool:
        """It was indexed to the end once, by this version of the program."""
        folder = self.index_dir(collection)
        return self._backend.is_current(folder) and self._backend.so_far(folder) is None

    def so_far(self, names: Sequence[str]) -> tuple[int, int] | None:
        """How many notes of some collections are read, of how many; None: all. Errors as in
        `load_all`.
        """
        found = [self.registry.get(name) for name in names]
        return (self.load(found[0]) if len(found) == 1 else self.load_all(found)).so_far

    def check_notes(self, collection: Collection) -> None:
        """That there is something to index, before anybody waits for it.

        Raises:
            CorpusError: the folder is missing or holds no note.
        """
        if not collection.uploaded:
            next(note_files(collection.folder))

    def has_index(self, collection: Collection) -> bool:
        """Something was indexed for this collection before, by this version of the program."""
        return self._backend.is_current(self.index_dir(collection))

    def load(self, collection: Collection) -> Index:
        """The current index of one collection; a new generation is picked up at the next call.

        Where the first index is being built its first notes are waited for, but not long.

        Raises:
            IndexUnusable: there is none, or it is damaged.
        """
        folder, patience = self.index_dir(collection), time.monotonic() + FIRST_NOTES_S
        while self._builds.of(folder) and time.monotonic() < patience:
            if self.has_index(collection):
                break
            time.sleep(LOOKS_EVERY_S)
        try:
            return self._open.get(folder)
        except IndexUnusable as error:
            if (now := self.underway(collection)) is not None:
                of = f"/{now.of}" if now.of else ""
                raise BeingIndexed(
                    f"The notes of '{collection.name}' are being read for the first time "
                    f"({now.read}{of}); ask again in some seconds. "
                    f"正在第一次读取笔记（{now.read}{of}），请稍后再问。"
                ) from error
            raise IndexUnusable(f"{collection.name}: {error}") from error

    def load_anew(self, collection: Collection) -> Index:
        """The current index as it is on disk, not as it was opened earlier.

        Raises:
            IndexUnusable: there is none, or it is damaged.
        """
        return self._backend.open(self.index_dir(collection))

    def load_all(self, collections: Sequence[Collection]) -> Index:
        """The indexes of several collections as one, their chunks knowing which they are from.

        Raises:
            UsageError: none is given, or the engine cannot join.
            IndexUnusable: one has no index, or it is damaged.
        """
        if not collections:
            raise UsageError("Choose at least one collection. 请至少选择一个笔记集。")
        for item in collections:
            self.load(item)  # names the collection whose index is missing
        return self._open.joined({item.name: self.index_dir(item) for item in collections})

    def status(self, collection: Collection) -> Status:
        """Every note of the collection with its state; reads no note and loads no index."""
        folder = self.index_dir(collection)
        return status_of(
            collection,
            self._backend.summary(folder),
            FolderLook.load(folder),
            look_at(collection.folder),
        )

    def moved_to(self, collection: Collection, path: str) -> str:
        """Where the note that was at `path` lay when it was last indexed; "" if not known."""
        return FolderLook.load(self.index_dir(collection)).moved.get(path, "")

    def remove(self, name: str) -> Collection:
        """Forget a collection and delete its index (and its files only if they were uploaded).

        Raises:
            UsageError: there is none of that name, or it is the default one.
        """
        gone = self.registry.remove(name)
        folder = self.index_dir(gone)
        if folder not in {self.index_dir(other) for other in self.registry.all()}:
            self._open.forget(folder)
            self._backend.drop(folder)
        return gone
