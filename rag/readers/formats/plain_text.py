"""Plain text: paragraphs between blank lines; a saved web page ends with its article."""

import re

from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Block, Note, file_title
from rag.readers.parts.breaks import sentence_breaks
from rag.readers.parts.decoding import decode
from rag.readers.web.page_cards import GAP, promotion_start

_LINE = re.compile(r"[^\r\n]+")


_LINE_END = re.compile(r"\r\n|\n|\r")


def read_text(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note whose title is the file's name."""
    decoded = decode(relative, data)
    text = decoded.text
    end = promotion_start(text)
    blocks = tuple(
        Block("text", start, stop, breaks=sentence_breaks(text, start, stop))
        for start, stop in _paragraphs(text)
        if start < end
    )
    gaps = (*decoded.gaps, GAP) if end < len(text) else decoded.gaps
    return Note(relative, file_title(relative), text, blocks, gaps=gaps)


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
