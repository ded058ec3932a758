"""A note's sentence or table row as an answer says it: in words that are understood alone."""

import re

from rag.grounding.passage import Passage
from rag.safety.orders import is_order
from rag.text.markup import is_code, without_markup
from rag.text.words import content_words

REPEATED = 0.5  # share of a question's words from which a reply says itself what it is about
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_RULE = re.compile(r"^\s*\|?\s*:?-{2,}.*\|\s*$")


def rendered(quote: Passage) -> str:
    """The words of a quote without Markdown; a table row with its column names; a reply that does
    not repeat what the heading above it asks, behind that question."""
    if is_code(quote.text):
        return quote.text
    if _ROW.match(quote.text):
        header = _header(quote)
        cells = _cells(quote.text)
        if header and len(header) == len(cells):
            first, *rest = cells
            facts = [f"{name}: {cell}" for name, cell in zip(header[1:], rest, strict=True) if cell]
            return without_markup(f"{first} ({'; '.join(facts)})" if facts else first)
    return _question_above(quote) + without_markup(quote.text)


def _question_above(quote: Passage) -> str:
    """The heading that the quote is the reply to, with a blank; "" where it says it itself."""
    heading = quote.headings[-1].strip() if quote.headings else ""
    before = quote.document.page_content[: quote.start - int(quote.document.metadata["start"])]
    if not heading.endswith(("?", "\uff1f")) or before.strip() or is_order(heading):
        return ""
    asked = set(content_words(heading))
    if len(asked & set(content_words(quote.text))) >= REPEATED * len(asked):
        return ""
    return without_markup(heading) + (" " if heading.isascii() else "")


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
