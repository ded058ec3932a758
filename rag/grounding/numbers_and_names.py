"""The numbers and the names in a sentence, in one form."""

import re
from decimal import Decimal

from rag.text.language import CJK

_UNIT = (
    r"\s?(?:[%％]|percent\b(?!age)|(?:个百分点|percentage points?\b|pp\b)|(?:万亿|千亿|百亿|十亿|亿"
    r"|千万|百万|十万|万|千(?![克米瓦卡赫])|trillion|billion|million|thousand)(?![A-Za-z])"
    r"|[KMGTP]i?B(?![A-Za-z0-9]))|(?:[KMBTG]|[kb])(?![A-Za-z0-9])"
)
_NUMBER = re.compile(
    # What makes it negative: a dash that joins it to nothing, or a word.
    r"(?P<sign>(?:(?<![A-Za-z0-9_)\]%．.\-])[-−](?=[\d.])|负\s?|\b(?:minus|negative)\s))?"
    r"(?P<percent>百分之\s?)?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:\.\d+)*)"
    r"(?:[eE](?P<e>[-+−]?\d+)(?![A-Za-z0-9])"
    r"|\s?(?:[×x*]|\\times)\s?10\s?(?:\^|\*\*)\s?\{?\(?(?P<times>[-−]?\d+)\)?\}?"
    r"|(?<=(?<!\d)10)(?:\^|\*\*)\{?\(?(?P<power>[-−]?\d+)\)?\}?)?"
    # Its unit, or that of the range which it begins: 5-10%.
    rf"(?:(?P<unit>{_UNIT})|(?=\s?[-–—~～至到]\s?\d+(?:\.\d+)?(?P<ends>{_UNIT})))?",
)
_TIMES = {
    "k": 3, "m": 6, "b": 9, "t": 12, "thousand": 3, "million": 6, "billion": 9, "trillion": 12,
    "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10, "千亿": 11,
    "万亿": 12,
}  # fmt: skip
_POINTS = frozenset(["个百分点", "pp", "percentage point", "percentage points"])


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
    """Numbers of a text in one form, with sign, size and per cent: `1,024` → `1024`, `2.0` → `2`,
    `1e-4` → `0.0001`, `7B` and 70 亿 → `7000000000`, 5％ → `5%`. `3.10` may be a version: it stays.
    """
    return {_one_form(match) for match in _NUMBER.finditer(text)}


def _one_form(match: re.Match[str]) -> str:
    digits = match["digits"].replace(",", "")
    in_a_name = match.string[: match.start("digits")][-1:].isalpha()  # Qwen2.5-7B is no range
    unit = (match["unit"] or (not in_a_name and match["ends"]) or "").strip().lower()
    after = "%" if match["percent"] else _after(unit)
    exponent = match["e"] or match["times"] or match["power"]
    sign = "-" if match["sign"] else ""
    if digits.count(".") > 1 or (_may_be_version(digits) and not (unit or exponent)):
        return sign + digits
    # `10^-4` is a power of ten by itself; `3×10^-4` and `3e-4` a number of them.
    value = Decimal(1) if match["power"] else Decimal(digits)
    shift = int((exponent or "0").replace("−", "-"))
    if abs(shift) > 40 or len(digits) > 40:
        return f"{sign}{digits}e{shift}"
    value = value.scaleb(shift + _TIMES.get(unit, 0))
    told = f"{value:f}"
    told = told.rstrip("0").rstrip(".") if "." in told else told
    return f"{sign}{told or '0'}{after}"


def _after(unit: str) -> str:
    if unit in {"%", "％", "percent"}:
        return "%"
    if unit in _POINTS:
        return "pp"
    return "gb" if unit == "g" else unit if unit.endswith("b") and len(unit) > 1 else ""


def _may_be_version(digits: str) -> bool:
    whole, _, places = digits.partition(".")
    return len(places) > 1 and places.endswith("0") and whole.strip("0") != ""


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
