"""Asking at a terminal: prompts stay out of results, and a pasted text is one text."""

import select
import sys
from collections.abc import Iterator

_PASTE_S = 0.15  # what stands ready so soon after a line was pasted with it, not typed


def ask_text(prompt: str) -> str:
    """What was typed, or all lines of what was pasted; "" for an empty line.

    The prompt goes to stderr unless stdout is the terminal too: stdout carries results only.

    Raises:
        EOFError: there is no more.
    """
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


def ask_lines(prompt: str, end: str) -> Iterator[str]:
    """Line by line what is typed or pasted, empty ones too, until a line that is `end` or Ctrl-D.

    What was pasted after the end is dropped: it would answer the next prompt.
    """
    while True:
        try:
            line = _line(prompt)
        except EOFError:
            return
        if line.strip() == end:
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


def _ready() -> bool:
    """More can be read without waiting for somebody to type it."""
    try:
        return bool(select.select([sys.stdin], [], [], _PASTE_S)[0])
    except (OSError, ValueError):  # Windows waits for sockets only
        return False
