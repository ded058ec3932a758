"""Answers that are being written, apart from the pages that show them.

A page that is reloaded, or a second one, follows the same answer; one that nobody comes back to is
broken off after a while, and its question waits in its conversation.
"""

import logging
import threading
from collections.abc import Generator
from contextlib import closing

from ui.answer_stream import Shown

PATIENCE_S = 180.0  # for a page that went away: a reload takes seconds, a closed lid is no hurry


class Running:
    """One answer on its way. Safe to share between threads.

    Attributes:
        chat: number of the conversation that it belongs to; None: it could not be kept.
    """

    def __init__(self, chat: int | None, steps: Generator[Shown]) -> None:
        self.chat = chat
        self._steps = steps
        self._news = threading.Condition()
        self._latest: Shown | None = None
        self._count = 0
        self._over = self._told = False
        self._error: Exception | None = None
        self._followers = 0
        self._alone: threading.Timer | None = None

    def run(self) -> None:
        """Write it, until it is finished or stopped."""
        try:
            with closing(self._steps):
                for step in self._steps:
                    with self._news:
                        if self._told:
                            break
                        self._latest, self._count = step, self._count + 1
                        self._news.notify_all()
        except Exception as error:  # told to whoever follows, as if it were theirs
            logging.getLogger(__name__).exception("an answer failed")
            self._error = error
        finally:
            with self._news:
                self._over = True
                self._news.notify_all()

    def follow(self) -> Generator[Shown]:
        """The newest step, again and again, until it is finished or stopped."""
        seen = 0
        self._joined(1)
        try:
            while True:
                with self._news:
                    while not (self._told or self._over or self._count > seen):
                        self._news.wait()
                    if self._told:
                        return
                    if self._count == seen:
                        break
                    seen, step = self._count, self._latest
                if step is not None:
                    yield step
        finally:
            self._joined(-1)
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """End it: nothing more is shown, and what is not kept yet never is."""
        with self._news:
            self._told = True
            self._news.notify_all()

    @property
    def over(self) -> bool:
        """Nothing more will come."""
        return self._over or self._told

    def _joined(self, followers: int) -> None:
        with self._news:
            self._followers += followers
            if self._alone is not None:
                self._alone.cancel()
                self._alone = None
            if self._followers == 0 and not self._over and not self._told:
                self._alone = threading.Timer(PATIENCE_S, self._leave)
                self._alone.daemon = True
                self._alone.start()

    def _leave(self) -> None:
        with self._news:
            alone = self._followers == 0
        if alone:
            self.stop()


class Desk:
    """Every answer that is being written, by its owner and conversation."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, int], Running] = {}
        self._lock = threading.Lock()

    def start(self, owner: str, chat: int | None, steps: Generator[Shown]) -> Running:
        """Have an answer written in the background."""
        running = Running(chat, steps)
        if chat is not None:
            with self._lock:
                self._running[owner, chat] = running

        def work() -> None:
            running.run()
            with self._lock:
                if chat is not None and self._running.get((owner, chat)) is running:
                    del self._running[owner, chat]

        threading.Thread(target=work, daemon=True).start()
        return running

    def find(self, owner: str, chat: int | None) -> Running | None:
        """What is being written in a conversation."""
        if chat is None:
            return None
        with self._lock:
            running = self._running.get((owner, chat))
        return None if running is None or running.over else running
