"""Rows of runs on a page → the cells of a table."""

import re
import statistics
from itertools import pairwise

from rag.readers.pdf.pdf_glyphs import Run

Rows = tuple[tuple[str, ...], ...]
_FIGURE = re.compile(r"[-+±~<>≤≥$€¥£]?[\d.,:/ ]*\d[\d.,:/ ]*[%a-zA-Z]{0,3}")
_NEAR = 1.6  # times the letter size; a cell goes on in a line so near


def table_of_rows(rows: list[list[Run]]) -> tuple[int, list[tuple[str, ...]]]:
    """How many rows from the first on are a table, and their cells; 0 where there is none."""
    if len(rows[0]) < 2 or all(run.mono for run in rows[0]):
        return 0, []
    count = 0
    spans: list[tuple[float, float]] = []
    parts: set[int] = set()  # rows in which a cell above goes on
    for row in rows:
        if count >= 2 and len(row) == 1 and _goes_on(row[0], rows[count - 1], spans):
            parts.add(count)
            count += 1
            continue
        if count and (len(row) < 2 or row[0].y - rows[count - 1][0].y > 4 * row[0].size):
            break
        merged = _merged([*spans, *((run.left, run.right) for run in row)])
        if spans and len(merged) < max(len(spans), 2):
            break
        spans = merged
        count += 1
    while count - 1 in parts:  # the last one may be the text below
        parts.remove(count - 1)
        count -= 1
    if count - len(parts) < 3 or len(spans) < 2:
        return 0, []
    cells = [
        tuple(
            " ".join(run.text for run in row if left - 0.1 <= run.left <= right)
            for left, right in spans
        )
        for row in rows[:count]
    ]
    cells = _whole(cells, parts | _short_rows(rows[:count], cells))
    filled = sum(bool(cell) for row in cells for cell in row)
    if len(cells) < 3 or filled < 0.6 * len(spans) * len(cells):
        return 0, []
    if all(re.fullmatch(r"[-•●○▪◦‣*·–]|\(?\w{1,3}[.)、)]", row[0]) for row in cells):
        return 0, []  # a list and its marks
    return count, cells


def _goes_on(run: Run, above: list[Run], spans: list[tuple[float, float]]) -> bool:
    """A run below a row stands in one of its columns, not the first, and begins where it does."""
    near = run.y - above[0].y < _NEAR * max(run.size, above[0].size)
    return near and any(abs(run.left - left) < 3 for left, _ in spans[1:])


def _short_rows(rows: list[list[Run]], cells: list[tuple[str, ...]]) -> set[int]:
    """Rows without a first cell that stand nearer to the one above than rows usually do."""
    gaps = [low[0].y - high[0].y for high, low in pairwise(rows)]
    usual = statistics.median(gaps)
    return {n for n, row in enumerate(cells) if n and not row[0] and gaps[n - 1] < 0.9 * usual}


def _whole(cells: list[tuple[str, ...]], parts: set[int]) -> list[tuple[str, ...]]:
    """The rows, those that go on with the one above joined to it."""
    made: list[tuple[str, ...]] = []
    for number, row in enumerate(cells):
        if number in parts and made:
            made[-1] = tuple(
                " ".join(filter(None, both)) for both in zip(made[-1], row, strict=True)
            )
        else:
            made.append(row)
    return made


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    made: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if made and left < made[-1][1] + 2:
            made[-1] = made[-1][0], max(made[-1][1], right)
        else:
            made.append((left, right))
    return made


def with_header(above: Rows, rows: Rows) -> Rows:
    """Rows that go on with the table at the end of the page before carry its header."""
    if not above or len(above[0]) != len(rows[0]) or above[0] == rows[0]:
        return rows
    own = len(rows) > 1 and _figures(rows[0]) < _figures(rows[1])  # it has a header of its own
    is_header = _figures(above[0]) <= max(map(_figures, above[1:]), default=0)
    return rows if own or not is_header else (above[0], *rows)


def _figures(row: tuple[str, ...]) -> int:
    return sum(_FIGURE.fullmatch(cell.strip()) is not None for cell in row)
