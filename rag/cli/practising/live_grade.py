"""A grade while it is made: each point on the terminal as soon as it stands."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.text import Text

from rag.cli.render import MARKS
from rag.llm.waiting import Waiting

if TYPE_CHECKING:
    from rag.practice.coach import Graded
    from rag.practice.judging import Judging


def graded_live(events: "Iterable[Waiting | Judging | Graded]") -> "Graded":
    """The grade that ends the events. What is shown till then makes way for it; where nobody sits
    at a terminal nothing is."""
    from rag.practice.coach import Graded

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        return next(event for event in events if isinstance(event, Graded))
    with Live(console=console, transient=True, auto_refresh=False) as live:
        for event in events:
            if isinstance(event, Graded):
                return event
            live.update(_told(event), refresh=True)
    raise AssertionError("the last event is always Graded")


def _told(event: "Waiting | Judging") -> Text:
    if isinstance(event, Waiting):
        return Text(f"waiting, {event.ahead} ahead 排队中，前面还有 {event.ahead} 个")
    lines = [
        f"{number}. {MARKS[point.status]} {point.status}: {point.text}"
        for number, point in enumerate(event.points, 1)
    ]
    now = (
        "all points judged 要点都已核对 …"
        if event.number is None
        else f"judging {event.number} of {event.of} 正在核对第 {event.number} / {event.of} 个要点…"
    )
    return Text("\n".join([*lines, now]))
