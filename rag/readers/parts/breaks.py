"""Where a long block may be cut without harm."""

from itertools import pairwise

from rag.text.sentences import sentence_spans

_MAX_UNBROKEN = 1_500  # characters


def sentence_breaks(text: str, start: int, end: int) -> tuple[int, ...]:
    """Where sentences begin inside `text[start:end]`, the first one left out."""
    breaks = tuple(begin for begin, _ in sentence_spans(text, start, end) if begin > start)
    return with_hard_breaks(text, start, end, breaks)


def with_hard_breaks(text: str, start: int, end: int, breaks: tuple[int, ...]) -> tuple[int, ...]:
    """`breaks`, and more where they are too far apart: at a space, else anywhere.

    A megabyte without a full stop (data, minified code) must not become one chunk.
    """
    if all(right - left <= _MAX_UNBROKEN for left, right in pairwise((start, *breaks, end))):
        return breaks
    filled: list[int] = []
    for left, right in pairwise((start, *breaks, end)):
        if left > start:
            filled.append(left)
        while right - left > _MAX_UNBROKEN:
            space = text.rfind(" ", left + _MAX_UNBROKEN // 2, left + _MAX_UNBROKEN)
            left = space + 1 if space > 0 else left + _MAX_UNBROKEN
            filled.append(left)
    return tuple(filled)
