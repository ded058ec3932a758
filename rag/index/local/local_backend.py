"""FAISS and BM25 files as an `IndexBackend`."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from rag.embedding.embedder import Embedder
from rag.errors import IndexUnusable
from rag.index.build_report import BuildProgress, BuildReport
from rag.index.generations import current_generation, is_outdated, read_manifest, read_so_far
from rag.index.local.build_local import build_index
from rag.index.local.joined import join
from rag.index.local.open_local import drop_index, load_index
from rag.index.opened import Index
from rag.index.summary import IndexSummary, summarise
from rag.notes.note import Note, Skipped
from rag.settings import Settings


class LocalBackend:
    """Generations of memory-mapped files in the index folder."""

    def __init__(self, settings: Settings, embedder: Callable[[], Embedder]) -> None:
        self._settings = settings
        self._embedder = embedder

    def build(
        self,
        folder: Path,
        entries: Iterable[Note | Skipped],
        progress: BuildProgress,
        may_be_empty: bool = False,
        files: int = 0,
    ) -> BuildReport:
        settings = self._settings
        return build_index(
            folder, entries, self._embedder(), settings.chunk_tokens, progress,
            settings.index_kind, may_be_empty, files,
        )  # fmt: skip

    def open(self, folder: Path) -> Index:
        return load_index(folder, self._embedder())

    def join(self, parts: Mapping[str, Index]) -> Index:
        return join(parts)

    def generation(self, folder: Path) -> str:
        return current_generation(folder)

    def is_current(self, folder: Path) -> bool:
        try:
            return not is_outdated(folder / current_generation(folder))
        except IndexUnusable:
            return False

    def so_far(self, folder: Path) -> tuple[int, int] | None:
        try:
            return read_so_far(read_manifest(folder / current_generation(folder)))
        except IndexUnusable:  # said when it is opened
            return None

    def summary(self, folder: Path) -> IndexSummary | None:
        return summarise(folder)

    def drop(self, folder: Path) -> None:
        drop_index(folder)
