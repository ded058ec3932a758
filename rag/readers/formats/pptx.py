"""PPTX: a slide is a page; titles, boxes, lists, tables, charts, diagrams, formulas, notes."""

import io
from collections import Counter
from typing import Any

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note
from rag.readers.office.office_text import (
    DGM,
    C,
    R,
    chart_rows,
    diagram_items,
    parsed,
    transitional,
)
from rag.readers.office.slide_order import P, Placeholders
from rag.readers.office.slide_shapes import (
    is_title,
    lines_of_shape,
    shapes_of,
    table_of,
)
from rag.readers.parts.pictures import (
    comments_gap,
    described,
    objects_gap,
    pictures_gap,
    recordings_gap,
)
from rag.readers.parts.rich_text import RichText, tidy
from rag.readers.parts.zip_container import check_markup, open_package


def read_pptx(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by its first slide's title, or its file. Hidden slides are left out, and said.

    Raises:
        CorpusError: too many slides, or no text.
    """
    import pptx

    with open_package(relative, data, limits) as package:
        check_markup(relative, package, limits)
    slides = pptx.Presentation(io.BytesIO(transitional(data))).slides
    if len(slides) > limits.pages:
        raise CorpusError(f"{relative} has {len(slides)} slides; the limit is {limits.pages}.")
    rich = RichText(relative, limits)
    first_title = ""
    places: dict[str, Placeholders] = {}  # of each layout
    hidden: list[int] = []
    empty: list[int] = []
    unread: Counter[str] = Counter()
    for number, slide in enumerate(slides, 1):
        if slide.element.get("show") in {"0", "false"}:
            hidden.append(number)
            continue
        rich.page = number
        layout = slide.slide_layout
        name = layout.part.partname
        if name not in places:
            places[name] = Placeholders(layout.element, layout.slide_master.element)
        shapes = shapes_of(slide.element.find(f".//{P}spTree"), places[name])
        title = next((shape for shape in shapes if is_title(shape)), None)
        lines = lines_of_shape(title) if title is not None else []
        heading = tidy(" ".join(text for _, text, _ in lines)).replace("\n", " ")
        first_title = first_title or heading
        says = any(lines_of_shape(s) for s in shapes if s is not title)
        rich.heading(1, heading or (f"Slide {number}" if says else ""))
        kinds = Counter(_write(rich, slide, shape) for shape in shapes if shape is not title)
        unread += kinds
        unread["comments"] += _comments(slide)
        if kinds["picture"] and not says and not heading:
            empty.append(number)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            rich.paragraph(slide.notes_slide.notes_text_frame.text)
    if hidden:
        rich.gap(f"{_slides(hidden)} hidden and not read; show what you want to ask about. "
                 "隐藏的幻灯片未读取。")  # fmt: skip
    if empty:
        rich.gap(f"{_slides(empty)} without text (a picture); save the slides as PDF and run OCR "
                 "on it, for example ocrmypdf. 这些幻灯片没有文字。")  # fmt: skip
    rich.gap(pictures_gap(unread["picture"]), objects_gap(unread["object"]))
    rich.gap(recordings_gap(unread["recording"]), comments_gap(unread["comments"]))
    return rich.note(first_title)


def _slides(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:20])) + (" and others" if len(numbers) > 20 else "")
    return f"Slides {shown} are" if len(numbers) > 1 else f"Slide {shown} is"


def _comments(slide: Any) -> int:
    """How many remarks others have pinned to a slide."""
    return sum(
        len(root.findall("{*}cm"))
        for rel in slide.part.rels.values()
        if not rel.is_external and rel.reltype.lower().endswith("/comments")
        if (root := parsed(rel.target_part)) is not None
    )


def _write(rich: RichText, slide: Any, shape: Any) -> str:
    """Write what a shape says; what it is that cannot be read, "" for nothing."""
    table = shape.find(".//{*}tbl") if shape.tag == f"{P}graphicFrame" else None
    if table is not None:
        rich.table(table_of(table))
        return ""
    chart = shape.find(f".//{C}chart")
    diagram = shape.find(f".//{DGM}relIds")
    if chart is not None:
        found = parsed(_related(slide, chart.get(f"{R}id")))
        title, rows = chart_rows(found) if found is not None else ("", [])
        rich.paragraph(title)
        rich.table(rows)
        return ""
    if diagram is not None:
        found = parsed(_related(slide, diagram.get(f"{R}dm")))
        rich.items(diagram_items(found) if found is not None else [])
        return ""
    lines = lines_of_shape(shape)
    if len(lines) > 1:
        rich.items([(depth, text) for depth, text, _ in lines], marks=[m for _, _, m in lines])
    elif lines:
        rich.paragraph(lines[0][1])
    else:
        named = shape.find(".//{*}cNvPr")
        words = described(named.get("descr")) if named is not None else ""
        rich.paragraph(words)
        return _unread(shape, words)
    return ""


def _unread(shape: Any, words: str) -> str:
    """What a shape without text is, where something of it is not read."""
    if (
        next(shape.iter("{*}videoFile", "{*}audioFile", "{*}wavAudioFile", "{*}media"), None)
        is not None
    ):
        return "recording"
    if shape.tag == f"{P}graphicFrame":
        return "object" if next(shape.iter("{*}oleObj"), None) is not None or not words else ""
    return "picture" if shape.tag == f"{P}pic" and not words else ""


def _related(slide: Any, key: str | None) -> Any:
    rel = slide.part.rels.get(key) if key else None
    return rel.target_part if rel is not None and not rel.is_external else None
