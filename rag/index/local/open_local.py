"""An index on disk: the current generation, memory-mapped."""

import shutil
from pathlib import Path

import filelock

from rag.embedding.embedder import Embedder
from rag.errors import IndexUnusable
from rag.index.authored_keys import AuthoredKeys
from rag.index.generations import (
    CURRENT,
    current_generation,
    read_manifest,
    read_so_far,
    verify_files,
)
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.index.opened import Index


def load_index(folder: Path, embedder: Embedder) -> Index:
    """Open the current generation, memory-mapped.

    Raises:
        IndexUnusable: there is none, it is damaged, or another embedding model built it.
    """
    for attempt in range(3):
        generation = current_generation(folder)
        try:
            return _load(folder / generation, generation, embedder)
        except IndexUnusable:
            # A builder may have swapped and swept while we read; then CURRENT has moved on.
            if attempt == 2 or current_generation(folder) == generation:
                raise
    raise AssertionError("unreachable")


def _load(generation: Path, name: str, embedder: Embedder) -> Index:
    manifest = read_manifest(generation)
    if manifest["embedding"] != embedder.model_id:
        raise IndexUnusable(
            f"This index was built by the embedding model '{manifest['embedding']}', the settings "
            f"name '{embedder.model_id}'; run `rag index` or change the setting."
        )
    verify_files(generation, manifest)
    store = FaissStore.load(generation, embedder)
    lexical = LexicalIndex.load(generation)
    if lexical.rows != store.table.rows:
        raise IndexUnusable(
            f"The index in {generation} is damaged; build it again with `rag index`."
        )
    keys = AuthoredKeys.load(generation)
    return Index(store, lexical, name, manifest["notes"], keys, read_so_far(manifest))


def drop_index(folder: Path) -> None:
    """Delete an index with all its generations; embeddings stay in the cache.

    Raises:
        IndexUnusable: another process is building it.
    """
    if not folder.exists():
        return
    try:
        with filelock.FileLock(folder / "lock", timeout=0):
            (folder / CURRENT).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
    except filelock.Timeout as error:
        raise IndexUnusable(
            "Another `rag index` is building this index; wait until it has finished."
        ) from error
