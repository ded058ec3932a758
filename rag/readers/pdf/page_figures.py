"""Drawings on a page that are no letters, no lines and no frames: charts, diagrams, outlined text.

A path that is thin, or a box with words in it, belongs to the text: rules, cells, shades, frames.
What is left is a figure where several such paths, or one of many parts, stand near each other.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Box = tuple[float, float, float, float]  # left, bottom, right, top in points

_THIN = 2.5  # points; a line
_MOST_PATHS = 600  # that are looked at on a page
_DEEP = 4  # forms in forms
_WHOLE = 0.8  # of the page; a form so large is the page itself
_NEAR = 14.0  # points between parts of one figure
_WIDTH, _HEIGHT, _AREA = 60.0, 40.0, 0.012  # least of a figure; its share of the page
_FEWEST = 4  # paths
_MANY = 14  # parts of one path: a curve, an outline
_FEW = 3  # slanted lines of one path: a curve, too
_ROUND = 10  # parts that a box with round corners has


@dataclass(frozen=True, slots=True)
class Path:
    """One path: where it stands, and of how many parts it is made."""

    box: Box
    parts: int


def paths_of(raw: Any, page: Any, area: float) -> tuple[list[Path], list[Path]]:
    """The paths of a page, and its forms of some size as one path each. `raw`: `pypdfium2.raw`."""
    paths: list[Path] = []
    forms: list[Path] = []
    for at in range(min(int(raw.FPDFPage_CountObjects(page)), 2 * _MOST_PATHS)):
        _add(raw, raw.FPDFPage_GetObject(page, at), area, paths, forms, None, 0)
    return paths, forms


def _add(raw: Any, thing: Any, area: float, paths: list[Path], forms: list[Path],
         matrix: Any, depth: int) -> None:  # fmt: skip
    kind = raw.FPDFPageObj_GetType(thing)
    if kind == raw.FPDF_PAGEOBJ_PATH and len(paths) < _MOST_PATHS:
        box = _box(raw, thing, matrix)
        if box is not None:
            parts = int(raw.FPDFPath_CountSegments(thing))
            curve = _FEW < parts < _MANY and _slanted(raw, thing, parts) >= _FEW
            paths.append(Path(box, _MANY if curve else parts))
    elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEP:
        box = _box(raw, thing, matrix)
        if box is None:
            return
        count = min(int(raw.FPDFFormObj_CountObjects(thing)), _MOST_PATHS)
        inner = [raw.FPDFFormObj_GetObject(thing, n) for n in range(count)]
        if (box[2] - box[0]) * (box[3] - box[1]) > _WHOLE * area:
            own = raw.FS_MATRIX()
            known = matrix is None and raw.FPDFPageObj_GetMatrix(thing, own)
            for part in inner:
                _add(raw, part, area, paths, forms, own if known else matrix, depth + 1)
            return
        drawn: list[Path] = []
        for part in inner:
            _add(raw, part, float("inf"), drawn, drawn, matrix, depth + 1)
        if drawn:
            forms.append(Path(box, sum(path.parts for path in drawn)))


def _slanted(raw: Any, path: Any, parts: int) -> int:
    """How many of a path's parts are lines neither across nor down, as those of a curve are."""
    count, last = 0, None
    x, y = ctypes.c_float(), ctypes.c_float()
    for at in range(parts):
        part = raw.FPDFPath_GetPathSegment(path, at)
        if not raw.FPDFPathSegment_GetPoint(part, x, y):
            continue
        here = x.value, y.value
        straight = raw.FPDFPathSegment_GetType(part) == raw.FPDF_SEGMENT_LINETO
        if last and straight and min(abs(here[0] - last[0]), abs(here[1] - last[1])) > 1:
            count += 1
        last = here
    return count


def _box(raw: Any, thing: Any, matrix: Any) -> Box | None:
    left, low, right, high = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(thing, left, low, right, high):
        return None
    box = left.value, low.value, right.value, high.value
    if matrix is None:
        return box
    corners = [(matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f)
               for x in box[::2] for y in box[1::2]]  # fmt: skip
    across, down = [x for x, _ in corners], [y for _, y in corners]
    return min(across), min(down), max(across), max(down)


def drawings(paths: Sequence[Path], forms: Sequence[Path], words: Sequence[Box],
             frame: Box) -> list[tuple[float, ...]]:  # fmt: skip
    """The boxes of figures among the paths of a page, and of how many parts each is made; `words`
    are the boxes of its letters.
    """
    area = (frame[2] - frame[0]) * (frame[3] - frame[1])
    shapes = [path for path in paths if _is_shape(path, words, frame)]
    shapes += [form for form in forms if form.parts >= _MANY]
    lines = [path for path in paths if _is_thin(path)] if shapes else []  # axes join their bars
    found: list[tuple[float, ...]] = []
    for joined in _groups(shapes + lines):
        group = [path for path in joined if path not in lines]
        if not group:
            continue
        left, low, right, high = _around(path.box for path in group)
        drawn = len(group) >= _FEWEST or any(path.parts >= _MANY for path in group)
        large = right - left >= _WIDTH and high - low >= _HEIGHT
        if drawn and large and (right - left) * (high - low) >= _AREA * area:
            found.append((left, low, right, high, sum(path.parts for path in group)))
    return found


def _is_shape(path: Path, words: Sequence[Box], frame: Box) -> bool:
    """Neither thin nor around words, nor behind the whole page."""
    left, low, right, high = path.box
    if _is_thin(path) or path.parts < 2:
        return False
    if (right - left) * (high - low) > _WHOLE * (frame[2] - frame[0]) * (frame[3] - frame[1]):
        return False
    if path.parts > _ROUND:
        return True
    return not any(left < (a + b) / 2 < right and low < (c + d) / 2 < high for a, c, b, d in words)


def _is_thin(path: Path) -> bool:
    left, low, right, high = path.box
    return right - left < _THIN or high - low < _THIN


def _groups(shapes: Sequence[Path]) -> Iterator[list[Path]]:
    """Shapes that stand near each other."""
    groups: list[tuple[Box, list[Path]]] = []
    for shape in sorted(shapes, key=lambda path: path.box):
        box, members = shape.box, [shape]
        rest = []
        for other, inside in groups:
            if _are_near(box, other):
                box, members = _around((box, other)), inside + members
            else:
                rest.append((other, inside))
        groups = [*rest, (box, members)]
    yield from (members for _, members in groups)


def _are_near(one: Box, other: Box) -> bool:
    return (one[0] - _NEAR < other[2] and other[0] - _NEAR < one[2]
            and one[1] - _NEAR < other[3] and other[1] - _NEAR < one[3])  # fmt: skip


def _around(boxes: Any) -> Box:
    lefts, lows, rights, highs = zip(*boxes, strict=True)
    return min(lefts), min(lows), max(rights), max(highs)
