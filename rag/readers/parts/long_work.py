"""A reader that works long on one file says so, lest it be taken for one that hangs."""

from collections.abc import Callable

Listener = Callable[[int, int], None]  # done, total


def _nobody(done: int, total: int) -> None:
    return None


_listener: Listener = _nobody


def listen(listener: Listener) -> None:
    """Who is told from now on, in this process."""
    global _listener
    _listener = listener


def going_on(done: int, total: int) -> None:
    """So many of so many pages are done."""
    _listener(done, total)
