"""The numbers and the names in a sentence, in one form."""

import re

from rag.text.language import CJK

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-+.][A-Za-z0-9]+)*")


_COMMON_NAMES = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "in",
        "on",
        "for",
        "with",
        "to",
        "is",
        "are",
        "it",
        "its",
        "as",
        "by",
        "from",
        "that",
        "this",
        "which",
        "while",
        "be",
        "can",
        "not",
        "more",
        "less",
        "than",
        "but",
        "also",
        "such",
        "when",
        "each",
        "both",
        "into",
        "only",
        "at",
        "one",
        "two",
    ]
)


def numbers(text: str) -> set[str]:
    """Numbers of a text in one form: `1,024` → `1024`, `2.0` → `2`."""
    found = set()
    for match in _NUMBER.findall(text):
        number = re.sub(r",(?=\d{3})", "", match)
        number = number.rstrip("0").rstrip(".") if "." in number else number
        found.add(number.lstrip("0") or "0")
    return found


def latin_words(text: str) -> set[str]:
    """Every Latin word or abbreviation of a text, lower case."""
    return {name.lower() for name in _NAME.findall(text)}


def names(text: str) -> set[str]:
    """Names that must not be invented: any Latin word in a Chinese text; in an English one,
    words with a capital that does not just begin the sentence, or with digits."""
    chinese = bool(CJK.search(text))
    found = set()
    for match in _NAME.finditer(text):
        name = match.group()
        capitals = sum(1 for char in name if char.isupper())
        inside = match.start() > 0 and text[: match.start()].rstrip()[-1:] not in ".!?:"
        strong = capitals >= 2 or any(char.isdigit() for char in name)
        if name.lower() in _COMMON_NAMES or len(name) == 1:
            continue
        if strong or chinese or (capitals == 1 and name[0].isupper() and inside):
            found.add(name)
    return found
