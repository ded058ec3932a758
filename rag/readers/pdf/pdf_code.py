"""Lines in letters of one width: code keeps its lines and indents; typewritten prose is prose."""

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile

from rag.readers.pdf.pdf_layout import Line

_SIGNS = re.compile(
    r"[(){}\[\]=;<>_#$@|\\]|->|::|^\s{2,}\S|\b(?:def|return|import|if|for|int|let)\b"
)
_FEWEST = 2  # lines
_SHARE = 0.5  # of them with signs of code
_BLANK = 1.8  # times the usual step between two lines


def code_at(lines: Sequence[Line], at: int) -> tuple[int, str]:
    """How many lines from one on are code, and the code; 0 where they are none."""
    found = list(takewhile(lambda line: line.pitch > 0 and not line.rows, lines[at:]))
    found = found[: _together(found)]
    if len(found) < _FEWEST:
        return 0, ""
    left = min(line.left for line in found)
    pitch = max(min(line.pitch for line in found), 0.1)
    shown = [" " * round((line.left - left) / pitch) + line.text for line in found]
    if sum(bool(_SIGNS.search(line)) for line in shown) < _SHARE * len(shown):
        return 0, ""
    steps = sorted(low.top - high.top for high, low in pairwise(found))
    usual = steps[len(steps) // 2]
    text = shown[0]
    for (above, line), said in zip(pairwise(found), shown[1:], strict=True):
        text += ("\n\n" if line.top - above.top > _BLANK * usual else "\n") + said
    return len(found), text


def _together(lines: Sequence[Line]) -> int:
    """How many of them stand one below the other, not in the next column."""
    for at in range(1, len(lines)):
        if not 0 < lines[at].top - lines[at - 1].top < 4 * lines[at].size:
            return at
    return len(lines)
