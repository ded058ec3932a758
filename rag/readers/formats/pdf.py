"""PDF by PDFium: page numbers, headings by letter size, paragraphs put together from lines."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note
from rag.readers.parts.long_work import going_on
from rag.readers.parts.pictures import comments_gap
from rag.readers.parts.rich_text import RichText
from rag.readers.pdf.page_contents import has_lost_text
from rag.readers.pdf.page_drawn import Box, fields_of, figures, unread_parts
from rag.readers.pdf.page_pictures import HOW, is_installed, recognised
from rag.readers.pdf.pdf_contents import without_contents
from rag.readers.pdf.pdf_furniture import without_furniture
from rag.readers.pdf.pdf_glyphs import Run, page_text
from rag.readers.pdf.pdf_layout import Line, lines_of
from rag.readers.pdf.pdf_paragraphs import heading_sizes, known_words, numbered_below, paragraphs
from rag.readers.pdf.pdf_tables import Rows, with_header
from rag.readers.pdf.stream_health import damaged_streams, is_cut_off
from rag.readers.pdf.text_health import holds_words, is_text

_pdfium = threading.Lock()  # PDFium must not be used by two threads at once
_PASSWORD_ERROR = 4
_OCR = "run OCR on it, for example ocrmypdf"
_NO_TITLE = frozenset({"untitled", "unspecified", "(anonymous)", "anonymous", "无标题", "title"})
_SHOWN = 20  # page numbers in a sentence


@dataclass(frozen=True, slots=True)
class _Page:
    lines: list[Line]
    state: str = "text"  # or "blank", "picture", "illegible", "unreadable", "broken"
    recognised: bool = False  # its lines were read from a picture of it
    images: tuple[Box, ...] = ()
    remarks: int = 0  # that others have pinned to it
    letters: int = 0  # that PDFium finds, blanks among them


def read_pdf(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by the PDF's first heading, its title property or its file.

    Raises:
        CorpusError: damaged, locked by a password, too many pages, or without any page of text.
    """
    with _pdfium:
        title, pages, beside = _pages(relative, data, limits)
    kept = without_furniture([page.lines for page in pages])
    kept = [lines if lines or page.state in {"picture", "illegible"} else page.lines
            for lines, page in zip(kept, pages, strict=True)]  # fmt: skip
    states = ["text" if lines else page.state for lines, page in zip(kept, pages, strict=True)]
    if not any(kept):
        raise CorpusError(_nothing(relative, states))
    kept = without_contents(kept)
    lines = [line for page in kept for line in page]
    words = known_words(lines)
    sizes = heading_sizes(lines)
    below = numbered_below(lines, sizes)
    rich = RichText(relative, limits)
    rich.gap(*_gaps(states))
    if damaged := damaged_streams(data):
        rich.gap(
            f"{damaged} of its packed parts {'are' if damaged > 1 else 'is'} damaged, so text may "
            "be missing; get the file again. 文件有损坏，可能缺少文字，请重新获取。"
        )
    elif is_cut_off(data):
        rich.gap(
            "Its end is missing, so pages or text may be missing, too; "
            "get the file again. 文件不完整，可能缺页或缺文字，请重新获取。"
        )
    elif has_lost_text(data, sum(page.letters > 0 for page in pages),
                       sum(not page.letters for page in pages)):  # fmt: skip
        rich.gap("It holds text that is on none of its pages, as damaged files do; get the file "
                 "again. 文件有损坏，可能缺少文字，请重新获取。")  # fmt: skip
    counts = figures([() if page.recognised else page.images for page in pages])
    shown = [count if lines else 0 for count, lines in zip(counts, kept, strict=True)]
    rich.gap(*beside, _figures(shown), comments_gap(sum(page.remarks for page in pages)))
    above: Rows = ()  # of a table that the page before ends with
    for number, page in enumerate(kept, 1):
        rich.page = number
        header, above = above, ()
        for place, piece in enumerate(paragraphs(page, sizes, words, below)):
            above = ()
            if piece.rows:
                above = with_header(header, piece.rows) if not place else piece.rows
                rich.table([list(row) for row in above])
            elif piece.code:
                rich.code(piece.text)
            elif piece.level:
                rich.heading(piece.level, piece.text)
            else:
                rich.paragraph(piece.text)
    note = rich.note("" if sizes or title.strip().lower() in _NO_TITLE else title)
    found = (number for number, page in enumerate(pages, 1) if page.recognised)
    return replace(note, recognised=tuple(found))


