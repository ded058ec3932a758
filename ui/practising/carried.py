"""Work that goes on to its end also when the page that shows it is closed."""

import logging
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain
from queue import SimpleQueue

from rag.errors import RagError
from rag.llm.waiting import Waiting
from rag.practice.coach import Graded
from rag.practice.judging import Judging
from ui.wiring import Updates


def its_turn(
    events: Generator[Waiting | Judging | Graded], told: Callable[[Waiting], Updates]
) -> Generator[Updates, None, Iterator[Judging | Graded]]:
    """What is told while others are ahead; gives the events from one's turn on. Who goes away
    before it leaves the queue: nothing is begun yet, and the draft is kept."""
    for event in events:
        if not isinstance(event, Waiting):
            return _from(event, events)
        try:
            yield told(event)
        except GeneratorExit:
            events.close()
            raise
    return iter(())


def _from(
    first: Judging | Graded, rest: Iterator[Waiting | Judging | Graded]
) -> Iterator[Judging | Graded]:
    return (event for event in chain([first], rest) if not isinstance(event, Waiting))


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
            if not isinstance(error, RagError):  # the page may be closed: nobody would hear of it
                logging.getLogger(__name__).exception("a grade failed")
            news.put(error)

    threading.Thread(target=work, daemon=True).start()
    while (step := news.get()) is not None:
        if isinstance(step, Exception):
            raise step
        yield step
