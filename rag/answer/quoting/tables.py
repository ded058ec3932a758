"""Where several rows of a table answer, or things are compared, the table is told as a whole."""

import re
from collections import Counter
from collections.abc import Sequence

from rag.grounding.passage import Passage

MOST_ROWS = 8  # of a table that is still taken in at a glance
_LINE = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
_RULE = re.compile(r"^\s*\|?\s*:?-{2,}[\s|:-]*$")


def with_whole_tables(quotes: Sequence[Passage], compares: bool) -> list[Passage]:
    """`quotes` with the other rows of a table behind its first one, in the table's order.

    Args:
        compares: two things are to be told apart: then one row is enough to show all.
    """
    tables = [_rows_around(quote) for quote in quotes]
    told = Counter(rows[0].start for rows in tables if rows)
    found: list[Passage] = []
    shown: set[tuple[str, str, int]] = set()
    for quote, rows in zip(quotes, tables, strict=True):
        whole = bool(rows) and len(rows) <= MOST_ROWS and (compares or told[rows[0].start] > 1)
        for each in rows if whole else [quote]:
            key = each.collection, each.note, each.start
            if key not in shown:
                shown.add(key)
                found.append(each)
    return found


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
        rows.append(whole.narrowed(first + start, first + line.end()))
    return rows if any(row.start == quote.start for row in rows) else []
