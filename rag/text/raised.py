"""Raised and lowered letters in plain text: `n^2`, `10^(-5)`, `x_i`; lost, a power is a figure."""

import re
from collections.abc import Iterable
from itertools import groupby

_PLAIN = re.compile(r"[*†‡§¶™®©℠]+|tm|sm|\[[^\[\]]{1,12}\]", re.IGNORECASE)  # no powers
_TRADE_MARK = re.compile(r"[™®©℠]|tm|sm", re.IGNORECASE)
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|ère|e|re|o|a|º|ª|\.)", re.IGNORECASE)
_LONGEST = 60  # characters; more is a remark and no power


def raised(mark: str, inner: str, before: str = "") -> str:
    """`inner` as it stands above (`^`) or below (`_`) what comes `before` it.

    Ordinals (1st), trade marks and marks of footnotes stay as they are.
    """
    words = inner.strip()
    if not words:
        return inner
    ordinal = before[-1:].isdigit() and _ORDINAL.fullmatch(words)
    if not mark or ordinal or _PLAIN.fullmatch(words):
        return inner
    if len(words) > _LONGEST or "\n" in words:
        return f" {words} "
    return f"{mark}{grouped(words)}{' ' if inner[-1:].isspace() else ''}"


def is_no_power(words: str, before: str) -> bool:
    """An ordinal (1st) or a trade mark, which are raised and mean nothing by it."""
    ordinal = before[-1:].isdigit() and words.lower() in {"st", "nd", "rd", "th"}
    named = _TRADE_MARK.fullmatch(words) if before[-1:].isalpha() else None
    return ordinal or named is not None


def grouped(text: str) -> str:
    """In brackets where it is more than one word or figure."""
    text = text.strip()
    closed = text.startswith("(") and text.endswith(")") and text.count("(") == 1
    return text if len(text) < 2 or text.isalnum() or closed else f"({text})"


def with_marks(pieces: Iterable[tuple[str, str]]) -> str:
    """Pieces of a line, (mark, text); those beside each other with one mark belong together."""
    line = ""
    for mark, group in groupby(pieces, key=lambda piece: piece[0]):
        inner = "".join(text for _, text in group)
        line += raised(mark, inner, line) if mark else inner
    return line
