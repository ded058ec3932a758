"""Work that goes on to its end also when the page that shows it is closed."""

import threading
from collections.abc import Iterable, Iterator
from queue import SimpleQueue

from ui.wiring import Updates


def carried_through(steps: Iterable[Updates]) -> Iterator[Updates]:
    """The steps as they come, from a thread of their own: who closes the page, or reads slowly,
    neither breaks them off nor holds up those who wait for the same engine."""
    news: SimpleQueue[Updates | Exception | None] = SimpleQueue()

    def work() -> None:
        try:
            for step in steps:
                news.put(step)
            news.put(None)
        except Exception as error:  # raised to the page, as if it were its own
            news.put(error)

    threading.Thread(target=work, daemon=True).start()
    while (step := news.get()) is not None:
        if isinstance(step, Exception):
            raise step
        yield step
