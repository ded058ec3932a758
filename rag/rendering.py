"""Answers and hits as text for a terminal."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from rag.answers import Answer, Draft, Event, EvidenceFound, Finished, Waiting
from rag.retrieval import Hit


def stream_answer(events: Iterable[Event]) -> Answer:
    """Show evidence and draft on a terminal while they come, then the verified answer."""
    console = Console(stderr=True)
    shown = 0
    for event in events:
        if isinstance(event, EvidenceFound) and console.is_terminal:
            titles = dict.fromkeys(p.title for p in event.passages)
            console.print(Text("· " + " · ".join(titles), style="dim"))
        elif isinstance(event, Waiting):
            console.print(
                f"waiting, {event.ahead} ahead 排队中，前面还有 {event.ahead} 个", style="dim"
            )
        elif isinstance(event, Draft) and console.is_terminal:
            sys.stderr.write(event.text[shown:])
            sys.stderr.flush()
            shown = len(event.text)
        elif isinstance(event, Finished):
            if shown:
                sys.stderr.write("\n\n")
            print_answer(event.answer)
            return event.answer
    raise AssertionError("the last event is always Finished")


def print_answer(answer: Answer) -> None:
    """The answer and the quotes it rests on, or the nearest notes of an abstention."""
    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(answer.text))
    for item in answer.citations:
        place = " > ".join(dict.fromkeys([item.title, *item.heading]))
        page = f", p. {item.page}" if item.page is not None else ""
        console.print(Text(f"\n[{item.n}] {place} ({item.note}{page})", style="bold"))
        console.print(Text(f"    {' '.join(item.quote.split())}", style="dim"))
    if answer.nearest:
        console.print(Text("\nNearest notes 最接近的笔记："))
        for near in answer.nearest:
            console.print(Text(f"  {near.title} ({near.note})"))


def print_hits(hits: Iterable[Hit]) -> None:
    """Each hit's score, place and beginning."""
    console = Console(soft_wrap=True, highlight=False)
    for hit in hits:
        meta = hit.document.metadata
        place = " > ".join(dict.fromkeys([meta["title"], *meta["headings"]]))
        console.print(Text(f"{hit.score:.3f}  {place} ({meta['note']})", style="bold"))
        console.print(Text(f"       {' '.join(hit.document.page_content.split())[:160]}"))
