"""DOCX by python-docx: headings, paragraphs, lists with Word's numbers, tables, formulas, boxes."""

import io
import re
from typing import Any

from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note
from rag.readers.office.office_text import (
    DGM,
    MC,
    C,
    R,
    chart_rows,
    diagram_items,
    parsed,
    spread,
    transitional,
)
from rag.readers.office.word_document import WordDocument, body_of, inside, is_initial
from rag.readers.office.word_numbers import W
from rag.readers.parts.pictures import comments_gap, objects_gap, pictures_gap
from rag.readers.parts.rich_text import RichText, tidy
from rag.readers.parts.zip_container import check_markup, open_package

_CONTENTS_LINE = re.compile(r"(?:\.{4,}|…{2,}|·{4,})\s*\d{1,4}\s*$")


def read_docx(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by the document's `Title` paragraph, its first heading, or its file."""
    import docx

    with open_package(relative, data, limits) as package:
        check_markup(relative, package, limits)
    word = WordDocument(docx.Document(io.BytesIO(transitional(data))))
    rich = RichText(relative, limits)
    title = initial = ""
    items: list[tuple[int, str]] = []
    marks: list[str] = []

    def flush() -> None:
        rich.items(items, marks=marks)
        items.clear()
        marks.clear()

    for part in body_of(word.body):
        if part.tag == f"{W}tbl":
            flush()
            rich.table(_rows(word, part))
            _drawn(rich, word, part, flush)
            continue
        style = word.style(part)
        text = word.text(part)
        if word.is_contents(part, style) or _CONTENTS_LINE.search(text):
            continue
        if is_initial(part):
            initial += text.strip()
            continue
        text, initial = initial + text, ""
        level = word.heading_level(part, style)
        depth, mark = word.list_place(part, style) if tidy(text) else (None, None)
        if level is None and depth is not None:
            items.append((depth, text))
            marks.append(mark or "-")
            _drawn(rich, word, part, flush)
            continue
        flush()
        if level is not None and mark and mark != "-":
            text = f"{mark} {text}"
        if level == 0:
            title = title or text
            rich.heading(1, text)
        elif level is not None:
            rich.heading(level + bool(title), text)
        elif "code" in style.lower() or "preformatted" in style.lower():
            rich.code(text)
        else:
            rich.paragraph(text)
        _drawn(rich, word, part, flush)
    flush()
    rich.paragraph(initial)
    rich.gap(pictures_gap(word.pictures()), objects_gap(word.objects()))
    rich.gap(comments_gap(word.comments()))
    if word.lost_notes:
        rich.gap(f"Footnotes ({word.lost_notes}) are referred to and not in the file. 脚注缺失。")
    return rich.note(title)


def _drawn(rich: RichText, word: WordDocument, paragraph: Any, flush: Any) -> None:
    """Charts, diagrams and footnotes of a paragraph or table, below it."""
    for chart in paragraph.iter(f"{C}chart"):
        found = parsed(word.related(chart.get(f"{R}id")))
        if found is not None:
            flush()
            title, rows = chart_rows(found)
            rich.paragraph(title)
            rich.table(rows)
    for diagram in paragraph.iter(f"{DGM}relIds"):
        found = parsed(word.related(diagram.get(f"{R}dm")))
        if found is not None:
            flush()
            rich.items(diagram_items(found))
    notes = list(word.footnotes(paragraph))
    if notes:
        flush()
    for text in notes:
        rich.paragraph(text)


def _rows(word: WordDocument, table: Any) -> list[list[str]]:
    rows: list[list[str]] = []
    above: dict[int, str] = {}  # what stands in a cell that goes on downwards
    for row in table.iter(f"{W}tr"):
        hidden = row.find(f"{W}trPr/{W}del"), row.find(f"{W}trPr/{W}hidden")
        if inside(row, table, f"{W}tr") or any(mark is not None for mark in hidden):
            continue
        cells: list[tuple[str, int]] = []
        column = 0
        for cell in row.iter(f"{W}tc"):
            if inside(cell, row, f"{W}tc"):
                continue
            text = " ".join(filter(None, (_in_cell(word, p, cell) for p in cell.iter(f"{W}p"))))
            span = cell.find(f"{W}tcPr/{W}gridSpan")
            value = span.get(f"{W}val") or "" if span is not None else ""
            columns = int(value) if value.isdecimal() else 1
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            if merge is not None and merge.get(f"{W}val") != "restart":
                text = above.get(column, "")
            above[column] = text
            cells.append((text, columns))
            column += columns
        rows.append(spread(cells))
    return rows


def _in_cell(word: WordDocument, paragraph: Any, cell: Any) -> str:
    """A paragraph of a cell, with the number that Word draws before it."""
    if inside(paragraph, cell, f"{MC}Fallback"):
        return ""
    text = word.text(paragraph)
    mark = word.list_place(paragraph, word.style(paragraph))[1] if tidy(text) else None
    return f"{mark} {text}" if mark and mark != "-" else text
