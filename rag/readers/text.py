"""Plain text: paragraphs between blank lines; a saved web page ends with its article."""

import re
from itertools import pairwise
from pathlib import PurePosixPath

from rag.language import sentence_spans
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes import Block, Note
from rag.readers.decoding import decode
from rag.readers.promotion import promotion_start

_MAX_UNBROKEN = 1_500  # characters
_LINE = re.compile(r"[^\r\n]+")
_LINE_END = re.compile(r"\r\n|\n|\r")


def read_text(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note whose title is the file's name."""
    text = decode(relative, data)
    end = promotion_start(text)
    blocks = tuple(
        Block("text", start, stop, breaks=sentence_breaks(text, start, stop))
        for start, stop in _paragraphs(text)
        if start < end
    )
    return Note(relative, PurePosixPath(relative).stem, text, blocks)


def sentence_breaks(text: str, start: int, end: int) -> tuple[int, ...]:
    """Where sentences begin inside `text[start:end]`, the first one left out."""
    breaks = tuple(begin for begin, _ in sentence_spans(text, start, end) if begin > start)
    return with_hard_breaks(text, start, end, breaks)


def with_hard_breaks(text: str, start: int, end: int, breaks: tuple[int, ...]) -> tuple[int, ...]:
    """`breaks`, and more where they are too far apart: at a space, else anywhere.

    A megabyte without a full stop (data, minified code) must not become one chunk.
    """
    if all(right - left <= _MAX_UNBROKEN for left, right in pairwise((start, *breaks, end))):
        return breaks
    filled: list[int] = []
    for left, right in pairwise((start, *breaks, end)):
        if left > start:
            filled.append(left)
        while right - left > _MAX_UNBROKEN:
            space = text.rfind(" ", left + _MAX_UNBROKEN // 2, left + _MAX_UNBROKEN)
            left = space + 1 if space > 0 else left + _MAX_UNBROKEN
            filled.append(left)
    return tuple(filled)


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Spans of lines that no blank line parts, white space trimmed."""
    spans: list[tuple[int, int]] = []
    previous = 0  # the end of the last line that holds something
    for match in _LINE.finditer(text):
        line = match.group()
        if not line.strip() or not line.strip("\ufeff"):
            continue
        start = match.start() + len(line) - len(line.lstrip())
        end = match.start() + len(line.rstrip())
        if spans and len(_LINE_END.findall(text, previous, start)) < 2:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        previous = end
    return spans
