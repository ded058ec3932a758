"""Where the sentences of a text begin and end (Chinese and English)."""

import re

_SENTENCE_END = re.compile(
    # "?" and "!" within an address or before an image end nothing: ![x](https://a.b/c?d=e)
    r"(?:[。\uff01\uff1f…]|[!?](?![A-Za-z0-9_=/&#]|\[[^\]\n]*\]\())+[”’」』)\]\uff09】]*|\.(?=[\s”\"')\]]|$)[”\"')\]]*|\n+"
)


_FORMULA = re.compile(
    r"(?<!\\)\\\((?:[^\n\\]|\\[^)\n]){0,2000}\\\)|(?<!\\)\\\[(?:[^\\]|\\[^\]]){0,4000}\\\]"
)


_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|etc|vs|cf|Fig|Eq|Dr|Mr|Ms|No|approx)|\b[A-Z])$"
)


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Spans of the sentences of `text[start:end]`, white space trimmed.

    Chinese and Latin sentence ends and line breaks are boundaries; a dot inside a number, after
    a single capital or after a common abbreviation is not.
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
        if match.group().startswith(".") and _ABBREVIATION.search(text[begin : match.start()]):
            continue
        _append_trimmed(spans, text, begin, match.end())
        begin = match.end()
    _append_trimmed(spans, text, begin, end)
    return spans


def _formulas(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where formulas in `\\( \\)` and `\\[ \\]` stand, the last first; nothing ends within them."""
    if text.find("\\(", start, end) < 0 and text.find("\\[", start, end) < 0:
        return []
    return [match.span() for match in _FORMULA.finditer(text, start, end)][::-1]


def _append_trimmed(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))
