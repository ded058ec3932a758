"""A bounded, fair queue: one is served at a time; the others wait and are told their place."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import BusyError

_LOOK_S = 1.0  # a waiting thread shows that it is still there


QUEUE_NEWS_S = 1.0  # a face whose reader has gone notices it at the next event


GONE_S = 20.0


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

    Args:
        gone_s: a place that nobody has looked at for so many seconds does not hold the others up.
    """

    def __init__(self, limit: int, gone_s: float = GONE_S) -> None:
        self._limit = limit
        self._gone_s = gone_s
        self._holder: Place | None = None
        self._waiting: list[Place] = []
        self._clock = 0  # tag of the one served last
        self._last_tag: dict[str, int] = {}
        self._arrivals = 0
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """Askers waiting or being served."""
        return len(self._waiting) + (self._holder is not None)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who waits, in the order in which they are served."""
        return tuple(place.asker for place in self._waiting)

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
            for other in self._waiting  # whose face stopped is passed over
            if other is place or now - other.seen < self._gone_s
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
