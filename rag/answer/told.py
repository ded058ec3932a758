"""A note's sentence or table row as an answer says it."""

import re

from rag.grounding.passage import Passage
from rag.text.markup import without_markup

_ROW = re.compile(r"^\s*\|.*\|\s*$")
_RULE = re.compile(r"^\s*\|?\s*:?-{2,}.*\|\s*$")


def told(quote: Passage) -> str:
    """The words of a quote without Markdown; a table row with its column names."""
    if _ROW.match(quote.text):
        header = _header(quote)
        cells = _cells(quote.text)
        if header and len(header) == len(cells):
            first, *rest = cells
            facts = [f"{name}: {cell}" for name, cell in zip(header[1:], rest, strict=True) if cell]
            return without_markup(f"{first} ({'; '.join(facts)})" if facts else first)
    return without_markup(quote.text)


def _header(quote: Passage) -> list[str]:
    """The cells of the header of the table that a row stands in; [] where it is not in reach."""
    if quote.table_header:
        return _cells(quote.table_header)
    document = quote.document
    before = document.page_content[: quote.start - int(document.metadata.get("start", 0))]
    lines = before.splitlines()
    while lines and _ROW.match(lines[-1]):
        if _RULE.match(lines[-1]) and len(lines) > 1 and _ROW.match(lines[-2]):
            return _cells(lines[-2])
        lines.pop()
    return []


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]
