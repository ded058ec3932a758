"""Where the sentences of a text begin and end (Chinese and English)."""

import re

_SENTENCE_END = re.compile(
    # "?" and "!" within an address or before an image end nothing: ![x](https://a.b/c?d=e)
    r"(?:[。\uff01\uff1f…]|[!?](?![A-Za-z0-9_=/&#]|\[[^\]\n]*\]\())+[”’」』)\]\uff09】]*|\.(?=[\s”\"')\]]|$)[”\"')\]]*|\n+"
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
    for match in _SENTENCE_END.finditer(text, start, end):
        if match.group().startswith(".") and _ABBREVIATION.search(text[begin : match.start()]):
            continue
        _append_trimmed(spans, text, begin, match.end())
        begin = match.end()
    _append_trimmed(spans, text, begin, end)
    return spans


def _append_trimmed(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))
