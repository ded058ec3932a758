"""Note → chunks: LangChain Documents that know their note, heading path and exact span."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from langchain_core.documents import Document

from rag.notes.note import Block, Note

TokenCount = Callable[[str], int]


_FAR = 200  # blanks between pieces; more is what was left out there
_RULES = " \u00a0\t\r\n-*_#>\ufeff"  # what a rule between two paragraphs is made of
_LONGEST_HEADER = 300  # characters of a table's header that its pieces carry


# A table, code block, list or formula stays whole up to this many times the chunk size.
WHOLE_FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    tokens: int
    headings: tuple[str, ...]
    page: int | None
    header: str = ""  # of the table that it goes on with


def chunk_note(note: Note, count: TokenCount, size: int) -> list[Document]:
    """Cut a note along its structure.

    Blocks under one heading are joined while they fit into `size` tokens (as `count` counts
    them). A paragraph that is longer is cut between sentences; lists, tables and code only when
    they are longer than twice `size`, and then between items, rows or lines.

    Returns:
        Documents with `page_content == note.text[start:end]` and metadata `note`, `title`,
        `headings` (list), `start`, `end`, and `page` where the format has pages, `table_header`
        where it goes on with a table, `aliases` where the note has other names and no questions.
    """
    chunks: list[Document] = []
    group: list[_Piece] = []
    tokens = 0  # of the group; adding them up anew for each piece would be quadratic
    for piece in _pieces(note, count, size):
        if group and (
            _place(group[0]) != _place(piece)
            or tokens + piece.tokens > size
            or not _adjoin(note.text, group[-1].end, piece.start)
        ):
            chunks.append(_document(note, group))
            group, tokens = [], 0
        group.append(piece)
        tokens += piece.tokens
    if group:
        chunks.append(_document(note, group))
    return chunks


def _adjoin(text: str, end: int, start: int) -> bool:
    """Between two pieces stands nothing that is no text: a comment, bytes of a picture."""
    between = text[end:start]
    return len(between) < _FAR and not between.strip(_RULES)


def _place(piece: _Piece) -> tuple[tuple[str, ...], int | None]:
    return piece.headings, piece.page


def _pieces(note: Note, count: TokenCount, size: int) -> Iterator[_Piece]:
    for block in note.blocks:
        tokens = count(note.text[block.start : block.end])
        limit = size if block.kind == "text" else size * WHOLE_FACTOR
        if tokens <= limit or not block.breaks:
            yield _Piece(block.start, block.end, tokens, block.headings, block.page)
        else:
            yield from _cut(note.text, block, count, size)


def _cut(text: str, block: Block, count: TokenCount, size: int) -> Iterator[_Piece]:
    edges = [block.start, *block.breaks, block.end]
    start, tokens = block.start, 0
    header = ""
    if block.kind == "table":
        header = text[block.start : block.breaks[0]].strip().splitlines()[0][:_LONGEST_HEADER]
    for left, right in pairwise(edges):
        step = count(text[left:right])
        if tokens and tokens + step > size and text[start:left].strip():
            yield _piece(text, block, start, left, tokens, header)
            start, tokens = left, 0
        tokens += step
    yield _piece(text, block, start, block.end, tokens, header)


def _piece(text: str, block: Block, start: int, end: int, tokens: int, header: str = "") -> _Piece:
    end = start + len(text[start:end].rstrip())
    goes_on = header if start > block.start else ""
    return _Piece(start, end, tokens, block.headings, block.page, goes_on)


def _document(note: Note, group: list[_Piece]) -> Document:
    start, end = group[0].start, group[-1].end
    metadata = {
        "note": note.path,
        "title": note.title,
        "headings": list(group[0].headings),
        "start": start,
        "end": end,
    }
    if group[0].page is not None:
        metadata["page"] = group[0].page
    if group[0].header:
        metadata["table_header"] = group[0].header
    aliases = note.meta.get("aliases")
    if isinstance(aliases, list | str) and not note.meta.keys() & {"key_points", "questions"}:
        names = [aliases] if isinstance(aliases, str) else aliases
        metadata["aliases"] = [str(name) for name in names if isinstance(name, str | int)][:20]
    return Document(page_content=note.text[start:end], metadata=metadata)
