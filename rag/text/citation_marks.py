"""The marks by which a sentence cites: `[1]`, or several in a row as `[1][2]`."""

import re
from collections.abc import Iterator

_MARK = re.compile(r"\[(\d+)\]")
_MARKS = re.compile(r"\s*(?:\[\d+\])+")
_PART = re.compile(r"((?:(?!\[\d+\])[^\n])*)((?:\[\d+\])*)")
_BEHIND_STOP = re.compile(r"([。.!?\uff01\uff1f])\s*((?:\[\d+\]\s*)+)")


def marks(numbers: tuple[int, ...]) -> str:
    """The marks that name some citations."""
    return "".join(f"[{number}]" for number in numbers)


def marked_numbers(text: str) -> list[int]:
    """The numbers of a text's marks, in their order."""
    return [int(number) for number in _MARK.findall(text)]


def marked_parts(text: str) -> Iterator[tuple[str, list[int]]]:
    """The text of each line up to its next marks, and their numbers. Other brackets are text."""
    for match in _PART.finditer(text):
        yield match[1], marked_numbers(match[2])


def without_marks(text: str) -> str:
    """A text without its marks and the blanks before them."""
    return _MARKS.sub("", text)


def marks_as_text(text: str) -> str:
    """A `[2]` in a note's own words, so written that it is no mark."""
    return _MARK.sub(r"〔\1〕", text)


def marks_before_stops(text: str) -> str:
    """Marks that stand behind the end of a sentence, drawn into it."""
    return _BEHIND_STOP.sub(lambda match: "".join(match[2].split()) + match[1] + " ", text)
