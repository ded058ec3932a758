"""The learner's own ticks, as the page's radio buttons tell them."""

from collections.abc import Collection

from rag.practice.grades import Grade

# JavaScript: in place of a handler's first value, the ticks below an element.
GIVEN = "(...all) => [window.ticksIn('{place}'), ...all.slice(1)]"


def read_ticks(text: str, grade: Grade) -> tuple[Collection[int], Collection[int]]:
    """Numbers of the points that were said and that were said in part: "1:covered 3:partly".

    What is no tick of this grade is left out.
    """
    found: dict[str, list[int]] = {"covered": [], "partly": []}
    for item in text.split():
        number, _, name = item.partition(":")
        if name in found and number.isdecimal() and 1 <= int(number) <= len(grade.points):
            found[name].append(int(number))
    return found["covered"], found["partly"]
