"""The end of a stream of events."""

from collections.abc import Iterable
from typing import TypeVar

Last = TypeVar("Last")


def last(events: Iterable[object], kind: type[Last]) -> Last:
    """The event that ends a stream, for who does not care for those on the way to it.

    Raises:
        AssertionError: the stream ended without one, which none of ours does.
    """
    for event in events:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"the last event is always {kind.__name__}")
