"""The engines that can hold an index, behind one interface; `open_backend` names them all."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from rag.embedding.embedder import Embedder
from rag.index.build_report import BuildProgress, BuildReport
from rag.index.opened import Index
from rag.index.summary import IndexSummary
from rag.notes.note import Note, Skipped
from rag.settings import Settings


class IndexBackend(Protocol):
    """Builds, opens and drops indexes. `folder` is a collection's index folder."""

    def build(
        self,
        folder: Path,
        entries: Iterable[Note | Skipped],
        progress: BuildProgress,
        may_be_empty: bool = False,
        files: int = 0,
    ) -> BuildReport:
        """Bring the index in line with the notes; only what changed is embedded.

        Args:
            files: how many notes to expect, for who asks of an index that still grows.

        Raises:
            CorpusError: no note could be read, unless that may be.
            IndexUnusable: another process is building this index.
            RagError: the disk is full; the earlier index stays as it was.
        """

    def open(self, folder: Path) -> Index:
        """The index as it is now.

        Raises:
            IndexUnusable: there is none, it is damaged, or another embedding model built it.
        """

    def join(self, parts: Mapping[str, Index]) -> Index:
        """Several open indexes, by collection, as one whose chunks tell where they are from.

        Raises:
            UsageError: this engine cannot.
        """

    def generation(self, folder: Path) -> str:
        """Changes with every build.

        Raises:
            IndexUnusable: nothing has been indexed yet.
        """

    def is_current(self, folder: Path) -> bool:
        """Something was indexed, by this version of the program."""

    def so_far(self, folder: Path) -> tuple[int, int] | None:
        """How many notes are in a first index that still grows, of how many; None: it does not."""

    def summary(self, folder: Path) -> IndexSummary | None:
        """What is known without opening it; None where nothing is, or it is damaged."""

    def drop(self, folder: Path) -> None:
        """Delete the index; embeddings stay in the cache.

        Raises:
            IndexUnusable: another process is building it.
        """


def open_backend(settings: Settings, embedder: Callable[[], Embedder]) -> IndexBackend:
    """The engine that the settings name: Milvus where `store` names one, else files here."""
    if settings.store:
        from rag.index.milvus.milvus_backend import MilvusBackend

        return MilvusBackend(settings, embedder)
    from rag.index.local.local_backend import LocalBackend

    return LocalBackend(settings, embedder)
