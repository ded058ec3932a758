"""Runs of a page → lines in the order in which a person reads them, and tables.

Columns are found by the empty strip between them (as in the recursive XY cut of Nagy and Seth
1984), within the stretch of the page that nothing crosses; what crosses it is read above or below.
"""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.readers.pdf.pdf_glyphs import Run
from rag.readers.pdf.pdf_tables import table_of_rows
from rag.text.raised import grouped

_CJK = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_GUTTER = 0.8  # of the letter size
_FILL = 0.6  # of a column's width that its lines take
_LEAST = 12  # letters of a line of a column; a Chinese character counts twice
_MOST_DEEP = 12
_INITIAL = 1.8  # times the usual letter size; a letter that begins a chapter
_FOOTNOTE = 0.9  # of the usual letter size
_NOTE = re.compile(r"\^?\(?(?:\d{1,3}|[*†‡§¶])\)?[.\s]?\s*\S")
_SUM = re.compile(r"[∑Σ∏Π∫⋃⋂∐](?:_\([^()]*\)|_\S)?(?!\^)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or a table of several; lengths in points, `top` (the baseline) downwards."""

    text: str
    size: float
    left: float
    right: float
    top: float
    height: float  # of the page
    bold: bool = False
    pieces: int = 1  # parts with wide gaps between them
    rows: tuple[tuple[str, ...], ...] = ()
    pitch: float = 0.0  # width of a letter where all have one, as in code


def lines_of(
    runs: Sequence[Run], height: float, rules: Sequence[tuple[float, float, float]] = ()
) -> list[Line]:
    """The lines of a page in reading order."""
    runs = _with_initials(_with_limits(_with_fractions(list(runs), rules)))
    found: list[Line] = []
    footnotes: list[Line] = []
    regions = _regions(runs, 0)
    usual = statistics.median(run.size for run in runs) if runs else 0.0
    for region in regions:
        lines = _lines(region, height)
        text = len(lines) - _footnotes(lines, usual)
        found += lines[:text]
        footnotes += lines[text:]
    return found + footnotes  # a sentence may go on in the next column


def _footnotes(lines: Sequence[Line], usual: float) -> int:
    """How many lines at the end of a column are footnotes: small, and begun by a mark."""
    count = 0
    for at in range(len(lines) - 1, 0, -1):
        if lines[at].rows or lines[at].size > _FOOTNOTE * usual:
            break
        if _NOTE.match(lines[at].text):
            count = len(lines) - at
    return count


def _with_initials(runs: list[Run]) -> list[Run]:
    """A large first letter that goes down several lines, with the word that it begins."""
    usual = statistics.median(run.size for run in runs) if runs else 0.0
    for initial in [run for run in runs if run.size > _INITIAL * usual and len(run.text) == 1]:
        beside = [run for run in runs if run.size < 1.15 * usual
                  and -1 < run.left - initial.right < 1.2 * usual
                  and -0.85 * initial.size < run.y - initial.y < 0.3 * usual]  # fmt: skip
        if len(beside) < 2 or not initial.text.isalpha():
            continue
        first = min(beside, key=lambda run: run.y)
        begun = re.match(r"\w*", first.text)
        word = (initial.text + (begun[0] if begun else "")).lower()
        alone = initial.text in "AI" and not any(word in run.text.lower().split() for run in runs)
        text = f"{initial.text}{' ' if alone else ''}{first.text}"
        made = replace(first, text=text, left=initial.left)
        runs = [made if run is first else run for run in runs if run is not initial]
    return runs


def _with_fractions(runs: list[Run], rules: Sequence[tuple[float, float, float]]) -> list[Run]:
    """What stands above and below a short bar, as one run `(a)/(b)`."""
    for left, right, y in rules:
        middle = (left + right) / 2
        inside = [r for r in runs if abs((r.left + r.right) / 2 - middle) < 0.3 * (right - left)
                  and r.right - r.left < 1.3 * (right - left) + 2
                  and abs(r.y - y) < 1.8 * r.size]  # fmt: skip
        above = [run for run in inside if run.y <= y + 1]
        below = [run for run in inside if run.y > y + 1]
        if len(above) != 1 or len(below) != 1:
            continue
        top, low = above[0], below[0]
        made = Run(f"({top.text})/({low.text})", top.size, left, right, y + 0.3 * top.size)
        runs = [run for run in runs if run not in (top, low)] + [made]
    return runs


def _with_limits(runs: list[Run]) -> list[Run]:
    """What stands above the sign of a sum, as its upper limit: `Σ_(i=1)^n`."""
    for run in [run for run in runs if len(_SUM.findall(run.text)) == 1]:
        above = [r for r in runs if r is not run and r.size < 0.85 * run.size
                 and 0.5 * run.size < run.y - r.y < 2 * run.size and len(r.text) <= 12
                 and run.left - 2 <= r.left and r.right <= run.right + 2]  # fmt: skip
        if len(above) != 1 or run not in runs:
            continue
        sign = next(_SUM.finditer(run.text))
        text = f"{run.text[: sign.end()]}^{grouped(above[0].text)}{run.text[sign.end() :]}"
        runs = [replace(r, text=text) if r is run else r for r in runs if r is not above[0]]
    return runs


def _regions(runs: list[Run], depth: int) -> list[list[Run]]:
    """The runs in groups that are read one after another."""
    cut = _columns(runs) if depth < _MOST_DEEP else None
    if cut is None:
        return [runs] if runs else []
    return [region for part in cut for region in _regions(part, depth + 1)]


def _columns(runs: list[Run]) -> list[list[Run]] | None:
    """[above, left, right, below] about the longest empty strip between two columns of text."""
    if len(runs) < 4:
        return None
    size = statistics.median(run.size for run in runs)
    best: tuple[float, list[list[Run]]] | None = None
    for edge in _edges(runs):
        strip = edge - _GUTTER * size
        crossing = sorted(run.y for run in runs if run.left < edge - 0.5 and run.right > strip)
        for above, below in zip([-1e9, *crossing], [*crossing, 1e9], strict=True):
            band = [run for run in runs if above < run.y < below]
            left = [run for run in band if run.right <= strip]
            right = [run for run in band if run.left >= edge - 0.5]
            if not (_is_column(left) and _is_column(right)):
                continue
            low, high = max(min(r.y for r in p) for p in (left, right)), min(
                max(r.y for r in p) for p in (left, right))  # fmt: skip
            if high - low < 0.5 * size:  # one above the other
                continue
            if best is None or high - low > best[0]:
                first = [run for run in runs if run.y <= above]
                last = [run for run in runs if run.y >= below]
                best = high - low, [first, left, right, last]
    return best[1] if best else None


def _edges(runs: list[Run]) -> list[float]:
    """Where several lines begin."""
    lefts = sorted(run.left for run in runs)
    edges: list[float] = []
    for at, left in enumerate(lefts[1:], 1):
        if left - lefts[at - 1] < 1.5 and (not edges or lefts[at - 1] - edges[-1] > 1.5):
            edges.append(lefts[at - 1])
    return edges[1:] if edges and edges[0] - lefts[0] < 1.5 else edges


def _is_column(runs: list[Run]) -> bool:
    """Lines of prose one below the other, or columns of such; not the cells of a table."""
    if len(runs) < 2:
        return False
    rows = _rows(runs)
    if len(rows) < 2:
        return False
    width = max(run.right for run in runs) - min(run.left for run in runs)
    spans = [sum(run.right - run.left for run in row) for row in rows]
    letters = statistics.median(sum(map(_letters, row)) for row in rows)
    if letters >= _LEAST and statistics.median(spans) >= _FILL * width:
        return True
    return _columns(runs) is not None


def _letters(run: Run) -> int:
    return len(run.text) + len(_CJK.findall(run.text))


def _rows(runs: list[Run]) -> list[list[Run]]:
    """Runs on one baseline together, from the top; each row from left to right."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: (run.y, run.left)):
        for row in reversed(rows[-3:]):
            near = 0.35 * max(run.size, row[0].size)
            apart = all(run.left >= o.right - 1 or run.right <= o.left + 1 for o in row)
            if abs(run.y - row[0].y) <= near and apart:
                row.append(run)
                break
        else:
            rows.append([run])
    return [sorted(row, key=lambda run: run.left) for row in rows]


def _lines(runs: list[Run], height: float) -> list[Line]:
    rows = _rows(runs)
    lines: list[Line] = []
    at = 0
    while at < len(rows):
        count, cells = table_of_rows(rows[at:])
        if count:
            flat = [run for row in rows[at : at + count] for run in row]
            text = "\n".join(" ".join(row) for row in cells)
            lines.append(_line(text, flat, height, tuple(cells)))
            at += count
        else:
            lines.append(_mono(rows[at], height) or _line(_row_text(rows[at]), rows[at], height))
            at += 1
    return lines


def _line(
    text: str, runs: list[Run], height: float, rows: tuple[tuple[str, ...], ...] = ()
) -> Line:
    widest = max(runs, key=lambda run: len(run.text))
    bold = sum(len(run.text) for run in runs if run.bold) > 0.8 * sum(len(r.text) for r in runs)
    return Line(text, widest.size, min(r.left for r in runs), max(r.right for r in runs),
                runs[0].y, height, bold, len(runs), rows)  # fmt: skip


def _mono(row: list[Run], height: float) -> Line | None:
    """A line in letters of one width, its blanks kept; None where it is none."""
    if not all(run.mono for run in row):
        return None
    letters = sum(len(run.text) for run in row)
    pitch = sum(run.right - run.left for run in row) / max(letters, 1)
    text = ""
    for run in row:
        text = text.ljust(round((run.left - row[0].left) / max(pitch, 0.1))) + run.text
    return replace(_line(text, row, height), pitch=pitch)


def _row_text(row: list[Run]) -> str:
    text = row[0].text
    for last, run in pairwise(row):
        close = run.left - last.right < 0.7 * run.size
        chinese = _CJK.match(text[-1:]) and _CJK.match(run.text[:1])
        text += run.text if chinese and close else f" {run.text}"
    return text
