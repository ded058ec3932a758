"""Asking at a terminal: prompts stay out of results, and a pasted text is one text."""

import select
import sys
from collections.abc import Iterator

_PASTE_S = 0.15  # what stands ready so soon after a line was pasted with it, not typed


def ask_text(prompt: str, patience_s: float | None = None) -> str:
    """What was typed, or all lines of what was pasted; "" for an empty line.

    The prompt goes to stderr unless stdout is the terminal too: stdout carries results only.

    Args:
        patience_s: how long to wait at a terminal; None for as long as it takes.

    Raises:
        EOFError: there is no more, or nobody typed anything.
    """
    if patience_s is not None and sys.stdin.isatty():
        sys.stderr.write(prompt)
        sys.stderr.flush()
        prompt = ""
        if not _ready(patience_s):
            raise EOFError
    first = _line(prompt)
    if not sys.stdin.isatty():
        return first
    lines = [first]
    while _ready():
        try:
            lines.append(_line(""))
        except EOFError:
            break
    return "\n".join(lines).strip("\n")


class AskedLines:
    """Line by line what is typed or pasted, empty ones too, until a line that is `end` or Ctrl-D.

    What was pasted after the end is dropped: it would answer the next prompt.

    Attributes:
        cut_off: it was Ctrl-D, or there is no more input.
    """

    def __init__(self, prompt: str, end: str) -> None:
        self._prompt = prompt
        self._end = end
        self.cut_off = False

    def __iter__(self) -> Iterator[str]:
        while True:
            try:
                line = _line(self._prompt)
            except EOFError:
                self.cut_off = True
                return
            if line.strip() == self._end:
                break
            yield line
        while sys.stdin.isatty() and _ready():
            try:
                _line("")
            except EOFError:
                return


def _line(prompt: str) -> str:
    if sys.stdin.isatty() and sys.stdout.isatty():
        return input(prompt)
    if prompt and sys.stdin.isatty():
        sys.stderr.write(prompt)
        sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


def _ready(within_s: float = _PASTE_S) -> bool:
    """More can be read without waiting for somebody to type it."""
    try:
        return bool(select.select([sys.stdin], [], [], within_s)[0])
    except (OSError, ValueError):  # Windows waits for sockets only
        return within_s > _PASTE_S
