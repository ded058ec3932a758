"""Where the sentences of a text begin and end (Chinese and English)."""

import re

_SENTENCE_END = re.compile(
    # "?" and "!" within an address or before an image end nothing: ![x](https://a.b/c?d=e)
    r"(?:[。\uff01\uff1f…]|[!?](?![A-Za-z0-9_=/&#]|\[[^\]\n]*\]\())+[”’」』)\]\uff09】]*|\.(?=[\s”\"')\]]|$)[”\"')\]]*|\n+"
)


_FORMULA = re.compile(
    r"(?<!\\)\\\((?:[^\n\\]|\\[^)\n]){0,2000}\\\)|(?<!\\)\\\[(?:[^\\]|\\[^\]]){0,4000}\\\]"
)


# Set apart from the lines around it. What announces it says nothing without it.
_DISPLAYED = re.compile(
    r"(?<![\\$])\$\$(?!\$)(?:[^$]|\\\$){1,4000}?\$\$|(?<!\\)\\\[(?:[^\\]|\\[^\]]){0,4000}\\\]"
)
_COMPLETE = (*"。.!?\uff01\uff1f…”’」』)]\uff09】|>", "$$", "\\]")


_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|etc|vs|cf|Fig|Eq|Dr|Mr|Ms|No|approx)|\b[A-Z])$"
)


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Spans of the sentences of `text[start:end]`, white space trimmed.

    Chinese and Latin sentence ends and line breaks are boundaries; a dot inside a number, after
    a single capital or after a common abbreviation is not. A displayed formula belongs to the
    words that announce it.
    """
    end = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    begin = start
    formulas = _formulas(text, start, end)
    for match in _SENTENCE_END.finditer(text, start, end):
        while formulas and formulas[-1][1] <= match.start():
            formulas.pop()
        if formulas and formulas[-1][0] < match.start():
            continue
        if (
            match.group().startswith("\n")
            and text[begin : match.start()].strip()
            and not text[begin : match.start()].rstrip().endswith(_COMPLETE)
            and _DISPLAYED.match(text, match.end(), end)
        ):
            continue
        if match.group().startswith(".") and _ABBREVIATION.search(text[begin : match.start()]):
            continue
        _append_trimmed(spans, text, begin, match.end())
        begin = match.end()
    _append_trimmed(spans, text, begin, end)
    return spans


def _formulas(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where formulas stand within which nothing ends, the last first: all but `$ $`, which is
    within a line and may be money."""
    found: list[tuple[int, int]] = []
    if text.find("\\(", start, end) >= 0 or text.find("\\[", start, end) >= 0:
        found = [match.span() for match in _FORMULA.finditer(text, start, end)]
    if text.find("$$", start, end) >= 0:
        found += [match.span() for match in _DISPLAYED.finditer(text, start, end)]
    return sorted(found, reverse=True)


def _append_trimmed(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))
