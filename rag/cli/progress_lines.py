"""Progress as lines on stderr, where nobody sees a bar: a pipe, a container's log, a server."""

import sys
import time
from collections.abc import Callable

EVERY_S = 5.0
WORDS = {
    "read": "reading notes 读取笔记",
    "ocr": "recognising pages 识别扫描页",
    "notes": "indexing notes 建索引",
    "embed": "embedding 向量化",
    "ask": "asking 提问",
    "weights": "loading the LLM 加载模型",
}


def say(text: str) -> None:
    """A line on stderr."""
    print(text, file=sys.stderr, flush=True)


class ProgressLines:
    """A callback `(stage, done, total)`: a line now and then.

    Args:
        tell: is given the lines.
        clock: seconds, rising.
    """

    def __init__(
        self,
        tell: Callable[[str], None] = say,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._began: dict[str, tuple[float, int]] = {}
        self._told = clock()
        self._whole = False  # of stages: one tells of all notes, the others then are its parts

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = self._clock()
        began, first = self._began.setdefault(stage, (now, done))
        self._whole = self._whole or stage == "notes"
        if now - self._told < EVERY_S or (self._whole and stage in {"read", "embed"}):
            return
        self._told = now
        of = f"/{total}" if total else ""
        left = ""
        if first < done < total and now - began > EVERY_S:
            seconds = (now - began) * (total - done) / (done - first)
            left = f", about {seconds:.0f} s left 约剩 {seconds:.0f} 秒"
        self._tell(f"{WORDS.get(stage, stage)}: {done}{of}{left}")
