"""A model that judges as the embedded one does, by given verdicts and at a test's pace."""

import threading

from rag.errors import ModelError
from rag.llm.model import Structured
from rag.llm.remote_model import RemoteModel

YES, HALF, WRONG, NO = (1.0, 0, 0, 0), (0, 1.0, 0, 0), (0, 0, 1.0, 0), (0, 0, 0, 1.0)


class ScriptedJudge(RemoteModel):
    """Gives verdicts in the order of the points.

    Attributes:
        pace: a verdict is given for each `release`; `at_once` gives all of them.
    """

    def __init__(self, *verdicts: tuple[float, ...], queue=None) -> None:
        super().__init__("scripted:judge", lambda refused: None, queue=queue)
        self.verdicts = verdicts
        self.given = 0
        self.pace = threading.Semaphore(0)

    @property
    def judges(self) -> bool:
        return True

    def at_once(self) -> "ScriptedJudge":
        self.pace.release(1000)
        return self

    def verdict(self, messages, words):
        assert self.pace.acquire(timeout=60)
        if self.given >= len(self.verdicts):
            raise ModelError("it stopped")
        self.given += 1
        return self.verdicts[self.given - 1]

    def structured(self, messages, schema) -> Structured | None:
        return None

    def without_queue(self):
        self.queue = None  # the same object: it counts
        return self
