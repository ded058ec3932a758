"""Lines of a page → headings, paragraphs and tables."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from rag.readers.pdf.pdf_code import code_at
from rag.readers.pdf.pdf_layout import Line

_ITEM = re.compile(
    r"(?:[-•●○▪◦‣*·–]|\(?\d{1,3}[.)、)](?!\d)|[(（][一二三四五六七八九十\d]+[)）])\s*\S"
)
_SENTENCE_END = re.compile(r"[。！？；.!?;:：…]['\"”’)）]?$")
_CJK = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_SPACED = re.compile(rf"(?<={_CJK.pattern}) (?={_CJK.pattern})")
_MAX_HEADING = 120
NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2})*\.?\s+\S|第[一二三四五六七八九十\d]+[章节]")
_HALF_BEFORE, _HALF_AFTER = re.compile(r"^\w+"), re.compile(r"\w+[-\u00ad]$")
_BOLD = 0.05  # points that a bold line counts as larger
# First halves of words that are written with a hyphen.
_HALVES = (
    "self non long short low high well post cross open real end zero few one two three first "
    "second large small left right fine state multi semi"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading (level 1 to 6), a paragraph (level 0), a table, or code."""

    level: int
    text: str
    rows: tuple[tuple[str, ...], ...] = ()
    code: bool = False


def known_words(lines: Sequence[Line]) -> Counter[str]:
    """The words of a file, those with a hyphen as well."""
    words: Counter[str] = Counter()
    parted = False  # the line above ends with a hyphen: what begins this one is half a word
    for line in lines:
        text = line.text.lower()
        text = _HALF_BEFORE.sub("", text) if parted else text
        parted = text.endswith(("-", "\u00ad"))
        text = _HALF_AFTER.sub("", text) if parted else text
        words.update(re.findall(r"\w+-\w+", text))
        words.update(re.findall(r"\w+", text))
    return words


def heading_sizes(lines: Sequence[Line]) -> list[float]:
    """Letter sizes of headings, the largest first, at most four; bold counts as a little larger."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[_size(line)] += len(line.text)
    body = letters.most_common(1)[0][0]
    total = sum(letters.values())
    plain = body == round(body, 1)
    sizes = []
    for size, count in letters.items():
        bold = plain and size != round(size, 1) and size > body
        if (size > 1.12 * body or bold) and count < 0.3 * total:
            sizes.append(size)
    return sorted(sizes, reverse=True)[:4]


def numbered_below(lines: Sequence[Line], sizes: Sequence[float]) -> set[float]:
    """Sizes whose numbered headings stand below one without a number: `1.2 Data` below a title."""
    first = next((line for line in lines if _size(line) in sizes), None)
    return set() if first is None or NUMBERED.match(first.text) else {_size(first)}


def _size(line: Line) -> float:
    heading = line.bold and len(line.text) <= _MAX_HEADING and not _SENTENCE_END.search(line.text)
    return line.size + (_BOLD if heading and not line.rows and line.pieces < 3 else 0.0)


def paragraphs(
    lines: Sequence[Line],
    sizes: Sequence[float],
    words: Counter[str],
    below: Container[float] = (),
) -> Iterator[Piece]:
    """The pieces of a page in order; numbered headings of the sizes `below` are a level deeper."""
    group: list[Line] = []
    passed = 0  # lines that are code
    for at, line in enumerate(lines):
        if at < passed:
            continue
        count, code = code_at(lines, at) if line.pitch else (0, "")
        if count:
            yield from _pieces(group, sizes, words, below)
            group, passed = [], at + count
            yield Piece(0, code, code=True)
            continue
        if line.rows:
            yield from _pieces(group, sizes, words, below)
            group = []
            yield Piece(0, line.text, line.rows)
            continue
        if group and _starts_anew(group[-1], line, _edge(lines, at)):
            yield from _pieces(group, sizes, words, below)
            group = []
        group.append(line)
    yield from _pieces(group, sizes, words, below)


def _edge(lines: Sequence[Line], at: int) -> float:
    """How far to the right the lines of this column go."""
    near = [line for line in lines[max(0, at - 8) : at + 8]
            if abs(line.left - lines[at].left) < 4 * lines[at].size]  # fmt: skip
    return max((line.right for line in near), default=0.0)


def _starts_anew(above: Line, line: Line, edge: float) -> bool:
    gap = line.top - above.top
    size = max(above.size, 1.0)
    if abs(_size(above) - _size(line)) > 0.1 * size or _ITEM.match(line.text):
        return True
    if line.bold and NUMBERED.match(line.text) and not _SENTENCE_END.search(line.text):
        return True
    if _size(above) != above.size and _size(line) == line.size:
        return True  # a bold heading above the text
    if gap > 2.0 * size or gap < -size:  # a blank line, or the next column
        return not (gap < 0 and not _SENTENCE_END.search(above.text))
    # A line that ends early ends its paragraph; an indented one begins another.
    ends_early = above.right < edge - 4 * size and bool(_SENTENCE_END.search(above.text))
    return ends_early or line.left > above.left + 1.2 * size


def _pieces(
    group: Sequence[Line],
    sizes: Sequence[float],
    words: Counter[str],
    below: Container[float],
) -> Iterator[Piece]:
    if not group:
        return
    text = group[0].text
    for line in group[1:]:
        text = _joined(text, line.text, words)
    text = text.replace("\u00ad", "-" if text.endswith("\u00ad") else "")
    if len(_SPACED.findall(text)) > 0.3 * max(len(_CJK.findall(text)), 1):
        text = _SPACED.sub("", text)  # letters set apart
    size = _size(group[0])
    level = sizes.index(size) + 1 if size in sizes else 0
    if level and size in below and NUMBERED.match(text):
        level += 1
    yield Piece(level if len(text) <= _MAX_HEADING else 0, text)


def _joined(above: str, below: str, words: Counter[str]) -> str:
    """Two lines of a paragraph as one: no space between Chinese, a parted word made whole."""
    if above.endswith(("\u00ad", "-")) and below[:1].isalpha() and len(above) > 1:
        return f"{above[:-1]}{'-' if _keeps_hyphen(above, below, words) else ''}{below}"
    if _CJK.match(above[-1:]) and _CJK.match(below[:1]):
        return above + below
    return f"{above} {below}"


def _keeps_hyphen(above: str, below: str, words: Counter[str]) -> bool:
    left = re.search(r"[^\W_]+$", above[:-1].lower())
    right = re.match(r"[^\W_]+", below.lower())
    if not left or not right:
        return True
    first, second = left.group(), right.group()
    if f"{first}-{second}" in words:
        return True
    if first + second in words:
        return False
    if above.endswith("-") and not below[:1].islower():
        return True
    return first in _HALVES.split() or (first in words and second in words and len(second) > 2)
