"""Where the letters of a page stand: within its box, turned, or from top to bottom.

Chinese may be set in columns: letters below each other are a line, the next one stands to its left.
PDFium tells such letters one by one; read across, their columns look like the cells of a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Frame = tuple[float, float, float, float]  # left, bottom, right, top

DOWN = 4  # beside the four quarter turns that letters may have
_FEWEST = 8  # letters below each other; fewer may be labels in a table
_STEP = (0.6, 2.2)  # of the letter size, from one letter to the next
_ASIDE = 0.35  # of the letter size, by which they may stand beside each other
_FEW_MARKS = 0.2  # of a page's letters
_OUTSIDE = 6.0  # points; a page may cut a letter
_ASCENT = 0.88  # of a Chinese letter's size, above its baseline


@dataclass(slots=True)
class Glyph:
    char: str
    left: float
    right: float
    y: float
    size: float
    bold: bool
    spaced: bool  # PDFium sees a blank before it
    mono: bool = False


def frame_of(page: Any) -> Frame:
    try:
        left, bottom, right, top = page.get_cropbox()
    except Exception:  # no box in the file
        left, bottom, (right, top) = 0.0, 0.0, page.get_size()
    return float(left), float(bottom), float(right), float(top)


def seen(found: list[tuple[int, Glyph]], page: Any, frame: Frame) -> list[tuple[int, Glyph]]:
    """Without a printer's few marks outside of what is cut out of the page; where much stands
    outside, or nothing is cut, a box is damaged.
    """
    try:
        cut = tuple(map(float, page.get_mediabox())) != frame
    except Exception:  # no box in the file
        cut = False
    inside = [pair for pair in found if _is_inside(*pair, frame)] if cut else found
    return inside if len(inside) > (1 - _FEW_MARKS) * len(found) else found


def _is_inside(turn: int, glyph: Glyph, frame: Frame) -> bool:
    left, bottom, right, top = frame
    along, across = (glyph.left + glyph.right) / 2, glyph.y
    x, y = (across, along) if turn % 2 else (along, across)
    return left - _OUTSIDE < x < right + _OUTSIDE and bottom - _OUTSIDE < y < top + _OUTSIDE


def turned(glyph: Glyph, turn: int, frame: Frame) -> Glyph:
    """Along the line from left to right, and down the page."""
    left, bottom, right, top = frame
    start, end = sorted((glyph.left, glyph.right))
    if turn == 0:
        glyph.left, glyph.right, glyph.y = start - left, end - left, top - glyph.y
    elif turn == 2:
        glyph.left, glyph.right, glyph.y = right - end, right - start, glyph.y - bottom
    elif turn == DOWN:
        middle = (start + end) / 2
        glyph.left, glyph.y = top - glyph.y - _ASCENT * glyph.size, right - middle
        glyph.right = glyph.left + glyph.size
    elif turn == 1:  # PDFium counts turns clockwise
        glyph.left, glyph.right, glyph.y = top - end, top - start, right - glyph.y
    else:
        glyph.left, glyph.right, glyph.y = start - bottom, end - bottom, glyph.y - left
    return glyph


def downwards(glyphs: Sequence[tuple[int, Glyph]]) -> list[tuple[int, Glyph]]:
    """The same (turn, glyph) pairs; those of a column of Chinese with the turn `DOWN`."""
    marked = list(glyphs)
    run: list[int] = []
    for at, (above, below) in enumerate(pairwise(glyphs)):
        if _is_below(above, below):
            run = run or [at]
            run.append(at + 1)
            continue
        _mark(marked, run)
        run = []
    _mark(marked, run)
    return marked


def _mark(marked: list[tuple[int, Glyph]], run: list[int]) -> None:
    if len(run) >= _FEWEST:
        for at in run:
            marked[at] = DOWN, marked[at][1]


def _is_below(above: tuple[int, Glyph], below: tuple[int, Glyph]) -> bool:
    (turn, one), (other_turn, other) = above, below
    if turn or other_turn or one.char < "\u2e80" or other.char < "\u2e80":
        return False
    size = max(one.size, 1.0)
    middle = (one.left + one.right) / 2 - (other.left + other.right) / 2
    step = one.y - other.y
    return bool(_STEP[0] * size < step < _STEP[1] * size and abs(middle) < _ASIDE * size)
