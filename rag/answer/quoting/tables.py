"""Where several rows of a table answer, or things are compared, the table is told as a whole."""

import re
from collections import Counter
from collections.abc import Sequence

from rag.answer.quoting.namesakes import row_name
from rag.grounding.passage import Passage
from rag.safety.orders import is_order
from rag.search.names import mentions

MOST_ROWS = 8  # of a table that is still taken in at a glance
_LINE = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
_RULE = re.compile(r"^\s*\|\s*:?-+:?\s*(?:\|[\s:-]*)*$")


def with_whole_tables(
    quotes: Sequence[Passage], question: str, compares: bool = False
) -> list[Passage]:
    """`quotes` with the other rows of a table behind its first one, in the table's order; where the
    question names a row, only those that were chosen.

    Args:
        compares: two things are to be told apart: then one row is enough to show all.
    """
    tables = [_rows_around(quote) for quote in quotes]
    told = Counter(_place(rows[0]) for rows in tables if rows)
    named = {
        _place(rows[0])
        for quote, rows in zip(quotes, tables, strict=True)
        if rows and (head := row_name(quote)) and mentions(question, head)
    }
    found: list[Passage] = []
    for quote, rows in zip(quotes, tables, strict=True):
        table = _place(rows[0]) if rows else None
        wanted = table is not None and table not in named and (compares or told[table] > 1)
        for each in rows if wanted and len(rows) <= MOST_ROWS else [quote]:
            if not any(_within(each, other) for other in found):
                found.append(each)
    return found


def _place(quote: Passage) -> tuple[str, str, int]:
    return quote.collection, quote.note, quote.start


def _within(quote: Passage, other: Passage) -> bool:
    same_note = (quote.collection, quote.note) == (other.collection, other.note)
    return same_note and other.start <= quote.start and quote.end <= other.end


def _rows_around(quote: Passage) -> list[Passage]:
    """The rows of the table that a quote is a row of, as far as its chunk holds them; else []."""
    if not quote.table_header:
        return []
    text = quote.document.page_content
    first = int(quote.document.metadata.get("start", 0))
    whole = Passage(quote.document, text, first, first + len(text), quote.score, quote.relevance)
    table: list[re.Match[str]] = []
    for line in _LINE.finditer(text):
        if table and text[table[-1].end() : line.start()] != "\n":
            if table[-1].end() + first > quote.start:
                break
            table = []
        table.append(line)
    rules = [place for place, line in enumerate(table) if _RULE.match(line.group())]
    body = table[rules[0] + 1 :] if rules else table
    rows = []
    for line in body:
        start = line.start() + len(line.group()) - len(line.group().lstrip())
        row = whole.narrowed(first + start, first + line.end())
        if not is_order(row.text):
            rows.append(row)
    return rows if any(row.start == quote.start for row in rows) else []
