"""The order in which a person reads the boxes of a slide; the file has them as they were drawn.

The widest empty strip between them, across or down, parts what is read first from what is read
next (as in the recursive XY cut of Nagy and Seth 1984): so the head of a column stays with its
column, and the steps of a row stay in their row.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from rag.readers.office.office_text import A

Box = tuple[float, float, float, float]  # left, top, right, bottom
Strip = tuple[float, list[int], list[int]]  # its width, and what lies on its two sides

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_POINT = 12_700  # of PowerPoint's units; what is smaller stands nowhere in particular
_OVERLAP = 0.08  # of a box's side, by which neighbours may overlap
_LEAST = 0.5  # of the lower one's height, that two boxes of one row have in common
_WIDE = 0.7  # of the width of all boxes
_MOST_BOXES = 400  # on a slide; more are no layout


def box_of(shape: Any) -> Box | None:
    """Where a shape or a group stands; None where the file leaves that to the slide's layout."""
    frame = shape.find(f"{P}xfrm")  # of tables and charts
    for path in (f"{P}spPr/{A}xfrm", f"{P}grpSpPr/{A}xfrm"):
        frame = shape.find(path) if frame is None else frame
    place = frame.find(f"{A}off") if frame is not None else None
    size = frame.find(f"{A}ext") if frame is not None else None
    if place is None or size is None:
        return None
    try:
        left, top = float(place.get("x")), float(place.get("y"))
        width, height = float(size.get("cx")), float(size.get("cy"))
    except (TypeError, ValueError):
        return None
    return (left, top, left + width, top + height) if max(width, height) > _POINT else None


class Placeholders:
    """Where the placeholders of a layout and its master stand, for shapes that do not say it."""

    def __init__(self, *trees: Any) -> None:
        self._by_key: dict[str, Box] = {}
        self._by_kind: dict[str, Box] = {}
        for tree in trees:
            for shape in tree.iter(f"{P}sp", f"{P}pic") if tree is not None else ():
                mark, box = shape.find(f".//{P}nvPr/{P}ph"), box_of(shape)
                if mark is not None and box is not None:
                    self._by_key.setdefault(mark.get("idx") or "0", box)
                    self._by_kind.setdefault(mark.get("type") or "obj", box)

    def of(self, shape: Any) -> Box | None:
        """The place of a shape: its own, or that of its placeholder."""
        own = box_of(shape)
        mark = shape.find(f".//{P}nvPr/{P}ph") if own is None else None
        if mark is None:
            return own
        kind = self._by_kind.get(mark.get("type") or "obj")
        return self._by_key.get(mark.get("idx") or "0", kind)


def in_reading_order(boxes: Sequence[Box | None]) -> Iterator[int]:
    """The numbers of boxes in the order in which they are read; those without a place come last."""
    placed = [number for number, box in enumerate(boxes) if box is not None]
    known = {number: box for number, box in enumerate(boxes) if box is not None}
    yield from placed if len(placed) > _MOST_BOXES else _cut(placed, known)
    yield from (number for number, box in enumerate(boxes) if box is None)


def _cut(numbers: list[int], boxes: dict[int, Box]) -> Iterator[int]:
    if len(numbers) < 2:
        yield from numbers
        return
    across, down = _strips(numbers, boxes, 0), _strips(numbers, boxes, 1)
    width = _extent(numbers, boxes)
    # What goes over all columns stands above or below them, however near.
    over = [strip for strip in down if _is_over(strip, boxes, width)]
    best = max(over or across + down, key=lambda strip: strip[0], default=None)
    if best is None:
        yield from _by_rows(numbers, boxes)
        return
    yield from _cut(best[1], boxes)
    yield from _cut(best[2], boxes)


def _strips(numbers: list[int], boxes: dict[int, Box], axis: int) -> list[Strip]:
    """The empty strips along an axis (0: across, 1: down)."""

    def inset(number: int) -> float:
        return _OVERLAP * (boxes[number][axis + 2] - boxes[number][axis])

    inorder = sorted(numbers, key=lambda number: boxes[number][axis] + inset(number))
    found: list[Strip] = []
    end = last = float("-inf")  # of what stands before, with and without what may overlap
    for place, number in enumerate(inorder):
        near, far = boxes[number][axis], boxes[number][axis + 2]
        if place and near + inset(number) >= last:
            found.append((near - end, inorder[:place], inorder[place:]))
        end, last = max(end, far), max(last, far - inset(number))
    return found


def _extent(numbers: list[int], boxes: dict[int, Box]) -> float:
    return max(boxes[n][2] for n in numbers) - min(boxes[n][0] for n in numbers)


def _is_over(strip: Strip, boxes: dict[int, Box], width: float) -> bool:
    """A strip below or above one box that is as wide as all of them."""
    _, above, below = strip
    neighbours = boxes[above[-1]], boxes[below[0]]
    return any(right - left > _WIDE * width for left, _, right, _ in neighbours)


def _by_rows(numbers: list[int], boxes: dict[int, Box]) -> Iterator[int]:
    """Boxes that overlap each other: from the top, those beside each other from left to right."""
    rows: list[list[int]] = []
    for number in sorted(numbers, key=lambda one: boxes[one][1]):
        _, top, _, bottom = boxes[number]
        _, first_top, _, first_bottom = boxes[rows[-1][0]] if rows else (0, 0, 0, 0)
        common = min(bottom, first_bottom) - max(top, first_top)
        lower = min(bottom - top, first_bottom - first_top)
        if rows and common > _LEAST * lower:
            rows[-1].append(number)
        else:
            rows.append([number])
    for row in rows:
        yield from sorted(row, key=lambda one: boxes[one][0])
