"""A key point with a gap, to be recalled: what it emphasises, else a quantity."""

import re

GAP = "____"
_EMPHASISED = re.compile(r"\*\*([^*\n]{2,40})\*\*")
# A number with what it counts; not one within a name (`GPT-4`), a formula or code.
_QUANTITY = re.compile(
    r"(?<![\w.\-$\\{^])\d[\d,.]*\d*(?:\s?(?:%|％|[KMGT]i?B\b|[BMK]\b|ms\b|倍|万|亿|个|层|位|步|天|年|米))+"
)
_MATHS = re.compile(r"\$[^$\n]+\$|`[^`\n]+`")


def with_gap(text: str) -> str:
    """The text with one gap; "" where nothing in it is worth one alone."""
    maths = [match.span() for match in _MATHS.finditer(text)]
    for pattern in (_EMPHASISED, _QUANTITY):
        for match in pattern.finditer(text):
            if not any(start <= match.start() < end for start, end in maths):
                return f"{text[: match.start()]}{GAP}{text[match.end() :]}"
    return ""