def _pages(relative: str, data: bytes, limits: ReadLimits) -> tuple[str, list[_Page], list[str]]:
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
        with suppress(Exception):  # what stands in fields of a form
            document.init_forms()
        count = len(document)
        if count > limits.pages:
            raise CorpusError(f"{relative} has {count} pages; the limit is {limits.pages}.")
        pages: list[_Page] = []
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
                letters = texts.count_chars()
                pages.append(replace(_page(raw, document, page, texts), letters=letters))
                texts.close()
                page.close()
            except pypdfium2.PdfiumError:  # one broken page does not lose the others
                pages.append(_Page([], "broken"))
        if limits.ocr and is_installed():
            _recognise(document, pages)
        title = str(document.get_metadata_dict().get("Title") or "")
        return title, pages, unread_parts(document)
    finally:
        document.close()


def _recognise(document: Any, pages: list[_Page]) -> None:
    """Read the pages that have no text from pictures of them."""
    without = [n for n, page in enumerate(pages) if page.state in {"picture", "unreadable"}]
    for done, number in enumerate(without):
        going_on(done, len(without))
        page = document[number]
        runs, height = recognised(page)
        page.close()
        lines = lines_of(runs, height)
        text = "\n".join(line.text for line in lines)
        # In the place of a running head's few letters.
        if lines and is_text(text, len(text), 0) and holds_words(text):
            pages[number] = _Page(lines, recognised=True)
        elif pages[number].state == "picture":
            pages[number] = replace(pages[number], state="illegible")


def _page(raw: object, document: Any, page: Any, texts: object) -> _Page:
    found = page_text(raw, page, texts)
    runs = list(found.runs)
    fields, remarks = fields_of(raw, document, page, found.height)
    below = found.height if page.get_rotation() else 0.0  # of a turned page they come last
    runs += [Run(f.text, f.size, f.left, f.right, f.y + below) for f in fields]
    lines = lines_of(runs, found.height, found.rules)
    code = sum(len(line.text) for line in lines if line.pitch) > 0.5 * found.letters
    if not is_text("\n".join(line.text for line in lines), found.letters, found.strange, code):
        return _Page([], "unreadable", remarks=remarks)
    if lines and not found.picture:
        return _Page(lines, images=found.images, remarks=remarks)
    return _Page(lines, "picture" if found.things else "blank", remarks=remarks)


def _figures(counts: Sequence[int]) -> str:
    """What is said of pictures on pages with text."""
    pages = [number for number, count in enumerate(counts, 1) if count]
    if not pages:
        return ""
    many = f"{sum(counts)} pictures" if sum(counts) > 1 else "a picture"
    verb = "are" if sum(counts) > 1 else "is"
    return (f"{_numbers(pages)}: {many} (figures or formulas) {verb} not read; put what matters "
            "into words. 图片（插图或公式）未读取。")  # fmt: skip


def _gaps(states: Sequence[str]) -> list[str]:
    said = {
        "picture": f"no text (a scan or a picture); {_how()}{_OCR}. 这些页没有文字，请先 OCR。",
        "illegible": "no text that OCR recognises (a picture). 图片中识别不出文字。",
        "unreadable": f"a text layer that cannot be decoded; {_how()}run OCR on it, for example "
        "ocrmypdf --force-ocr. 这些页的文字无法解码，请先 OCR。",
        "broken": "damage and cannot be read; save the file again. 这些页已损坏。",
    }
    return [
        f"{_numbers(pages)} {'have' if len(pages) > 1 else 'has'} {text}"
        for state, text in said.items()
        if (pages := [number for number, found in enumerate(states, 1) if found == state])
    ]


def _numbers(pages: Sequence[int]) -> str:
    """`Pages 3, 7-9`."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], page]
        else:
            runs.append([page])
    shown = ", ".join("-".join(map(str, run)) for run in runs[:_SHOWN])
    more = f" and others, {len(pages)} in all," if len(runs) > _SHOWN else ""
    return f"Page{'s' if len(pages) > 1 else ''} {shown}{more}"


def _nothing(relative: str, states: Sequence[str]) -> str:
    if "unreadable" in states:
        return (
            f"{relative} has a text layer that cannot be decoded, as some fonts do; {_how()}"
            "run OCR on it, for example ocrmypdf --force-ocr. 文字层无法解码，请先 OCR。"
        )
    if "broken" in states:
        return f"{relative} is damaged; save it again."
    if "illegible" in states:
        return f"{relative} has no text that OCR recognises, only pictures. 图片中识别不出文字。"
    return f"{relative} has pages but no text, as scans do; {_how()}{_OCR}."


def _how() -> str:
    """The extra that would read the page, by name, where it is not installed."""
    return "" if is_installed() else HOW
