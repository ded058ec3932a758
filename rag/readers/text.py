"""Plain text: paragraphs between blank lines."""

import re
from pathlib import PurePosixPath

from rag.language import sentence_spans
from rag.notes import Block, Note
from rag.readers.decoding import decode

_PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*\S|\S")


def read_text(relative: str, data: bytes) -> Note:
    """A note whose title is the file's name."""
    text = decode(relative, data)
    blocks = tuple(
        Block("text", match.start(), match.end(), breaks=sentence_breaks(text, *match.span()))
        for match in _PARAGRAPH.finditer(text.replace("\r", "\n"))
    )
    return Note(relative, PurePosixPath(relative).stem, text, blocks)


def sentence_breaks(text: str, start: int, end: int) -> tuple[int, ...]:
    """Where sentences begin inside `text[start:end]`, the first one left out."""
    return tuple(begin for begin, _ in sentence_spans(text, start, end) if begin > start)
