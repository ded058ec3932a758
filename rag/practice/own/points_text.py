"""A draft as text that its learner corrects: numbered points, and questions with their numbers."""

import re
from dataclasses import replace

from rag.errors import UsageError
from rag.notes.topic import NoteQuestion, TaughtPoint
from rag.practice.own.drafted_points import DraftedPoints
from rag.practice.own.point_ids import point_id

LONGEST = 500  # characters of a point or a question
MOST_LINES = 60
_POINT = re.compile(r"(\d{1,3})\s*[.、．)）:：]\s*(\S.*)")
_NEW = re.compile(r"[+＋•*-]\s*(\S.*)")
_QUESTION = re.compile(r"[?？]\s*(\S.*?)\s*(?:[(（]([\d\s,，、]*)[)）])?")


def as_text(draft: DraftedPoints) -> str:
    """A line a point, `1. text`, and one a question, `? text (1 2)` with its points' numbers."""
    number = {point.id: n for n, point in enumerate(draft.points, 1)}
    points = [f"{n}. {point.text}" for n, point in enumerate(draft.points, 1)]
    questions = [
        f"? {question.text} ({' '.join(str(number[name]) for name in question.points)})"
        for question in draft.questions
    ]
    return "\n".join([*points, *questions])


def from_text(draft: DraftedPoints, text: str) -> DraftedPoints:
    """The draft as the learner left its text: what is gone is dropped, wording may differ, `+ text`
    adds a point, `? text (1 2)` asks for points 1 and 2 and `? text` for all.

    A point keeps its id, quote and section by its number.

    Raises:
        UsageError: a line is none of these, names a point twice or one that is not there, or no
            point is left.
    """
    points: dict[int, TaughtPoint] = {}
    asked: list[tuple[str, str]] = []
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise UsageError(f"These are more than {MOST_LINES} lines. 行数太多。")
    for line in lines:
        if len(line) > LONGEST:
            raise UsageError(f"A line has more than {LONGEST} characters. 一行太长。")
        if found := _POINT.fullmatch(line):
            number = int(found[1])
            if number in points or not 1 <= number <= len(draft.points):
                raise UsageError(
                    f"Point {number} is there twice or was not drafted; begin a new one with +. "
                    f"要点 {number} 重复或不存在；新要点请以 + 开头。"
                )
            points[number] = replace(draft.points[number - 1], text=found[2])
        elif found := _NEW.fullmatch(line):
            added = TaughtPoint(found[1], id=point_id(found[1]))
            points[max([len(draft.points), *points]) + 1] = added
        elif found := _QUESTION.fullmatch(line):
            asked.append((found[1], found[2] or ""))
        else:
            raise UsageError(
                f"'{line[:60]}' begins with no number, + or ?. 每行以编号、+ 或 ? 开头。"
            )
    if not points:
        raise UsageError("Keep at least one point. 至少保留一个要点。")
    every = tuple(point.id for point in points.values())
    questions = [
        NoteQuestion(question, _ids(numbers, points, every)) for question, numbers in asked
    ]
    left = [question for question in questions if question.points]
    return replace(
        draft,
        points=tuple(points.values()),
        questions=tuple(left) or (NoteQuestion(draft.questions[0].text, every),),
    )


def _ids(numbers: str, points: dict[int, TaughtPoint], every: tuple[str, ...]) -> tuple[str, ...]:
    """The points that a question names and that are left; all where it names none."""
    named = [int(number) for number in re.findall(r"\d+", numbers)]
    return tuple(points[n].id for n in dict.fromkeys(named) if n in points) if named else every
