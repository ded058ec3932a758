"""Without a model: what was found in the learner's words, and the score that they give themselves.

Finding words is not judging. So nothing is called wrong, left out or unsupported, and there is no
score until the learner has ticked what they said.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import get_args

from rag.errors import UsageError
from rag.practice.grades import Found, Grade, LeftOut, PointGrade, PointStatus, score_of
from rag.text.language import Language

FOUND: dict[PointStatus, Found] = {"covered": "covered", "partly": "maybe", "contradicted": "maybe",
                                   "missed": "not found"}  # fmt: skip


def opened(grade: Grade) -> Grade:
    """A grade that nobody has judged: found, maybe or not found a point, and no score yet."""
    points = tuple(_opened(point) for point in grade.points)
    return replace(
        grade,
        points=points,
        statements=(),
        score=None,
        summary=_found_summary(points, grade.language),
        self_assessed=True,
    )


def _opened(point: PointGrade) -> PointGrade:
    status = FOUND.get(point.status, point.status)
    said = None if status == "not found" else point.said
    return replace(point, status=status, credit=float(status == "covered"), said=said, reason="")


def proposed(grade: Grade) -> list[int]:
    """Numbers of the points that were found, counted from 1: ticked until the learner says else."""
    return [n for n, point in enumerate(grade.points, 1) if point.status == "covered"]


def assessed(grade: Grade, said: Collection[int], partly: Collection[int] = ()) -> Grade:
    """The grade by the learner's own ticks.

    Args:
        said, partly: numbers of the points, counted from 1; all others were not said.

    Raises:
        UsageError: there is no such point, or a model has judged this explanation.
    """
    if not grade.self_assessed:
        raise UsageError(
            "A model has judged this explanation; appeal where it is wrong. "
            "这次由模型评分，如有异议请申诉。"
        )
    unknown = sorted(n for n in {*said, *partly} if not 1 <= n <= len(grade.points))
    if unknown:
        raise UsageError(
            f"There is no point {unknown[0]}; they are 1 to {len(grade.points)}. 没有这个要点。"
        )
    points = tuple(
        _ticked(point, n in said, n in partly) for n, point in enumerate(grade.points, 1)
    )
    return replace(
        grade,
        points=points,
        score=score_of(points),
        summary=_ticked_summary(points, grade.language),
    )


def _ticked(point: PointGrade, said: bool, partly: bool) -> PointGrade:
    if point.status in get_args(LeftOut):  # an appeal took it out of the score
        return point
    status: PointStatus = "covered" if said else "partly" if partly else "missed"
    credit = 1.0 if said else 0.5 if partly else 0.0
    words = point.said if status != "missed" else None
    return replace(
        point, status=status, credit=credit, said=words, found=point.found or point.status
    )


def _found_summary(points: Sequence[PointGrade], language: Language) -> str:
    counts = [sum(p.status == name for p in points) for name in ("covered", "maybe", "not found")]
    if language == "zh":
        return (
            f"没有模型评分。{len(points)} 个要点里，找到 {counts[0]} 个，可能讲到 {counts[1]} 个，"
            f"没找到 {counts[2]} 个；没找到不等于没讲，请勾选你讲到的要点。"
        )
    return (
        f"No model has graded this. Of {len(points)} key points {counts[0]} were found, "
        f"{counts[1]} perhaps, {counts[2]} not; not found is not unsaid: tick what you said."
    )


def _ticked_summary(points: Sequence[PointGrade], language: Language) -> str:
    said, partly = (sum(p.status == name for p in points) for name in ("covered", "partly"))
    left = next((p for p in points if p.status == "missed"), None) or next(
        (p for p in points if p.status == "partly"), None
    )
    if language == "zh":
        first = f"自评：{len(points)} 个要点讲到 {said} 个，讲到一部分 {partly} 个。"
        return first + (f"最该补的是：{left.text.rstrip('。')}。" if left else "没有漏掉的要点。")
    first = f"Self-assessed: {said} of {len(points)} key points said, {partly} in part. "
    return first + (
        f"Work on this first: {left.text.rstrip('.')}." if left else "Nothing was left out."
    )
