"""DOCX by python-docx: headings, paragraphs, lists, tables, formulas' letters, text boxes."""

import io
from collections.abc import Iterator
from typing import Any

from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note
from rag.readers.parts.rich_text import RichText
from rag.readers.parts.zip_container import check_markup, open_package

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_docx(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by the document's `Title` paragraph, its first heading, or its file."""
    import docx

    with open_package(relative, data, limits) as package:
        check_markup(relative, package, limits)
    document = docx.Document(io.BytesIO(data))
    rich = RichText(relative, limits)
    title = ""
    items: list[tuple[int, str]] = []
    for part in _body(document.element.body):
        if part.tag == f"{_W}tbl":
            rich.items(items)
            items = []
            rich.table(_rows(part))
            continue
        style = _style(document, part)
        depth = _list_depth(part, style)
        level = _heading_level(part, style)
        text = _text(part)
        if level is None and depth is not None:
            items.append((depth, text))
            continue
        rich.items(items)
        items = []
        if level == 0:
            title = title or text
            rich.heading(1, text)
        elif level is not None:
            rich.heading(level + bool(title), text)
        elif "code" in style.lower() or "preformatted" in style.lower():
            rich.code(text)
        else:
            rich.paragraph(text)
    rich.items(items)
    return rich.note(title)


def _body(body: Any) -> Iterator[Any]:
    """Paragraphs and tables in reading order; content controls opened, text boxes after theirs."""
    for part in body:
        if part.tag == f"{_W}tbl":
            yield part
        elif part.tag == f"{_W}p":
            yield part
            for box in part.iter(f"{_W}txbxContent"):
                if not _inside(box, part, _FALLBACK, f"{_W}txbxContent"):
                    yield from _body(box)
        elif part.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"}:
            yield from _body(part)


def _inside(part: Any, top: Any, *tags: str) -> bool:
    parent = part.getparent()
    while parent is not None and parent is not top:
        if parent.tag in tags:
            return True
        parent = parent.getparent()
    return False


def _text(paragraph: Any) -> str:
    """What is shown: inserted but not deleted text, the letters of formulas, pictures' alt text."""
    parts: list[str] = []
    stack = [paragraph]
    while stack:
        part = stack.pop()
        if part.tag in {f"{_W}t", f"{_M}t"}:
            parts.append(part.text or "")
        elif part.tag in {f"{_W}tab", f"{_W}br", f"{_W}cr"} and part.getparent().tag == f"{_W}r":
            parts.append("\t" if part.tag == f"{_W}tab" else "\n")
        elif part.tag == f"{_W}noBreakHyphen":
            parts.append("-")
        elif part.tag == f"{_WP}docPr" and part.get("descr"):
            parts.append(f" {part.get('descr')} ")
        elif part.tag not in {_FALLBACK, f"{_W}txbxContent", f"{_W}pPr"}:
            stack.extend(reversed(part))
    return "".join(parts)


def _rows(table: Any) -> list[list[str]]:
    return [
        [
            " ".join(filter(None, (_text(paragraph) for paragraph in cell.iter(f"{_W}p"))))
            for cell in row.iter(f"{_W}tc")
            if not _inside(cell, row, f"{_W}tc")
        ]
        for row in table.iter(f"{_W}tr")
        if not _inside(row, table, f"{_W}tr")
    ]


def _style(document: Any, paragraph: Any) -> str:
    found = paragraph.find(f"{_W}pPr/{_W}pStyle")
    key = found.get(f"{_W}val") if found is not None else None
    if not key:
        return ""
    style = document.styles.element.get_by_id(key)
    return str(style.name_val or key) if style is not None else key


def _heading_level(paragraph: Any, style: str) -> int | None:
    """0 for the title, 1 to 6 for headings; by style or by outline level."""
    name = style.lower().replace("标题", "heading ").strip()
    if name == "title":
        return 0
    first, _, number = name.partition(" ")
    if first == "heading" and number.strip()[:1].isdecimal():
        return min(max(int(number.strip()[0]), 1), 6)
    outline = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
    value = outline.get(f"{_W}val") if outline is not None else None
    return int(value) + 1 if value in set("012345") else None


def _list_depth(paragraph: Any, style: str) -> int | None:
    numbering = paragraph.find(f"{_W}pPr/{_W}numPr")
    if numbering is not None:
        level = numbering.find(f"{_W}ilvl")
        value = level.get(f"{_W}val") if level is not None else "0"
        return int(value) if value in set("012345678") else 0
    if style.lower().startswith("list"):
        return int(style[-1]) - 1 if style[-1] in "23456789" else 0
    return None
