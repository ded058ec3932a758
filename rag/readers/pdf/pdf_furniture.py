"""Running headers, footers and page numbers: what the pages of a book carry beside their text.

A line is one only where the pages prove it: the same words in the same place on several pages, a
number that counts the pages, or, in a place that is proven to be a header's, the words of a
heading. The first line of a page that merely resembles those of others but for its numbers is text.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from rag.readers.pdf.pdf_layout import Line

_MARGIN = 0.1  # of the page's height
_LONGEST = 100  # characters of a heading
_TITLE = 1.3  # times the letters of the text; a running header is not so large
_FEWEST = 3  # pages that prove something
_NUMBER = re.compile(
    r"\W{0,3}(?:page|seite|p\.|第)?\W{0,3}(?P<n>\d{1,4}|[ivxl]{1,7})\W{0,3}"
    r"(?:页|(?:of|/|von|共)?\W{0,3}\d{0,4}\W{0,3}页?)",
    re.IGNORECASE,
)
_NUMBER_FIRST = re.compile(r"(\d{1,4})\s+(\D.*)")  # and the same words on each page
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_PARTS = re.compile(r"\s*[|·•—–]\s*|\s{2,}|\t")

Place = tuple[str, int, float]  # which margin, how far from the edge, letter size


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages' lines without those that are not the text's."""
    if len(pages) < _FEWEST:
        return [list(page) for page in pages]
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page:
            letters[line.size] += len(line.text)
    body = letters.most_common(1)[0][0] if letters else 0.0
    # What is much larger than the text is a title, such as slides repeat.
    proven = {key for key in _repeated(pages) if key[0][2] <= _TITLE * body}
    counting = _counting(pages)
    taken = {place for place, _ in proven}
    headings = {
        _bare(line.text)
        for page in pages
        for line in page
        if len(line.text) < _LONGEST and _place(line) not in taken
    }
    places = Counter(place for place, _ in proven)
    slots = _slots(pages)
    kept = []
    for page in pages:
        lines = []
        for line in page:
            place = _place(line)
            if place is None:
                lines.append(line)
            elif (
                (place, line.text) in proven
                or (place, line.text) in counting
                or _is_header(line, place, page, headings, slots, len(pages), places)
            ):
                continue
            else:
                lines.append(line)
        kept.append(lines)
    return kept


def _place(line: Line) -> Place | None:
    """Where in a margin a line stands; None for the body of the page."""
    if line.rows or line.height <= 0:
        return None
    if line.top < _MARGIN * line.height:
        return "top", round(line.top / 3), line.size
    if line.top > (1 - _MARGIN) * line.height:
        return "bottom", round((line.height - line.top) / 3), line.size
    return None


def _repeated(pages: Sequence[Sequence[Line]]) -> set[tuple[Place, str]]:
    """Word for word the same in the same place on three pages or more."""
    counts = Counter(
        (place, line.text) for page in pages for line in page if (place := _place(line)) is not None
    )
    return {key for key, count in counts.items() if count >= _FEWEST}


def _counting(pages: Sequence[Sequence[Line]]) -> set[tuple[Place, str]]:
    """Numbers that go up with the pages, by themselves or beside repeated words."""
    found: dict[tuple[str, int, str], list[tuple[Place, str]]] = defaultdict(list)
    for at, page in enumerate(pages):
        for line in page:
            place = _place(line)
            number = _number(line) if place is not None else None
            if number is not None and place is not None:
                found[place[0], number - at, ""].append((place, line.text))
            elif place is not None and (first := _NUMBER_FIRST.fullmatch(line.text)):
                found[place[0], int(first[1]) - at, first[2]].append((place, line.text))
    enough = min(_FEWEST, max(2, sum(1 for page in pages if page)))
    return {key for keys in found.values() if len(keys) >= enough for key in keys}


def _number(line: Line) -> int | None:
    """The page number that a line is, or that stands apart in it at one of its ends."""
    match = _NUMBER.fullmatch(line.text.strip())
    if match is None:
        parts = [part for part in _PARTS.split(line.text.strip()) if part]
        if len(parts) < 2 and line.pieces > 1:
            parts = [line.text.split()[0], line.text.split()[-1]]
        for part in (parts[0], parts[-1]) if len(parts) > 1 else ():
            match = _NUMBER.fullmatch(part)
            if match:
                break
    if match is None:
        return None
    digits = match.group("n").lower()
    if digits.isdecimal():
        return int(digits)
    values = [_ROMAN[char] for char in digits]
    return sum(-v if v < max(values[at:]) else v for at, v in enumerate(values))


def _slots(pages: Sequence[Sequence[Line]]) -> Counter[Place]:
    """On how many pages a line stands in each place, apart from the text below or above it."""
    return Counter(
        place for page in pages
        for place in {_place(line) for line in page if _stands_apart(line, page)}
        if place is not None
    )  # fmt: skip


def _stands_apart(line: Line, page: Sequence[Line]) -> bool:
    others = [other for other in page if other is not line and not other.rows]
    gaps = [abs(other.top - line.top) for other in others]
    return min(gaps, default=1e9) > 1.6 * line.size


def _is_header(
    line: Line,
    place: Place,
    page: Sequence[Line],
    headings: set[str],
    slots: Counter[Place],
    count: int,
    proven: Counter[Place],
) -> bool:
    """In a place where most pages have such a line, and made of the words of headings."""
    if slots[place] < max(_FEWEST, 0.6 * count) or not _stands_apart(line, page):
        return False
    parts = [_bare(part) for part in _PARTS.split(line.text)]
    named = [part for part in parts if part and not part.isdecimal()]
    others = headings - {_bare(line.text)} if len(parts) < 2 else headings
    if any(part in others for part in named):
        return True
    # Between the pages that carry the same words there stand, as in books, the chapter's.
    return proven[place] > 0 and len(parts) > 1


def _bare(text: str) -> str:
    return re.sub(r"^[\W\d]+", "", " ".join(text.split())).strip().lower()
