"""What a note and its English twin must share."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from rag.evaluation.corpus.note_parts import NoteParts, numbers_in
from rag.notes.topic import Topic
from rag.text.markup import without_markup

CLEARLY = 0.03  # so much nearer must another point's English be: siblings lie close together

Embed = Callable[[Sequence[str]], np.ndarray]


def parallel(topic: Topic, parts: NoteParts, twin: Topic, twin_parts: NoteParts) -> Iterator[str]:
    """Points, headings, code, tables and formulas of both, in the same order."""
    if [point.id for point in topic.points] != [point.id for point in twin.points]:
        yield "the twin has other key points, or in another order"
        return
    levels = [heading.level for heading in parts.headings]
    if levels != [heading.level for heading in twin_parts.headings]:
        yield f"{len(levels)} headings, {len(twin_parts.headings)} in the twin, or on other levels"
        return
    names = [heading.text for heading in parts.headings]
    other = [heading.text for heading in twin_parts.headings]
    for point, english in zip(topic.points, twin.points, strict=True):
        known = point.section in names and english.section in other
        if known and names.index(point.section) != other.index(english.section):
            yield f"the point {point.id} is taught in another section of the twin"
    for what, one, two in (
        ("code blocks", len(parts.code), len(twin_parts.code)),
        ("table rows", parts.table_rows, twin_parts.table_rows),
        ("displayed formulas", parts.formulas, twin_parts.formulas),
    ):
        if one != two:
            yield f"{one} {what}, {two} in the twin"
    for here, there in zip(parts.headings, twin_parts.headings, strict=True):
        lost = numbers_in(here.below) ^ numbers_in(there.below)
        # Small ones and powers of ten may be words in one of the languages: 两个, three, 百万.
        telling = sorted(
            number
            for number in lost
            if (number >= 100 or number % 1) and not math.log10(number).is_integer()
        )
        if telling:
            shown = ", ".join(f"{number:.10g}" for number in telling)
            yield f"section '{here.text}': {shown} on one side only"


def in_step(topic: Topic, twin: Topic, embed: Embed) -> Iterator[str]:
    """Each key point is nearer to its own English than to that of another, by embedding."""
    if not topic.points or len(topic.points) != len(twin.points):
        return
    chinese = embed([without_markup(point.text) for point in topic.points])
    english = embed([without_markup(point.text) for point in twin.points])
    likeness = chinese @ english.T
    for place, point in enumerate(topic.points):
        best = int(likeness[place].argmax())
        other = twin.points[best]
        # Two that are each other's counterpart: one point alone may just be near to many.
        nearer = float(likeness[place, best] - likeness[place, place])
        if best != place and int(likeness[:, best].argmax()) == place and nearer > CLEARLY:
            yield f"the point {point.id} is rather the twin's {other.id}"
