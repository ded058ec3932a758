"""PPTX by python-pptx: a slide is a page; its title, texts, tables, pictures' alt text, notes."""

import io
from collections.abc import Iterator
from typing import Any

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note
from rag.readers.parts.rich_text import RichText, tidy
from rag.readers.parts.zip_container import check_markup, open_package

_MAX_GROUPS = 20  # groups in groups


def read_pptx(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by the presentation's title property, its first slide's title, or its file."""
    import pptx

    with open_package(relative, data, limits) as package:
        check_markup(relative, package, limits)
    slides = pptx.Presentation(io.BytesIO(data)).slides
    if len(slides) > limits.pages:
        raise CorpusError(f"{relative} has {len(slides)} slides; the limit is {limits.pages}.")
    rich = RichText(relative, limits)
    first_title = ""
    for number, slide in enumerate(slides, 1):
        rich.page = number
        title = slide.shapes.title
        heading = tidy(title.text_frame.text).replace("\n", " ") if title is not None else ""
        first_title = first_title or heading
        rich.heading(1, heading or f"Slide {number}" if _texts(slide) or heading else "")
        for shape in _shapes(slide.shapes):
            if title is None or shape.shape_id != title.shape_id:
                _write(rich, shape)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            rich.paragraph(slide.notes_slide.notes_text_frame.text)
    return rich.note(first_title)


def _texts(slide: Any) -> bool:
    return any(
        shape.has_text_frame and shape.text_frame.text.strip() for shape in _shapes(slide.shapes)
    )


def _shapes(shapes: Any, depth: int = 0) -> Iterator[Any]:
    from pptx.enum.shapes import MSO_SHAPE_TYPE

    for shape in shapes:
        if getattr(shape, "shape_type", None) == MSO_SHAPE_TYPE.GROUP:
            if depth < _MAX_GROUPS:
                yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _write(rich: RichText, shape: Any) -> None:
    if shape.has_text_frame:
        lines = [
            (part.level, part.text) for part in shape.text_frame.paragraphs if part.text.strip()
        ]
        if len(lines) > 1:
            rich.items(lines)
        elif lines:
            rich.paragraph(lines[0][1])
    elif getattr(shape, "has_table", False):
        rich.table([[cell.text for cell in row.cells] for row in shape.table.rows])
    else:
        described = shape.element.xpath(".//p:cNvPr/@descr")
        rich.paragraph(described[0] if described else "")
