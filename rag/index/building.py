"""What building an index asks of every engine: one build at a time, and one look at the notes."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import filelock

from rag.embedding.embedder import Embedder
from rag.embedding.vector_cache import embed_cached
from rag.errors import BeingIndexed, CorpusError, RagError, os_reason
from rag.index.authored_keys import AuthoredKeys, KeyCollector
from rag.index.build_report import BuildProgress, BuildReport
from rag.notes.note import Note, Skipped


@contextmanager
def exclusive(folder: Path, on_failure: str = "") -> Iterator[None]:
    """Makes the index folder and keeps other builds out of it.

    Args:
        on_failure: a sentence on what became of the earlier index.

    Raises:
        BeingIndexed: another process is building this index.
        RagError: the folder cannot be written, the disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / "lock", timeout=0):
            yield
    except filelock.Timeout as error:
        raise BeingIndexed(
            "Another `rag index` is building this index; wait until it has finished."
        ) from error
    except OSError as error:
        reason = os_reason(error, "set RAG_DATA_DIR to another folder")
        told = f"The index in {folder} cannot be written: {reason}. {on_failure}"
        raise RagError(told.strip()) from error


class Scan:
    """One pass over a folder's entries, which remembers what has passed.

    Args:
        kept: the notes that the index holds already, path → content hash.

    Attributes:
        notes: the same of all notes that have passed.
        skipped: what was not read, and why.
        keys: what the authors of the notes say of them.
    """

    def __init__(
        self, entries: Iterable[Note | Skipped], kept: Mapping[str, str], progress: BuildProgress
    ) -> None:
        self.kept = kept
        self.notes: dict[str, str] = {}
        self.skipped: list[Skipped] = []
        self.keys = KeyCollector()
        self._entries = iter(entries)
        self._progress = progress

    def changed(self) -> Iterator[Note]:
        """The new and the changed notes, one by one as the entries are read."""
        for entry in self._entries:
            if isinstance(entry, Skipped):
                self.skipped.append(entry)
                continue
            self.notes[entry.path] = entry.content_hash
            self.keys.add(entry)
            self._progress("read", len(self.notes), 0)
            if self.kept.get(entry.path) != entry.content_hash:
                yield entry

    def nothing_found(self) -> CorpusError:
        """That the notes hold nothing to index, and why."""
        reasons = "; ".join(item.reason for item in self.skipped[:3]) or "they hold no text"
        return CorpusError(f"None of the notes could be indexed: {reasons}")

    def report(self, before: Mapping[str, str], chunks: int, embedded: int) -> BuildReport:
        """What the build did, against the notes before it."""
        return BuildReport.of(before, self.notes, self.skipped, chunks, embedded)

    def authored(self, embedder: Embedder, cache: Path) -> AuthoredKeys:
        """What the authors say of the notes, embedded; the vectors are kept in `cache`.

        Raises:
            RagError: the cache cannot be written.
            ModelError: the embedding model fails.
        """
        return self.keys.keys(
            lambda texts: embed_cached(texts, embedder, cache, queries=True)[0],
            lambda texts: embed_cached(texts, embedder, cache)[0],
        )
