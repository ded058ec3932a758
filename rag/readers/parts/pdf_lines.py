"""One page of a PDF → its lines with place and size, by PDFium."""

import ctypes
import statistics
from dataclasses import dataclass
from typing import Any

_HYPHENS = frozenset({0x2, 0xFFFE})  # what PDFium gives for a hyphen that parts a word


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; lengths in points (1/72 inch), `top` from the page's upper edge down."""

    text: str
    size: float
    left: float
    right: float
    top: float
    height: float  # of the page


def page_lines(raw: Any, texts: Any, height: float) -> list[Line]:
    """The lines of a page in PDFium's reading order; a hyphen that parts a word comes as U+00AD.

    `raw` is `pypdfium2.raw`, `texts` the page's `PdfTextPage`.
    """
    lines: list[Line] = []
    codes: list[int] = []
    places: list[int] = []
    for at in range(texts.count_chars()):
        code = int(raw.FPDFText_GetUnicode(texts, at))
        if code in {0xA, 0xD}:
            _end_line(raw, texts, codes, places, height, lines)
        else:
            codes.append(0xAD if code in _HYPHENS else code)
            places.append(at)
    _end_line(raw, texts, codes, places, height, lines)
    return lines


def _end_line(
    raw: Any, texts: Any, codes: list[int], places: list[int], height: float, lines: list[Line]
) -> None:
    text = _decode(codes).strip()
    if text:
        sizes, lefts, rights, tops = [], [], [], []
        step = max(1, len(places) // 6)  # a sample tells the size; every glyph would be slow
        for at in {*places[::step], places[-1]}:
            box = _box(raw, texts, at)
            if box is not None and box[1] > box[0]:
                sizes.append(float(raw.FPDFText_GetFontSize(texts, at)) or box[3] - box[2])
                lefts.append(box[0])
                rights.append(box[1])
                tops.append(height - box[3])
        if sizes:
            size = round(statistics.median(sizes), 1)
            lines.append(Line(text, size, min(lefts), max(rights), statistics.median(tops), height))
        else:
            lines.append(Line(text, 0.0, 0.0, 0.0, 0.0, height))
    codes.clear()
    places.clear()


def _decode(codes: list[int]) -> str:
    """UTF-16 code units → text; halves of pairs that stand alone are dropped."""
    units = b"".join((code & 0xFFFF).to_bytes(2, "little") for code in codes)
    return units.decode("utf-16-le", "ignore")


def _box(raw: Any, texts: Any, at: int) -> tuple[float, float, float, float] | None:
    """Left, right, bottom, top of a character."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    found = raw.FPDFText_GetCharBox(
        texts, at, ctypes.byref(left), ctypes.byref(right), ctypes.byref(bottom), ctypes.byref(top)
    )
    return (left.value, right.value, bottom.value, top.value) if found else None
