"""The learner's own ticks, as the page's radio buttons tell them."""

from collections.abc import Collection

from rag.practice.grades import Grade
from ui.grade_html import TICKS

# JavaScript: in place of a handler's first value, the ticks below an element.
GIVEN = "(...all) => [window.ticksIn('{place}'), ...all.slice(1)]"


def ticks_given(text: str) -> dict[int, str]:
    """Number of a point → its tick, as far as there are any: "1:covered 3:partly"."""
    items = (item.partition(":") for item in text.split())
    return {int(number): name for number, _, name in items if number.isdecimal() and name in TICKS}


def read_ticks(text: str, grade: Grade) -> tuple[Collection[int], Collection[int]]:
    """Numbers of the points that were said and that were said in part: "1:covered 3:partly".

    What is no tick of this grade is left out.
    """
    ticks = ticks_given(text).items()
    known = [(number, name) for number, name in ticks if 1 <= number <= len(grade.points)]
    said, partly = (
        [number for number, name in known if name == wanted] for wanted in ("covered", "partly")
    )
    return said, partly
