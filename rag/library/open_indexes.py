"""The indexes that are in memory, known by folder and generation: never by a collection's name."""

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path

from rag.index.backend import IndexBackend
from rag.index.opened import Index

KEPT = 8  # indexes, and joins of them, that stay in memory


class OpenIndexes:
    """A cache of open indexes, the latest used last. Safe to share between threads.

    Each index is opened under a lock of its own, so that opening a large one holds up only those
    who wait for that one.
    """

    def __init__(self, backend: IndexBackend) -> None:
        self._backend = backend
        self._lock = threading.Lock()
        self._opening: defaultdict[Hashable, threading.Lock] = defaultdict(threading.Lock)
        self._open: dict[Hashable, tuple[frozenset[Path], Index]] = {}

    def get(self, folder: Path) -> Index:
        """The current index of a folder; a new generation is picked up at the next call.

        Raises:
            IndexUnusable: there is none, or it is damaged.
        """
        key = (folder, self._backend.generation(folder))
        index = self._find(key, frozenset([folder]), lambda: self._backend.open(folder))
        self._forget_earlier(folder, index.generation)
        return index

    def joined(self, folders: Mapping[str, Path]) -> Index:
        """The indexes of several collections (name → folder) as one.

        Raises:
            IndexUnusable: one has no index, or it is damaged.
            UsageError: the engine cannot join.
        """
        parts = {name: self.get(folder) for name, folder in folders.items()}
        key = tuple((name, folders[name], part.generation) for name, part in parts.items())
        return self._find(key, frozenset(folders.values()), lambda: self._backend.join(parts))

    def forget(self, folder: Path) -> None:
        """Let go of an index that is no more, and of all joins it is part of."""
        with self._lock:
            for key in [key for key, (folders, _) in self._open.items() if folder in folders]:
                del self._open[key]

    def _find(self, key: Hashable, folders: frozenset[Path], make: Callable[[], Index]) -> Index:
        with self._lock:
            opening = self._opening[key]
        with opening:
            with self._lock:
                known = self._open.pop(key, None)
                if known is not None:
                    self._open[key] = known  # the latest used is the last one
            if known is None:
                known = folders, make()
                with self._lock:
                    self._open[key] = known
                    while len(self._open) > KEPT:
                        del self._open[next(iter(self._open))]
        with self._lock:
            if len(self._opening) > 4 * KEPT:
                self._opening.clear()  # whoever holds one of them has it still
        return known[1]

    def _forget_earlier(self, folder: Path, generation: str) -> None:
        """Generations before this one, by themselves or in a join, are not asked for again."""
        with self._lock:
            for key, (folders, index) in list(self._open.items()):
                alone = folders == {folder} and index.generation != generation
                if alone and isinstance(key, tuple) and key[0] == folder:
                    del self._open[key]
