"""Milvus as an `IndexBackend`: each collection is a partition, what was sent is kept beside it."""

import shutil
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from rag.embedding.embedder import Embedder
from rag.errors import IndexUnusable, UsageError
from rag.index.build_report import BuildProgress, BuildReport
from rag.index.milvus.build_milvus import build_milvus, load_milvus, milvus_generation
from rag.index.milvus.milvus_state import STATE, MilvusState
from rag.index.milvus.milvus_store import MilvusStore, collection_for
from rag.index.opened import Index
from rag.index.summary import IndexSummary, last_look
from rag.notes.note import Note, Skipped
from rag.settings import Settings


class MilvusBackend:
    """One Milvus collection for all note sets; the name of an index folder is its partition."""

    def __init__(self, settings: Settings, embedder: Callable[[], Embedder]) -> None:
        self._settings = settings
        self._embedder = embedder
        self._lock = threading.Lock()
        self._stores: dict[Path, MilvusStore] = {}

    def build(
        self,
        folder: Path,
        entries: Iterable[Note | Skipped],
        progress: BuildProgress,
        may_be_empty: bool = False,
        files: int = 0,
    ) -> BuildReport:
        return build_milvus(
            folder, self._store(folder), entries, self._embedder(), self._settings.chunk_tokens,
            progress, may_be_empty,
        )  # fmt: skip

    def open(self, folder: Path) -> Index:
        return load_milvus(folder, self._store(folder), self._embedder())

    def join(self, parts: Mapping[str, Index]) -> Index:
        raise UsageError(
            "Named collections need the local index; unset RAG_STORE, or name one folder with "
            "--corpus PATH. 命名笔记集需要本地索引。"
        )

    def generation(self, folder: Path) -> str:
        return milvus_generation(folder)

    def is_current(self, folder: Path) -> bool:
        try:
            milvus_generation(folder)
        except IndexUnusable:
            return False
        return True

    def so_far(self, folder: Path) -> tuple[int, int] | None:
        return None

    def summary(self, folder: Path) -> IndexSummary | None:
        if not self.is_current(folder):
            return None
        began, skipped = last_look(folder)
        with closing(MilvusState(folder)) as state:
            return IndexSummary(
                state.notes(), skipped, state.size(), began or (folder / STATE).stat().st_mtime
            )

    def drop(self, folder: Path) -> None:
        if folder.exists():
            self._store(folder).delete_everywhere()
            shutil.rmtree(folder, ignore_errors=True)

    def _store(self, folder: Path) -> MilvusStore:
        """The connection for one note set, made once."""
        with self._lock:
            if folder not in self._stores:
                settings = self._settings
                token = settings.store_token.get_secret_value() if settings.store_token else ""
                embedder: Any = self._embedder()
                self._stores[folder] = MilvusStore(
                    embedder, settings.store, folder.name, token=token,
                    name=collection_for(embedder.dimension()),
                )  # fmt: skip
            return self._stores[folder]
