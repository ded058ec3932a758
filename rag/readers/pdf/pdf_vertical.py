"""Chinese set from top to bottom: letters below each other are a line, the next stands to its left.

PDFium tells such letters one by one; read across, their columns look like the cells of a table.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

DOWN = 4  # beside the four quarter turns that letters may have
_FEWEST = 8  # letters below each other; fewer may be labels in a table
_STEP = (0.6, 2.2)  # of the letter size, from one letter to the next
_ASIDE = 0.35  # of the letter size, by which they may stand beside each other


def downwards(glyphs: Sequence[tuple[int, Any]]) -> list[tuple[int, Any]]:
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


def _mark(marked: list[tuple[int, Any]], run: list[int]) -> None:
    if len(run) >= _FEWEST:
        for at in run:
            marked[at] = DOWN, marked[at][1]


def _is_below(above: tuple[int, Any], below: tuple[int, Any]) -> bool:
    (turn, one), (other_turn, other) = above, below
    if turn or other_turn or one.char < "\u2e80" or other.char < "\u2e80":
        return False
    size = max(one.size, 1.0)
    middle = (one.left + one.right) / 2 - (other.left + other.right) / 2
    step = one.y - other.y
    return bool(_STEP[0] * size < step < _STEP[1] * size and abs(middle) < _ASIDE * size)
