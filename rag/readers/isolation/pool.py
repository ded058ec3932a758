"""The processes that read notes: who needs one borrows one, and a few wait for the next file."""

import atexit
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256

from rag.errors import CorpusError
from rag.limits import ReadLimits
from rag.notes.note import Content, Note, Skipped
from rag.readers.isolation.parent import WORKER, PageProgress, Worker, checked_reply
from rag.readers.isolation.recognised import cache_ocr, place

_KEPT = 2  # workers that wait for the next file
_AGAIN_S = 600.0  # a file that took too long is not tried again for so long, unless it changes


class ReaderPool:
    """Worker processes for all that read notes in a program. Safe to share between threads.

    Args:
        module: what a worker process runs.
        again_s: a file that took too long is not tried again for so long, unless it changes:
            `--watch` reads the whole folder after every change; one bad file must not cost it a
            minute each time.
    """

    def __init__(self, module: str = WORKER, again_s: float = _AGAIN_S) -> None:
        self._module = module
        self._again_s = again_s
        self._idle: list[Worker] = []
        self._late: dict[tuple[str, bytes, ReadLimits], tuple[float, str]] = {}  # till when, why
        self._single = threading.BoundedSemaphore(_KEPT)
        atexit.register(self.close)

    @property
    def idle(self) -> int:
        """Workers that wait for the next file."""
        return len(self._idle)

    def read(
        self,
        files: Iterable[Content | Skipped],
        limits: ReadLimits,
        on_page: PageProgress = lambda done, total: None,
    ) -> Iterator[Note | Skipped]:
        """The note in each file, in order. While the caller looks at one, the next is being read.

        Args:
            on_page: is told of the pages of a file that takes long.

        Raises:
            RagError: the worker cannot be started.
        """
        sent: Content | None = None

        def received() -> Note | Skipped:
            done = worker.receive(on_page)
            if isinstance(done, Note) and sent is not None:
                cache_ocr(sent, done, limits)
            return done

        with self._borrowed(limits) as worker:
            for item in files:
                done = received() if worker.reading else None
                known: Note | Skipped | None = item if isinstance(item, Skipped) else None
                if isinstance(item, Content):
                    known = self._too_late_before(item, limits) or _kept(item, limits)
                    if known is None:
                        worker.send(item)
                        sent = item
                if done is not None:
                    yield done
                if known is not None:
                    yield known
            if worker.reading:
                yield received()

    def read_one(self, file: Content, limits: ReadLimits) -> Note:
        """The note in one file. No more than a few are read at a time, however many ask.

        Raises:
            CorpusError: it cannot be read.
            RagError: the worker cannot be started.
        """
        with self._single:
            [read] = self.read([file], limits)
        if isinstance(read, Skipped):
            raise CorpusError(read.reason)
        return read

    def close(self) -> None:
        """End the workers that wait; the next file starts another."""
        while self._idle:
            with suppress(IndexError):  # another thread was faster
                self._idle.pop().close()

    def _too_late_before(self, file: Content, limits: ReadLimits) -> Skipped | None:
        """That this very file ran out of time a short while ago."""
        if not self._late:
            return None
        until, reason = self._late.get(_key(file, limits), (0.0, ""))
        return Skipped(file.path, reason) if time.monotonic() < until else None

    def _remember(self, file: Content, reason: str, limits: ReadLimits) -> None:
        now = time.monotonic()
        self._late = {key: late for key, late in self._late.items() if now < late[0]}
        self._late[_key(file, limits)] = now + self._again_s, reason

    @contextmanager
    def _borrowed(self, limits: ReadLimits) -> Iterator[Worker]:
        """A worker for one caller: an idle one with these limits, else a new one."""
        worker = None
        while self._idle and worker is None:
            with suppress(IndexError):  # another thread was faster
                worker = self._idle.pop()
            if worker is not None and worker.limits != limits:
                worker.close()
                worker = None
        worker = worker or Worker(
            limits, self._module, lambda file, reason: self._remember(file, reason, limits)
        )
        try:
            yield worker
        finally:
            if worker.reading or len(self._idle) >= _KEPT:
                worker.close()
            else:
                self._idle.append(worker)


def _kept(file: Content, limits: ReadLimits) -> Note | None:
    """The note of a file whose pictures were recognised before."""
    path = place(file, limits)
    if path is None:
        return None
    with suppress(OSError, ValueError):  # none, or damaged: it is recognised again
        found = checked_reply(file.path, path.read_bytes())
        return found if isinstance(found, Note) else None
    return None


def _key(file: Content, limits: ReadLimits) -> tuple[str, bytes, ReadLimits]:
    return file.path, sha256(file.data).digest(), limits


@cache
def shared_readers() -> ReaderPool:
    """The pool that a process' assistants share."""
    return ReaderPool()
