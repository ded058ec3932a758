"""PDF by PDFium: page numbers, headings by letter size, paragraphs put together from lines."""

import re
import threading
from collections import Counter
from collections.abc import Iterator

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note
from rag.readers.parts.pdf_lines import Line, page_lines
from rag.readers.parts.rich_text import RichText

_pdfium = threading.Lock()  # PDFium must not be used by two threads at once
_PASSWORD_ERROR = 4
_ITEM = re.compile(r"(?:[-•●○▪◦‣*·–]|\(?\d{1,3}[.)、)]|[(（][一二三四五六七八九十\d]+[)）])\s*\S")
_SENTENCE_END = re.compile(r"[。！？；.!?;:：…]['\"”’)）]?$")
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_MAX_HEADING = 120
_MARGIN = 0.07  # of the page's height; about 2 cm


def read_pdf(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by the PDF's first heading, its title property or its file.

    Raises:
        CorpusError: damaged, locked by a password, too many pages, or scanned (no text).
    """
    with _pdfium:
        title, pages = _pages(relative, data, limits)
    if not any(pages):
        raise CorpusError(
            f"{relative} has pages but no text, as scans do; run OCR on it, for example ocrmypdf."
        )
    lines = [line for page in pages for line in page]
    repeated = _furniture(pages)
    words = Counter(word for line in lines for word in re.findall(r"\w+-\w+", line.text))
    sizes = _heading_sizes(lines)
    rich = RichText(relative, limits)
    for number, page in enumerate(pages, 1):
        rich.page = number
        kept = [line for line in page if (_place(line), _shape(line)) not in repeated] or page
        for level, text in _paragraphs(kept, sizes, words):
            if level:
                rich.heading(level, text)
            else:
                rich.paragraph(text)
    note_title = "" if sizes else title
    return rich.note(note_title)


def _pages(relative: str, data: bytes, limits: ReadLimits) -> tuple[str, list[list[Line]]]:
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if raw.FPDF_GetLastError() == _PASSWORD_ERROR or "password" in str(error).lower():
            raise CorpusError(
                f"{relative} is locked by a password; save it without one."
            ) from error
        raise CorpusError(f"{relative} is damaged or no PDF; save it again.") from error
    try:
        count = len(document)
        if count > limits.pages:
            raise CorpusError(f"{relative} has {count} pages; the limit is {limits.pages}.")
        pages: list[list[Line]] = []
        read = 0
        for number in range(count):
            try:
                page = document[number]
                texts = page.get_textpage()
                read += texts.count_chars()
                if read > limits.text_chars:
                    raise CorpusError(
                        f"{relative} holds more than {limits.text_chars} characters of text; "
                        "split it."
                    )
                pages.append(page_lines(raw, texts, float(page.get_height())))
                texts.close()
                page.close()
            except pypdfium2.PdfiumError:  # one broken page does not lose the others
                pages.append([])
        return str(document.get_metadata_dict().get("Title") or ""), pages
    finally:
        document.close()


def _place(line: Line) -> str:
    """Which margin of the page a line stands in; empty for its body."""
    if line.top < _MARGIN * line.height:
        return "top"
    return "bottom" if line.top > (1 - _MARGIN) * line.height else ""


def _shape(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _furniture(pages: list[list[Line]]) -> set[tuple[str, str]]:
    """Headers and footers: the same in the margin of most pages, but for numbers."""
    if len(pages) < 3:
        return set()
    counts = Counter(
        shape
        for page in pages
        for shape in {(_place(line), _shape(line)) for line in page if _place(line)}
    )
    return {shape for shape, count in counts.items() if count > len(pages) / 2}


def _heading_sizes(lines: list[Line]) -> list[float]:
    """Letter sizes clearly above that of the body, the largest first, at most four."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    body = letters.most_common(1)[0][0]
    total = sum(letters.values())
    sizes = [size for size, count in letters.items() if size > 1.12 * body and count < 0.3 * total]
    return sorted(sizes, reverse=True)[:4]


def _paragraphs(
    lines: list[Line], sizes: list[float], words: Counter[str]
) -> Iterator[tuple[int, str]]:
    """(heading level or 0, text) of each piece of a page."""
    group: list[Line] = []
    edge = max((line.right for line in lines), default=0.0)
    for line in lines:
        if group and _starts_anew(group[-1], line, edge):
            yield from _pieces(group, sizes, words)
            group = []
        group.append(line)
    yield from _pieces(group, sizes, words)


def _starts_anew(above: Line, line: Line, edge: float) -> bool:
    gap = line.top - above.top
    size = max(above.size, 1.0)
    if abs(above.size - line.size) > 0.1 * size or _ITEM.match(line.text):
        return True
    if gap > 2.0 * size or gap < -size:  # a blank line, or the next column
        return not (gap < 0 and not _SENTENCE_END.search(above.text))
    # A line that ends early ends its paragraph; an indented one begins another.
    ends_early = above.right < edge - 4 * size and bool(_SENTENCE_END.search(above.text))
    return ends_early or line.left > above.left + 1.2 * size


def _pieces(
    group: list[Line], sizes: list[float], words: Counter[str]
) -> Iterator[tuple[int, str]]:
    if not group:
        return
    text = group[0].text
    for line in group[1:]:
        text = _joined(text, line.text, words)
    text = text.replace("\u00ad", "-" if text.endswith("\u00ad") else "")
    level = sizes.index(group[0].size) + 1 if group[0].size in sizes else 0
    yield (level if len(text) <= _MAX_HEADING else 0), text


def _joined(above: str, below: str, words: Counter[str]) -> str:
    """Two lines of a paragraph as one: no space between Chinese, a parted word made whole."""
    if above.endswith(("\u00ad", "-")) and below[:1].isalpha() and len(above) > 1:
        stem = above[:-1]
        left = re.search(r"\w+$", stem)
        right = re.match(r"\w+", below)
        whole = bool(left and right and f"{left.group()}-{right.group()}" in words)
        keep = whole or (above.endswith("-") and not below[:1].islower())
        return f"{stem}-{below}" if keep else stem + below
    if _CJK.match(above[-1:]) and _CJK.match(below[:1]):
        return above + below
    return f"{above} {below}"
