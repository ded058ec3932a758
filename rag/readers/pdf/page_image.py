"""A page of a PDF as a picture, with the place of a quote on it.

It is drawn in a process of its own (run as `python -m rag.readers.pdf.page_image`), for the same
reason as in `rag/readers/isolation`: the file may hang, crash or devour memory. What comes back is
a line of JSON, checked here, and the bytes of a picture.
"""

import io
import os
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits

MOST_BYTES = 700_000  # of a picture
_WIDTH = 1100  # pixels: sharp on a phone, too
_LONGEST = 3300  # pixels of a page that is long
_SECONDS = 15.0
_MOST_BOXES = 60
_MOST_LETTERS = 60_000  # of a page that are looked through for a quote
_LEAST_SHARE = 0.4  # of a quote's letters that must stand on the page in one piece
_WEBP = b"RIFF"
_NO_LETTERS = frozenset("-­‐‑￾|*_`#\\\x02")  # hyphens at line ends, Markdown
_two = threading.BoundedSemaphore(2)  # each process takes a core for half a second

Share = Annotated[float, Field(ge=-0.5, le=1.5)]


class _Header(BaseModel):
    width: Annotated[int, Field(ge=1, le=_LONGEST)]
    height: Annotated[int, Field(ge=1, le=_LONGEST)]
    boxes: Annotated[list[tuple[Share, Share, Share, Share]], Field(max_length=_MOST_BOXES)]


class _Wanted(BaseModel):
    page: int
    quote: str
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as WebP.

    Attributes:
        boxes: left, top, width and height of the quote's lines, as shares of the page; () where it
            was not found on it, as on a page that was recognised in a picture.
    """

    webp: bytes
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...] = ()


def page_image(
    data: bytes, page: int, quote: str, limits: ReadLimits = DEFAULT_LIMITS
) -> PageImage:
    """A page (counted from 1) of a PDF.

    Raises:
        CorpusError: it cannot be drawn, or not within its time and memory.
    """
    wanted = _Wanted(page=page, quote=quote[:4000], memory_bytes=limits.memory_bytes)
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path)
    try:
        with _two:
            done = subprocess.run(
                [sys.executable, "-P", "-m", __name__],
                input=wanted.model_dump_json().encode() + b"\n" + data, capture_output=True,
                timeout=_SECONDS, env={"PYTHONPATH": paths}, cwd="/", check=True,
            )  # fmt: skip
        head, _, webp = done.stdout.partition(b"\n")
        found = _Header.model_validate_json(head)
    except (subprocess.SubprocessError, OSError, ValidationError) as error:
        raise CorpusError(f"Page {page} cannot be drawn. 第 {page} 页无法显示为图片。") from error
    if not webp.startswith(_WEBP) or len(webp) > MOST_BYTES:
        raise CorpusError(f"Page {page} is no picture that can be shown. 第 {page} 页无法显示。")
    return PageImage(webp, found.width, found.height, tuple(found.boxes))


def where(letters: str, quote: str) -> range:
    """Places of a quote's letters among those of a page; empty where it does not stand there.

    The note's text was put together from lines, so blanks, hyphens and Markdown do not count; of a
    quote that goes on overleaf, or is broken by a figure, the longest piece is taken.
    """
    page, wanted = list(_counted(letters[:_MOST_LETTERS])), "".join(c for _, c in _counted(quote))
    text = "".join(char for _, char in page)
    if not wanted:
        return range(0)
    start, size = text.find(wanted), len(wanted)
    if start < 0:
        match = SequenceMatcher(None, text, wanted, autojunk=False).find_longest_match()
        start, size = match.a, match.size
        if size < max(_LEAST_SHARE * len(wanted), 4):
            return range(0)
    return range(page[start][0], page[start + size - 1][0] + 1)


def _counted(text: str) -> Iterator[tuple[int, str]]:
    """Each letter that counts, as one would write it, with its place."""
    for place, char in enumerate(text):
        for plain in unicodedata.normalize("NFKC", char).casefold():
            if not plain.isspace() and plain not in _NO_LETTERS:
                yield place, plain


def _drawn(data: bytes, wanted: _Wanted) -> tuple[_Header, bytes]:
    import pypdfium2
    from pypdfium2 import raw

    document = pypdfium2.PdfDocument(data)
    with suppress(Exception):  # what stands in fields of a form
        document.init_forms()
    page = document[wanted.page - 1]
    across, down = page.get_size()
    scale = min(_WIDTH / max(across, 1.0), _LONGEST / max(down, 1.0))
    picture = page.render(scale=scale).to_pil().convert("RGB")
    width, height = picture.size
    texts = page.get_textpage()
    count = min(texts.count_chars(), _MOST_LETTERS)
    letters = "".join(
        chr(code) if (code := int(raw.FPDFText_GetUnicode(texts.raw, at))) else " "
        for at in range(count)
    )
    places = where(letters, wanted.quote)
    boxes = []
    if places:
        lines = min(texts.count_rects(places.start, len(places)), _MOST_BOXES)
        boxes = [_box(raw, page, texts.get_rect(number), width, height) for number in range(lines)]
    for quality in (80, 60, 40, 20, 5):
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=3)
        if out.tell() <= MOST_BYTES:
            break
    return _Header(width=width, height=height, boxes=boxes), out.getvalue()


def _box(
    raw: Any, page: Any, rect: tuple[float, float, float, float], width: int, height: int
) -> tuple[float, float, float, float]:
    """A rectangle of the page as shares of its picture, however the page is turned."""
    import ctypes

    corners = []
    for x, y in ((rect[0], rect[1]), (rect[2], rect[3])):
        to_x, to_y = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(
            page.raw, 0, 0, width, height, 0, x, y, ctypes.byref(to_x), ctypes.byref(to_y)
        )
        corners.append((to_x.value / width, to_y.value / height))
    (left, right), (top, bottom) = (sorted(axis) for axis in zip(*corners, strict=True))
    return left, top, right - left, bottom - top


def main() -> None:
    """Draw the page that stands on stdin; end without a word where that cannot be done."""
    import resource

    from rag.readers.isolation.worker import limit_memory

    head, _, data = sys.stdin.buffer.read().partition(b"\n")
    wanted = _Wanted.model_validate_json(head)
    limit_memory(wanted.memory_bytes)
    seconds = int(_SECONDS) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))  # also where the parent is gone
    header, webp = _drawn(data, wanted)
    sys.stdout.buffer.write(header.model_dump_json().encode() + b"\n" + webp)


if __name__ == "__main__":
    main()
