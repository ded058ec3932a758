"""The shapes of a slide, from its XML: python-pptx leaves out what is wrapped for newer Office.

They come in the order in which a person reads them, each group as a whole.

A box with a formula stands in `mc:AlternateContent`, with a picture of it as the fallback.
"""

from typing import Any

from rag.readers.office.office_text import MC, A, M, spread
from rag.readers.office.omml import formula
from rag.readers.office.slide_order import Box, P, Placeholders, box_of, in_reading_order
from rag.readers.office.word_numbers import written
from rag.text.raised import with_marks
from rag.text.symbol_font import as_letters

_A14 = "{http://schemas.microsoft.com/office/drawing/2010/main}"
_SHAPES = {f"{P}sp", f"{P}graphicFrame", f"{P}pic", f"{P}cxnSp"}
_FURNITURE = {"sldNum", "dt", "ftr", "hdr"}  # placeholders that each slide repeats
_MOST_GROUPS = 20  # groups in groups
_FORMS = {"arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter",
          "romanLc": "lowerRoman", "romanUc": "upperRoman", "ea1Chs": "chineseCounting",
          "circleNum": "decimalEnclosedCircle"}  # fmt: skip


def shapes_of(tree: Any, places: Placeholders, depth: int = 0) -> list[Any]:
    """Shapes that are shown, in reading order, groups opened; one that Office has in two versions
    comes once.
    """
    if tree is None or depth > _MOST_GROUPS:
        return []
    found: list[tuple[Box | None, list[Any]]] = []
    for part in tree:
        if part.tag == f"{P}grpSp":
            found.append((box_of(part), shapes_of(part, places, depth + 1)))
        elif part.tag == f"{MC}AlternateContent":
            versions = [shapes_of(v, places, depth + 1) for v in part
                        if v.tag in {f"{MC}Choice", f"{MC}Fallback"}]  # fmt: skip
            chosen = _version(versions)
            found.append((places.of(chosen[0]) if len(chosen) == 1 else None, chosen))
        elif part.tag in _SHAPES and not _is_unseen(part):
            found.append((places.of(part), [part]))
    boxes = [box for box, _ in found]
    return [shape for number in in_reading_order(boxes) for shape in found[number][1]]


def _version(versions: list[list[Any]]) -> list[Any]:
    """The first one that says something; the words in place of a chart are no text of the slide."""
    if versions and any(shape.tag == f"{P}graphicFrame" for shape in versions[0]):
        return versions[0]
    return next((found for found in versions if any(map(lines_of_shape, found))),
                versions[0] if versions else [])  # fmt: skip


def _is_unseen(shape: Any) -> bool:
    named = shape.find(".//{*}cNvPr")
    place = shape.find(f".//{P}nvPr/{P}ph")
    hidden = named is not None and named.get("hidden") in {"1", "true"}
    return hidden or (place is not None and place.get("type") in _FURNITURE)


def is_title(shape: Any) -> bool:
    place = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    return place is not None and place.get("type") in {"title", "ctrTitle"}


def lines_of_shape(shape: Any) -> list[tuple[int, str, str]]:
    """(depth, text, mark) of each paragraph of a shape that says something."""
    if shape is None or shape.tag != f"{P}sp":
        return []
    found: list[tuple[int, str, str]] = []
    counts: dict[int, int] = {}
    for paragraph in shape.iterfind(f"{P}txBody/{A}p"):
        text = paragraph_text(paragraph)
        if not text.strip():
            continue
        properties = paragraph.find(f"{A}pPr")
        level = (properties.get("lvl") or "") if properties is not None else ""
        depth = int(level) if level in set("012345678") and level else 0
        numbered = properties.find(f"{A}buAutoNum") if properties is not None else None
        for deeper in [at for at in counts if at > depth or (at == depth and numbered is None)]:
            del counts[deeper]
        found.append((depth, text, "-" if numbered is None else _mark(numbered, counts, depth)))
    return found


def _mark(numbered: Any, counts: dict[int, int], depth: int) -> str:
    start = numbered.get("startAt") or "1"
    first = int(start) if start.isdecimal() else 1
    counts[depth] = counts.get(depth, first - 1) + 1
    kind = numbered.get("type") or ""
    form = next((form for name, form in _FORMS.items() if kind.startswith(name)), "decimal")
    number = written(counts[depth], form)
    if kind.endswith("ParenBoth"):
        return f"({number})"
    return f"{number})" if kind.endswith("ParenR") else f"{number}."


def paragraph_text(paragraph: Any) -> str:
    """The words of a paragraph, line breaks and formulas among them."""
    parts: list[tuple[str, str]] = []
    for part in paragraph:
        if part.tag == f"{A}r":
            said = "".join(text.text or "" for text in part.iterfind(f"{A}t"))
            parts.append((_shift(part), as_letters(said, _symbol_font(part))))
        elif part.tag == f"{A}br":
            parts.append(("", "\n"))
        elif part.tag == f"{A}fld" and not (part.get("type") or "").startswith(
            ("slidenum", "datetime")
        ):
            parts.append(("", "".join(text.text or "" for text in part.iterfind(f"{A}t"))))
        elif part.tag == f"{_A14}m" or part.tag.startswith(M):
            parts.append(("", formula(part)))
        elif part.tag == f"{MC}AlternateContent":
            choice = part.find(f"{MC}Choice")
            parts.append(("", paragraph_text(choice) if choice is not None else ""))
    return with_marks(parts)


def _symbol_font(run: Any) -> str:
    font = run.find(f"{A}rPr/{A}sym")
    return (font.get("typeface") or "") if font is not None else ""


def _shift(run: Any) -> str:
    """Whether a run is raised or lowered."""
    properties = run.find(f"{A}rPr")
    baseline = (properties.get("baseline") or "0") if properties is not None else "0"
    if not baseline.lstrip("-").rstrip("0%").strip("."):
        return ""
    return "_" if baseline.startswith("-") else "^"


def table_of(table: Any) -> list[list[str]]:
    """The cells of a table; merged ones say the same in every row and column that they cover."""
    rows: list[list[str]] = []
    for row in table.iterfind(f"{A}tr"):
        cells: list[tuple[str, int]] = []
        for cell in row.iterfind(f"{A}tc"):
            if cell.get("hMerge") in {"1", "true"}:
                continue
            text = " ".join(filter(None, (paragraph_text(p).strip() for p in cell.iter(f"{A}p"))))
            place = sum(columns for _, columns in cells)
            if cell.get("vMerge") in {"1", "true"} and rows and place < len(rows[-1]):
                text = rows[-1][place]
            span = cell.get("gridSpan") or "1"
            cells.append((text, int(span) if span.isdecimal() else 1))
        rows.append(spread(cells))
    return rows
