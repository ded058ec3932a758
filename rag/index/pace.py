"""How much of a first index is read before it is published: soon at first, then now and again."""

import time
from collections.abc import Callable, Iterator

from langchain_core.documents import Document

from rag.notes.note import Note

FIRST = 32  # chunks: some seconds of the bundled embedder
MOST = 16_384  # they are in memory
EVERY_S = 15.0
SHARE = 0.1  # of the time, at most, goes into publishing: it copies what is there already
GROWTH = 16  # from a batch to the next: texts whose vectors are known tell nothing of the others

Cut = tuple[Note, list[Document]]  # a note and its chunks


class Pace:
    """Reads notes in batches, each as large as the time that the last one took allows.

    Args:
        clock: seconds, rising.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._most, self._seconds = FIRST, EVERY_S
        self._began, self._read = clock(), 0

    def batch(
        self, notes: Iterator[Note], cut: Callable[[Note], list[Document]]
    ) -> tuple[list[Cut], bool]:
        """The next notes, cut, and whether nothing comes after them."""
        self._began, self._read = self._clock(), 0
        found: list[Cut] = []
        for note in notes:
            chunks = cut(note)
            found.append((note, chunks))
            self._read += len(chunks)
            late = self._clock() - self._began > self._seconds
            if self._read >= self._most or (late and self._read):
                return found, False
        return found, True

    def published(self, seconds: float) -> None:
        """The batch is embedded and published; publishing alone took so long."""
        took = max(self._clock() - self._began - seconds, 1e-3)
        self._seconds = max(EVERY_S, seconds / SHARE)
        by_time = int(self._read / took * self._seconds)
        self._most = max(FIRST, min(by_time, GROWTH * self._most, MOST))
