"""An index on disk: the current generation, memory-mapped. `rag/index_build.py` builds it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import filelock

from rag.embedding import Embedder
from rag.errors import IndexError_
from rag.generations import CURRENT, current_generation, read_manifest, verify_files
from rag.lexical import LexicalIndex
from rag.store import FaissStore


@dataclass(frozen=True, slots=True)
class Index:
    """An index: row n of `lexical` is row n of `store`."""

    store: FaissStore
    lexical: LexicalIndex
    generation: str
    notes: dict[str, str]  # path → content hash


def load_index(folder: Path, embedder: Embedder) -> Index:
    """Open the current generation, memory-mapped.

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


def _load(generation: Path, name: str, embedder: Embedder) -> Index:
    manifest = read_manifest(generation)
    if manifest["embedding"] != embedder.model_id:
        raise IndexError_(
            f"This index was built by the embedding model '{manifest['embedding']}', the settings "
            f"name '{embedder.model_id}'; run `rag index` or change the setting."
        )
    verify_files(generation, manifest)
    store = FaissStore.load(generation, embedder)  # type: ignore[arg-type]
    lexical = LexicalIndex.load(generation)
    if lexical.rows != store.table.rows:
        raise IndexError_(f"The index in {generation} is damaged; build it again with `rag index`.")
    return Index(store, lexical, name, manifest["notes"])


def drop_index(folder: Path) -> None:
    """Delete an index with all its generations; embeddings stay in the cache.

    Raises:
        IndexError_: another process is building it.
    """
    if not folder.exists():
        return
    try:
        with filelock.FileLock(folder / "lock", timeout=0):
            (folder / CURRENT).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
    except filelock.Timeout as error:
        raise IndexError_(
            "Another `rag index` is building this index; wait until it has finished."
        ) from error
