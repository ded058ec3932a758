"""A table of contents is no text: its lines repeat the headings, and would be found instead."""

import re
from collections.abc import Sequence

from rag.readers.pdf.pdf_layout import Line

_TITLE = re.compile(
    r"(?:table of )?contents|list of (?:figures|tables)|目\s*[录錄次]|图表?目录|表格?目录",
    re.IGNORECASE,
)
_PAGE = r"(?P<page>\d{1,4}|[ivxlc]{1,7})"
_DOTTED = re.compile(rf"\S.*?\s*(?:(?:[.·…‧・．]\s?){{4,}}|…{{2,}})\s*{_PAGE}", re.IGNORECASE)
_PLAIN = re.compile(rf"\S.*\s{_PAGE}", re.IGNORECASE)
_FEWEST = 3  # lines; fewer may be anything


def without_contents(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """The pages without tables of contents: lines of dots that lead to page numbers, and below a
    title that says so lines that end in page numbers which never fall.
    """
    kept: list[list[Line]] = []
    goes_on = False  # from the page before
    for lines in pages:
        dotted = {n for n, line in enumerate(lines) if not line.rows and _is_dotted(line)}
        out = dotted if len(dotted) >= _FEWEST or (goes_on and dotted) else set()
        goes_on = bool(out)
        for number, line in enumerate(lines):
            if not _TITLE.fullmatch(line.text.strip()):
                continue
            below = _listed(lines, number + 1)
            if below or number + 1 in out:
                out |= {number, *below}
                goes_on = True
        kept.append([line for number, line in enumerate(lines) if number not in out])
    return kept if any(kept) else [list(lines) for lines in pages]


def _is_dotted(line: Line) -> bool:
    return _DOTTED.fullmatch(line.text.strip()) is not None


def _listed(lines: Sequence[Line], start: int) -> set[int]:
    """Lines from `start` on that name a heading and its page."""
    found: set[int] = set()
    entries, last = 0, 0
    for number in range(start, len(lines)):
        rows = [" ".join(row) for row in lines[number].rows] or [lines[number].text]
        for row in rows:
            match = _DOTTED.fullmatch(row.strip()) or _PLAIN.fullmatch(row.strip())
            page = _value(match["page"]) if match else -1
            if page < last:
                return found if entries >= _FEWEST else set()
            entries, last = entries + 1, page
        found.add(number)
    return found if entries >= _FEWEST else set()


def _value(page: str) -> int:
    """A page number; Roman ones stand before the others."""
    return int(page) if page.isdecimal() else 0
