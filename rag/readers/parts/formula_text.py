"""What the formulas of pages (MathML) and of office files (OMML) have in common as text."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from rag.text.raised import grouped

# What stands above or below a letter, by the sign that the file names, as a combining one.
_ACCENTS = {
    "^": "\u0302", "ˆ": "\u0302", "\u0302": "\u0302", "~": "\u0303", "˜": "\u0303",
    "\u0303": "\u0303", "¯": "\u0304", "‾": "\u0304", "\u0304": "\u0304", "\u0305": "\u0304",
    "ˉ": "\u0304", "_": "\u0332", "\u0332": "\u0332", "→": "\u20d7", "\u20d7": "\u20d7",
    "˙": "\u0307", "\u0307": "\u0307", "¨": "\u0308", "\u0308": "\u0308",
    "ˇ": "\u030c", "\u030c": "\u030c", "˘": "\u0306", "\u0306": "\u0306", "´": "\u0301",
    "\u0301": "\u0301", "`": "\u0300", "\u0300": "\u0300",
}  # fmt: skip
_NAMES = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0332": "underline",
          "\u20d7": "vec", "\u0307": "dot", "\u0308": "ddot"}  # fmt: skip


def accented(base: str, sign: str) -> str | None:
    """A letter with its accent, `hat(ab)` for several; None where the sign is no accent."""
    accent = _ACCENTS.get(sign.strip() or sign)
    if accent is None:
        return None
    base = base.strip()
    return base + accent if len(base) == 1 else f"{_NAMES.get(accent, 'accent')}({base})"


def beside(parts: Sequence[str]) -> str:
    """Parts of a formula in a row; a fraction stays apart from the letters beside it."""
    line = parts[0] if parts else ""
    for last, part in pairwise(parts):
        apart = ("/" in last or "/" in part) and last[-1:].isalnum() and part[:1].isalnum()
        line += f" {part}" if apart else part
    return line


def fraction(above: str, below: str) -> str:
    return f"{grouped(above)}/{grouped(below)}"


def matrix(rows: Iterable[Sequence[str]]) -> str:
    """`[1, 2; 3, 4]`."""
    return f"[{'; '.join(', '.join(cell.strip() for cell in row) for row in rows)}]"
