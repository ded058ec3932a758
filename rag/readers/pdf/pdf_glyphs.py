"""One page of a PDF → runs of letters with place, size and weight, by PDFium.

PDFium tells the letters in the order in which they are drawn; where they stand is what counts here.
A run goes on while the next letter stands beside the last one on the same line; raised and lowered
letters become `^` and `_`, so that a power is not read as a figure.
"""

import ctypes
import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rag.readers.pdf.page_drawn import Box, drawn, whole
from rag.readers.pdf.page_figures import drawings, paths_of
from rag.readers.pdf.pdf_places import DOWN, Glyph, downwards, frame_of, seen, turned
from rag.text.raised import is_no_power
from rag.text.symbol_font import as_letters

_BLANKS = frozenset({0x20, 0xA, 0xD, 0x9, 0xA0, 0x3000})
_HYPHENS = frozenset({0x2, 0xFFFE})  # what PDFium gives for a hyphen that parts a word
_WIDE_GAP = 0.9  # of the letter size; more ends a run
_CJK_GAP = 0.7  # more between Chinese characters is a blank
_SMALL = 0.82  # raised and lowered letters are at most so large
_TIGHT = 0.12  # of the letter size; no blank stands in so little, whatever PDFium says
_RAISED, _LOWERED = 0.18, 0.08  # of the line's letter size
_CJK = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_BOLD = re.compile(r"bold|black|heavy|semib|demi", re.IGNORECASE)
_SIGNS = re.compile(r"wingdings|symbol", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consol|menlo|typewriter|cmtt|lmtt|fixed", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Run:
    """Letters beside each other; lengths in points (1/72 inch), `y` (the baseline) downwards."""

    text: str
    size: float
    left: float
    right: float
    y: float
    bold: bool = False
    mono: bool = False  # in letters of one width, as code is


@dataclass(frozen=True, slots=True)
class PageText:
    """What a page says, turned so that most of its text runs from left to right.

    Attributes:
        strange: letters that no text has: private use, unmapped, control.
        rules: thin lines that are drawn across, as (left, right, y): bars of fractions.
        things: how much is drawn beside letters.
        picture: an image takes most of the page.
        images: the boxes of its images and drawings that are no mere signs.
    """

    runs: tuple[Run, ...]
    width: float
    height: float
    letters: int
    strange: int
    rules: tuple[tuple[float, float, float], ...] = ()
    things: int = 0
    picture: bool = False
    images: tuple[Box, ...] = ()


def page_text(raw: Any, page: Any, texts: Any) -> PageText:
    """The runs of a page. `raw` is `pypdfium2.raw`, `texts` the page's `PdfTextPage`."""
    left, bottom, right, top = frame = frame_of(page)
    found = downwards(seen(_glyphs(raw, texts), page, frame))
    turns = Counter(turn for turn, _ in found)
    main = turns.most_common(1)[0][0] if turns else 0
    aside = main % 2 == 1 or main == DOWN
    width, height = (right - left, top - bottom)[:: -1 if aside else 1]
    strange = sum(1 for _, glyph in found if _is_strange(glyph.char))
    runs: list[Run] = []
    # What runs another way, such as a stamp in the margin, comes after the rest.
    for turn, _ in turns.most_common():
        glyphs = [turned(glyph, turn, frame)
                  for at, glyph in found if at == turn]  # fmt: skip
        made = _runs(glyphs)
        runs += made if turn == main else [_below(run, height) for run in made]
    beside = drawn(raw, page, top, width * height)
    words = [(left + run.left, top - run.y, left + run.right, top - run.y + 0.7 * run.size)
             for run in runs]  # fmt: skip
    figures = () if main else drawings(*paths_of(raw, page, width * height), words, frame)
    images = (*beside.images, *(whole(box) for box in figures))
    return PageText(tuple(runs), width, height, len(found), strange, () if main else beside.rules,
                    beside.things, beside.largest > 0.5 * width * height, images)  # fmt: skip


def _glyphs(raw: Any, texts: Any) -> list[tuple[int, Glyph]]:
    """(quarter turns, glyph) of every letter; `left` and `y` as PDF has them, not yet turned.

    What is the same all through a word (font, angle, baseline) is asked for once a word: each call
    into PDFium costs more than all that is done with its answer.
    """
    found: list[tuple[int, Glyph]] = []
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    name, flags = ctypes.create_string_buffer(120), ctypes.c_int()
    to_box, to_x, to_y = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
    spaced, bold, mono, turn, unmapped = True, False, False, 0, False
    font = ""
    high = 0  # the first half of a pair
    size, last = 0.0, (0.0, 0.0)
    page, get_code, get_box = texts.raw, raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    for at in range(texts.count_chars()):
        code = int(get_code(page, at))
        if code in _BLANKS:
            spaced = True
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            if not high:
                continue
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        high = 0
        if not get_box(page, at, to_box):
            continue
        place = (box.left, box.right) if turn % 2 else (box.bottom, box.top)
        if spaced or place != last:
            raw.FPDFText_GetCharOrigin(page, at, to_x, to_y)
            angle = float(raw.FPDFText_GetCharAngle(page, at))
            turn = round(angle / (math.pi / 2)) % 4 if angle > 0 else 0
            last = (box.left, box.right) if turn % 2 else (box.bottom, box.top)
            size = _size(raw, page, at, abs(last[1] - last[0]))
            raw.FPDFText_GetFontInfo(page, at, name, 120, ctypes.byref(flags))
            font = name.value.decode("latin-1")
            bold, mono = bool(_BOLD.search(font)), bool(_MONO.search(font))
            unmapped = raw.FPDFText_HasUnicodeMapError(page, at) == 1
        char = "\ufffd" if unmapped else "\u00ad" if code in _HYPHENS else chr(code)
        if 0xF000 <= code <= 0xF0FF and (signs := _SIGNS.search(font)):
            char = as_letters(char, signs[0]) or char
        if turn % 2:
            glyph = Glyph(char, box.bottom, box.top, x.value, size, bold, spaced, mono)
        else:
            glyph = Glyph(char, box.left, box.right, y.value, size, bold, spaced, mono)
        found.append((turn, glyph))
        spaced = False
    return found


def _size(raw: Any, page: Any, at: int, length: float) -> float:
    size = float(raw.FPDFText_GetFontSize(page, at))
    # Letters may be scaled by the page and not by their font.
    return size if 0.5 * size < length < 2 * size else length / 1.15


def _below(run: Run, height: float) -> Run:
    return Run(run.text, run.size, run.left, run.right, run.y + 2 * height, run.bold, run.mono)


def _is_strange(char: str) -> bool:
    if " " < char < "\x80" or "\u2e80" <= char < "\ue000":
        return False
    code = ord(char)
    return (
        0xE000 <= code <= 0xF8FF or code >= 0xF0000 or code == 0xFFFD
        or (code < 0x20) or 0x80 <= code < 0xA0
    )  # fmt: skip


def _runs(glyphs: list[Glyph]) -> list[Run]:
    runs: list[Run] = []
    group: list[Glyph] = []
    for glyph in glyphs:
        if group and not _goes_on(group, glyph):
            runs.append(_run(group))
            group = []
        group.append(glyph)
    if group:
        runs.append(_run(group))
    return [run for run in runs if run.text]


def _goes_on(group: list[Glyph], glyph: Glyph) -> bool:
    last = group[-1]
    if (glyph.left, glyph.right, glyph.y) == (last.left, last.right, last.y):
        return True  # the letters of a ligature stand in one place
    size = max(last.size, glyph.size)
    gap = glyph.left - last.right
    if not -0.6 * size < gap < _WIDE_GAP * size:
        return False
    return abs(glyph.y - last.y) < 0.62 * size


def _run(group: list[Glyph]) -> Run:
    weights: Counter[float] = Counter()
    for glyph in group:
        weights[round(glyph.size, 1)] += 1
    # The line's own letters are the largest that are not few: a big initial does not count.
    size = max(size for size, count in weights.items() if count >= 0.2 * len(group))
    base = [glyph.y for glyph in group if glyph.size > _SMALL * size] or [group[0].y]
    y = sorted(base)[len(base) // 2]
    bold = sum(glyph.bold for glyph in group) > 0.8 * len(group)
    mono = all(glyph.mono for glyph in group)
    left, right = min(g.left for g in group), max(g.right for g in group)
    if len(weights) == 1:  # nothing is raised or lowered
        text = group[0].char + "".join(
            f" {glyph.char}" if _blank(before, glyph) else glyph.char
            for before, glyph in pairwise(group)
        )
        return Run(text.strip(), size, left, right, y, bold, mono)
    parts: list[str] = []
    mark, shifted = "", ""
    for at, glyph in enumerate(group):
        place = _shift(glyph, size, y)
        if place != mark:
            parts.append(_marked(mark, shifted, "".join(parts)))
            mark, shifted = place, ""
        text = glyph.char
        closes = text in ").,;:" and glyph.left - group[at - 1].right < _TIGHT * size
        if at and not (place and not shifted) and not closes and _blank(group[at - 1], glyph):
            text = f" {text}"
        shifted += text
    parts.append(_marked(mark, shifted, "".join(parts)))
    return Run("".join(parts).strip(), size, left, right, y, bold, mono)


def _blank(last: Glyph, glyph: Glyph) -> bool:
    if not glyph.spaced and last.char < "\u2e80":
        return False
    gap = glyph.left - last.right
    if _CJK.match(last.char) and _CJK.match(glyph.char):
        return gap > _CJK_GAP * glyph.size
    return glyph.spaced


def _shift(glyph: Glyph, size: float, y: float) -> str:
    if glyph.size > _SMALL * size or not glyph.char.strip():
        return ""
    if y - glyph.y > _RAISED * size:
        return "^"
    return "_" if glyph.y - y > _LOWERED * size else ""


def _marked(mark: str, text: str, before: str) -> str:
    inner = text.strip()
    if not mark or is_no_power(inner, before):
        return text
    simple = re.fullmatch(r"[-+−–]?[\w.*′†‡]+|[*′†‡]+", inner)
    after = " " if text.endswith(" ") else ""
    return f"{mark}{inner if simple else f'({inner})'}{after}"
