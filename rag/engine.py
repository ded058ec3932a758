"""The one local LLM engine: llama.cpp's server in this process, with a bounded, fair queue.

Two engines on two cores spin against one another, so a process has at most one, and it answers
one request at a time; the others wait and are told their place. An engine that stopped answering
is discarded, and the next request starts another.
"""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import BusyError, ModelError
from rag.openmp import wait_briefly

_GGUF_MAGIC = b"GGUF"
_STOP_S = 5.0
_LOOK_S = 1.0  # a waiting thread shows that it is still there
QUEUE_NEWS_S = 1.0  # a face whose reader has gone notices it at the next event
_GONE_S = 20.0  # a place that nobody has looked at for so long does not hold the others up


class Place:
    """One asker's place in a `FairQueue`."""

    def __init__(self, queue: "FairQueue", asker: str, tag: int, number: int) -> None:
        self._queue = queue
        self.asker = asker
        self.rank = (tag, number)  # smaller is served first
        self.seen = time.monotonic()

    def waits(self, every_s: float | None = None) -> Iterator[int]:
        """How many are ahead, at once and whenever it changes; ends when it is one's turn.

        Args:
            every_s: say it again after this many seconds without change, so that a caller who
                hands it on notices that nobody listens any more.
        """
        told: int | None = None
        while (ahead := self._queue.wait(self, told, every_s)) > 0:
            told = ahead
            yield ahead


class FairQueue:
    """Admits one at a time, and no more than `limit` waiting.

    Self-clocked fair queueing (Golestani 1994): whoever asks several things at once has them
    served one a round, so that others come in between; else the order is that of arrival.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._holder: Place | None = None
        self._waiting: list[Place] = []
        self._clock = 0  # tag of the one served last
        self._last_tag: dict[str, int] = {}
        self._arrivals = 0
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """Askers waiting or being served."""
        return len(self._waiting) + (self._holder is not None)

    def check_room(self) -> None:
        """Whether it is worth preparing a question.

        Raises:
            BusyError: the queue is full.
        """
        if len(self) > self._limit:
            raise BusyError(
                f"The language model is busy and {self._limit} are waiting already; "
                "try again in a minute. 语言模型正忙，请稍后再试。"
            )

    @contextmanager
    def place(self, asker: str = "") -> Iterator[Place]:
        """Join the queue; leaving the block frees the place or ends the turn.

        Args:
            asker: who asks; "" is somebody else each time.

        Raises:
            BusyError: the queue is full.
        """
        with self._changed:
            self.check_room()
            self._arrivals += 1
            asker = asker or f"arrival {self._arrivals}"
            tag = max(self._clock, self._last_tag.get(asker, 0)) + 1
            self._last_tag[asker] = tag
            mine = Place(self, asker, tag, self._arrivals)
            self._waiting.append(mine)
            self._waiting.sort(key=lambda place: place.rank)
        try:
            yield mine
        finally:
            self._leave(mine)

    @contextmanager
    def turn(self, asker: str = "") -> Iterator[None]:
        """Wait for one's turn and hold it.

        Raises:
            BusyError: the queue is full.
        """
        with self.place(asker) as place:
            for _ in place.waits():
                pass
            yield

    def wait(self, place: Place, told: int | None, timeout: float | None) -> int:
        """Block until the number ahead is not `told` (or `timeout` seconds); 0: one's turn."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while True:
                place.seen = time.monotonic()
                ahead = self._ahead(place)
                if ahead == 0 and self._holder is not place:
                    self._waiting.remove(place)
                    self._holder, self._clock = place, place.rank[0]
                    self._changed.notify_all()
                left = None if deadline is None else deadline - time.monotonic()
                if ahead != told or (left is not None and left <= 0):
                    return ahead
                self._changed.wait(min(_LOOK_S, left) if left is not None else _LOOK_S)

    def _ahead(self, place: Place) -> int:
        if self._holder is place:
            return 0
        now = time.monotonic()
        present = [
            other
            for other in self._waiting
            if other is place or now - other.seen < _GONE_S  # whose face stopped is passed over
        ]
        return present.index(place) + (self._holder is not None)

    def _leave(self, place: Place) -> None:
        with self._changed:
            if self._holder is place:
                self._holder = None
            else:
                self._waiting.remove(place)
            if not any(other.asker == place.asker for other in self._waiting):
                self._last_tag.pop(place.asker, None)
            self._changed.notify_all()


class Engine:
    """A running llama.cpp server on a loopback port, behind a random key."""

    def __init__(self, path: Path, threads: int, context: int) -> None:
        wait_briefly()
        try:
            import xllamacpp
        except ImportError as error:
            raise ModelError(
                "The local LLM needs the package xllamacpp; run `pip install -c constraints.txt "
                '-e ".[local]"` or choose another model with --llm.'
            ) from error
        self.path = path
        self.key = secrets.token_urlsafe(24)
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = context
        params.n_parallel = 1
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.api_keys = [self.key]
        params.n_gpu_layers = 0
        params.verbosity = -1
        params.warmup = False
        params.ui = False
        params.fit_params = False
        params.cache_ram_mib = 0
        try:
            self._server: Any = xllamacpp.Server(params)
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(
                f"The model file {path} cannot be loaded by llama.cpp ({error}); "
                "check that it is a whole GGUF file."
            ) from error
        self.base_url = f"{self._server.listening_address}/v1"

    def stop(self) -> None:
        """Stop the server; a request that is being answered breaks off."""
        self._server = None


_lock = threading.Lock()
_engine: Engine | None = None
_queue: FairQueue | None = None


def shared_queue(limit: int = 16) -> FairQueue:
    """The queue before the process' one engine (the first caller's limit holds)."""
    global _queue
    with _lock:
        if _queue is None:
            _queue = FairQueue(limit)
        return _queue


def shared_engine(path: Path, threads: int, context: int) -> Engine:
    """The process' one engine, started at the first call; another model takes its place.

    Raises:
        ModelError: the file is missing or no GGUF file, or llama.cpp cannot load it.
    """
    global _engine
    with _lock:
        if _engine is not None and _engine.path == path:
            return _engine
        try:
            with path.open("rb") as handle:
                magic = handle.read(4)
        except OSError as error:
            raise ModelError(
                f"The model file {path} cannot be read ({error.strerror}); check the path."
            ) from error
        if magic != _GGUF_MAGIC:
            raise ModelError(f"{path} is not a GGUF file; name one with --llm gguf:PATH.")
        _discard()  # free the old one first: two engines would fight for the cores
        _engine = Engine(path, threads, context)
        return _engine


def is_current(engine: Engine) -> bool:
    """The process' engine is still this one."""
    return _engine is engine


def discard(engine: Engine) -> None:
    """Give up an engine that stopped answering; the next `shared_engine` starts another."""
    with _lock:
        if _engine is engine:
            _discard()


def _discard() -> None:
    global _engine
    if _engine is not None:
        # In a thread: an engine that hangs must not take us along.
        stopping = threading.Thread(target=_engine.stop, daemon=True)
        _engine = None
        stopping.start()
        stopping.join(timeout=_STOP_S)
