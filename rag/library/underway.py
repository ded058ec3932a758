"""How far the builds that run in this process have come, for whoever waits for them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rag.index.build_report import BuildProgress

SOON_S = 2.0  # before that nobody can tell how long it takes


@dataclass(frozen=True, slots=True)
class Underway:
    """A build that runs.

    Attributes:
        read: notes that were read.
        done: notes that were embedded, too; the same as `read` where the engine does not tell.
        first: notes that were embedded when it first told of them: kept from an earlier build.
        of: notes in all; 0: not known.
        pages: scanned pages recognised of the file that is being read, and how many it has.
        seconds: since it first told of notes that were embedded; before that since it began.
    """

    read: int = 0
    done: int = 0
    first: int | None = None
    of: int = 0
    pages: tuple[int, int] = (0, 0)
    seconds: float = 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds that are left at this pace; None where nothing tells yet."""
        made = self.done - (self.first or 0)
        if made <= 0 or self.done >= self.of or self.seconds < SOON_S:
            return None
        return self.seconds * (self.of - self.done) / made


class Builds:
    """The builds of one process, by index folder. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._running: dict[Path, tuple[float, Underway]] = {}
        self._coming: set[Path] = set()

    def expect(self, folder: Path, coming: bool = True) -> None:
        """Somebody builds it in a moment; or (`coming=False`) nobody does any more."""
        (self._coming.add if coming else self._coming.discard)(folder)

    @contextmanager
    def told(self, folder: Path, files: int, progress: BuildProgress) -> Iterator[BuildProgress]:
        """What a build is to tell its progress to, so that `of` knows of it, too.

        Args:
            files: notes to expect.
        """
        began = self._clock()

        def update(stage: str, done: int, total: int) -> None:
            with self._lock:
                since, now = self._running[folder]
                if stage == "read":
                    now = replace(now, read=done, of=now.of if done <= now.of else 0, pages=(0, 0))
                elif stage == "notes":
                    if now.first is None:
                        since, now = self._clock(), replace(now, first=done)
                    now = replace(now, done=done, of=total)
                elif stage == "ocr":
                    now = replace(now, pages=(done, total))
                self._running[folder] = since, now
            progress(stage, done, files if stage == "read" and files >= done else total)

        with self._lock:
            mine = folder not in self._running  # else the index' own lock refuses this build
            if mine:
                self._running[folder] = began, Underway(of=files)
        try:
            yield update if mine else progress
        finally:
            with self._lock:
                if mine:
                    del self._running[folder]

    def of(self, folder: Path) -> Underway | None:
        """How far the build of an index has come; None where none runs or is coming."""
        with self._lock:
            found = self._running.get(folder)
            if found is None:
                return Underway() if folder in self._coming else None
            return replace(found[1], seconds=self._clock() - found[0])
