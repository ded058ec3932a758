"""What DOCX and PPTX have in common: charts and diagrams as text, merged cells."""

import io
import re
import zipfile
from collections.abc import Iterable
from typing import Any

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_MOST_ROWS = 500  # of a chart


def chart_rows(chart: Any) -> tuple[str, list[list[str]]]:
    """A chart's title, and its figures as a table: a row for each category."""
    title = "".join(text.text or "" for text in chart.findall(f".//{C}chart/{C}title//{A}t"))
    names: list[str] = []
    columns: list[dict[int, str]] = []
    labels: dict[int, str] = {}
    for series in chart.iter(f"{C}ser"):
        names.append(" ".join(_values(series.find(f"{C}tx")).values()))
        values = series.find(f"{C}val")
        columns.append(_values(values if values is not None else series.find(f"{C}yVal")))
        given = series.find(f"{C}cat")
        labels = labels or _values(given if given is not None else series.find(f"{C}xVal"))
    places = sorted({*labels, *(at for column in columns for at in column)})[:_MOST_ROWS]
    rows = [[labels.get(at, ""), *(column.get(at, "") for column in columns)] for at in places]
    return title.strip(), [["", *names], *rows] if rows else []


def _values(element: Any) -> dict[int, str]:
    if element is None:
        return {}
    found = {}
    for point in element.iter(f"{C}pt"):
        value = point.find(f"{C}v")
        if value is not None and (point.get("idx") or "").isdecimal():
            found[int(point.get("idx"))] = _rounded(value.text or "")
    direct = element.find(f"{C}v")
    return found or ({0: direct.text or ""} if direct is not None else {})


def _rounded(value: str) -> str:
    """Without the noise that binary fractions have in spreadsheets."""
    try:
        return f"{float(value):.10g}" if "." in value and len(value) > 12 else value
    except ValueError:
        return value


def diagram_items(data: Any) -> list[tuple[int, str]]:
    """The texts of a SmartArt diagram, in the order of its points."""
    items = []
    for point in data.iter(f"{DGM}pt"):
        if point.get("type") in {"pres", "parTrans", "sibTrans"}:
            continue
        text = " ".join(part.text or "" for part in point.iter(f"{A}t")).strip()
        if text:
            items.append((0, text))
    return items


def transitional(data: bytes) -> bytes:
    """A document in Office's strict variant as an ordinary one: other names, the same contents."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if not any(_STRICT.search(package.read(name)) for name in package.namelist()
                   if name.endswith(".rels")):  # fmt: skip
            return data
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            for info in package.infolist():
                part = package.read(info)
                if info.filename.endswith((".xml", ".rels")):
                    part = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", part)
                made.writestr(info.filename, part)
    return out.getvalue()


def parsed(part: Any) -> Any:
    """The XML of a part of the package; None where it is none."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(part.blob, parser)
    except (etree.XMLSyntaxError, ValueError, AttributeError):
        return None


def spread(cells: Iterable[tuple[str, int]]) -> list[str]:
    """A row whose cells go over several columns, as many cells as columns.

    A cell's words stand in each column that it covers, so that a header names all of them; what
    covers a whole row stands there once.
    """
    cells = list(cells)
    if len(cells) == 1:
        return [cells[0][0]]
    return [text for text, columns in cells for _ in range(min(max(columns, 1), 60))]
