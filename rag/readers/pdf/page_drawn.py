"""What a page of a PDF draws beside its letters: bars of fractions, images, fields of forms."""

import ctypes
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

# Left, bottom, right, top in points; of a drawing also its parts, for charts stand in one place.
Box = tuple[int, ...]
_MOST_THINGS = 3_000  # that are looked at on a page
_DEEP = 3  # forms in forms
_SIGN = 0.01  # of the page; a smaller image is a sign or a letter
_LONGEST = 20_000  # bytes of a field
_FEW = 5  # names in a sentence
_REPEATED = 3  # pages; so many with one image in one place prove a logo


@dataclass(frozen=True, slots=True)
class Drawn:
    """`rules` are short thin lines across, as (left, right, y); `largest` is an area."""

    rules: tuple[tuple[float, float, float], ...]
    things: int
    largest: float
    images: tuple[Box, ...]


def drawn(raw: Any, page: Any, top: float, area: float) -> Drawn:
    """What is drawn on a page. `raw` is `pypdfium2.raw`."""
    rules: list[tuple[float, float, float]] = []
    images: list[Box] = []
    things, largest = 0, 0.0
    for thing, kind in _things(raw, page):
        things += 1
        box = _box(raw, thing)
        if box is None:
            continue
        left, low, right, high = box
        width, height = right - left, high - low
        if kind == raw.FPDF_PAGEOBJ_PATH and height < 2.5 and 4 < width < 200:
            rules.append((left, right, top - (high + low) / 2))
        elif kind in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM}:
            largest = max(largest, width * height)
            if kind == raw.FPDF_PAGEOBJ_IMAGE and width * height > _SIGN * area:
                images.append(whole(box))
    return Drawn(tuple(rules), things, largest, tuple(images))


def whole(box: Iterable[float]) -> Box:
    """A box in whole points: what stands in one place on several pages is the same there."""
    return tuple(map(round, box))


def _things(raw: Any, page: Any) -> Iterator[tuple[Any, int]]:
    """What is no text, and its kind; a form that holds an image comes as an image too."""
    for at in range(min(int(raw.FPDFPage_CountObjects(page)), _MOST_THINGS)):
        thing = raw.FPDFPage_GetObject(page, at)
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            continue
        yield thing, kind
        if kind == raw.FPDF_PAGEOBJ_FORM and _holds_image(raw, thing, 0):
            yield thing, raw.FPDF_PAGEOBJ_IMAGE


def _holds_image(raw: Any, form: Any, depth: int) -> bool:
    for at in range(min(int(raw.FPDFFormObj_CountObjects(form)), 50)):
        part = raw.FPDFFormObj_GetObject(form, at)
        kind = raw.FPDFPageObj_GetType(part)
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            return True
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEP and _holds_image(raw, part, depth + 1):
            return True
    return False


def _box(raw: Any, thing: Any) -> tuple[float, float, float, float] | None:
    left, low, right, high = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(thing, left, low, right, high):
        return None
    return left.value, low.value, right.value, high.value


def figures(pages: Sequence[Sequence[Box]]) -> list[int]:
    """How many images each page has that are its own: a logo stands on most pages."""
    places = Counter(box for page in pages for box in set(page))
    most = max(_REPEATED, 0.5 * len(pages))
    return [sum(places[box] < most for box in page) for page in pages]


def unread_parts(document: Any) -> list[str]:
    """What is said of what stands beside a PDF's pages: attached files, a form of Adobe's own."""
    import pypdfium2

    said = []
    if count := document.count_attachments():
        names = [document.get_attachment(at).get_name() for at in range(min(count, _FEW))]
        more = f" and {count - len(names)} more" if count > len(names) else ""
        said.append(f"Attached files ({', '.join(names)}{more}) are not read; save them beside it. "
                    "附件未读取。")  # fmt: skip
    if document.get_formtype() == pypdfium2.raw.FORMTYPE_XFA_FULL:
        said.append("It is a form (XFA) whose contents only Adobe's reader shows; print it there "
                    "to a new PDF. XFA 表单内容未读取。")  # fmt: skip
    return said


@dataclass(frozen=True, slots=True)
class Field:
    """What somebody has filled in or written onto a page."""

    text: str
    left: float
    right: float
    y: float  # downwards
    size: float


def fields_of(raw: Any, document: Any, page: Any, top: float) -> tuple[list[Field], int]:
    """The fields of a form that are filled in, texts put onto the page, and how many remarks."""
    found: list[Field] = []
    remarks = 0
    form = document.formenv.raw if document.formenv is not None else None
    for at in range(min(int(raw.FPDFPage_GetAnnotCount(page)), _MOST_THINGS)):
        note = raw.FPDFPage_GetAnnot(page, at)
        if not note:
            continue
        kind = raw.FPDFAnnot_GetSubtype(note)
        if kind == raw.FPDF_ANNOT_WIDGET:
            text = _value(raw, form, note)
        elif kind == raw.FPDF_ANNOT_FREETEXT:
            text = _string(raw, note, b"Contents")
        else:
            remarks += kind not in _NO_REMARKS and bool(_string(raw, note, b"Contents").strip())
            text = ""
        box = raw.FS_RECTF()
        if text.strip() and raw.FPDFAnnot_GetRect(note, ctypes.byref(box)):
            lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            high = abs(box.top - box.bottom) / max(len(lines), 1)
            size = min(max(0.7 * high, 6.0), 12.0)
            upper = top - max(box.top, box.bottom)
            found += [Field(line, box.left, box.right, upper + (n + 0.75) * high, size)
                      for n, line in enumerate(lines) if line.strip()]  # fmt: skip
        raw.FPDFPage_CloseAnnot(note)
    return found, remarks


_NO_REMARKS = frozenset({2, 16, 20})  # links, pop-ups, fields


def _value(raw: Any, form: Any, note: Any) -> str:
    """What stands in a field; a box that is ticked by its name."""
    kind = raw.FPDFAnnot_GetFormFieldType(form, note) if form is not None else -1
    if kind in {raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON}:
        if not raw.FPDFAnnot_IsChecked(form, note):
            return ""
        name = _wide(lambda to, most: raw.FPDFAnnot_GetFormFieldName(form, note, to, most))
        return f"☑ {name}" if name else "☑"
    if kind == raw.FPDF_FORMFIELD_PUSHBUTTON:
        return ""
    if form is None:
        return _string(raw, note, b"V")
    return _wide(lambda to, most: raw.FPDFAnnot_GetFormFieldValue(form, note, to, most))


def _string(raw: Any, note: Any, key: bytes) -> str:
    return _wide(lambda to, most: raw.FPDFAnnot_GetStringValue(note, key, to, most))


def _wide(call: Any) -> str:
    """A string that PDFium gives as UTF-16."""
    size = min(int(call(None, 0)), _LONGEST)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    call(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace")
