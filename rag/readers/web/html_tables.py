"""HTML tables as rows of cells, merged ones spread over all that they cover."""

from typing import Any

from rag.readers.web.html_words import inline_text

_MAX_CELLS = 200  # in a row; more is layout
_MOST_ROWS = 5_000  # that one cell covers


def rows_of(table: Any) -> list[list[str]]:
    """The rows of a table, those of its header made one; a merged cell says the same everywhere."""
    rows: list[list[str]] = []
    headers: list[bool] = []
    below: dict[int, tuple[int, str]] = {}  # column: rows that a cell still covers, and its words
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        line: list[str] = []
        alone = len(cells) == 1 and not below
        for cell in cells:
            _fill(line, below)
            text = inline_text(cell)
            for _ in range(1 if alone else _span(cell, "colspan", _MAX_CELLS)):
                below[len(line)] = _span(cell, "rowspan", _MOST_ROWS) - 1, text
                line.append(text)
        _fill(line, below)
        below = {column: left for column, left in below.items() if left[0] > 0}
        rows.append(line[:_MAX_CELLS])
        headers.append(bool(cells) and all(_is_header(cell) for cell in cells))
    return _one_header(rows, headers)


def _fill(line: list[str], below: dict[int, tuple[int, str]]) -> None:
    """Go on with what a cell above says, where it covers this row too."""
    while (covered := below.get(len(line))) is not None and covered[0] > 0:
        below[len(line)] = covered[0] - 1, covered[1]
        line.append(covered[1])


def _span(cell: Any, name: str, most: int) -> int:
    value = (cell.get(name) or "").strip()
    if name == "rowspan" and value == "0":
        return most
    return min(max(int(value), 1), most) if value.isdecimal() and len(value) < 6 else 1


def _is_header(cell: Any) -> bool:
    return cell.tag == "th" or any(parent.tag == "thead" for parent in cell.iterancestors())


def _one_header(rows: list[list[str]], headers: list[bool]) -> list[list[str]]:
    """Several rows of headers as one: each column by all its names, from above."""
    count = headers.index(False) if False in headers else len(headers)
    if count < 2 or count == len(rows) or len({len(row) for row in rows[:count]}) != 1:
        return rows
    columns = [
        " ".join(filter(None, dict.fromkeys(names))) for names in zip(*rows[:count], strict=True)
    ]
    return [columns, *rows[count:]]
