"""An appeal against a point's verdict, and what comes of it.

"I did say that" is judged again with the learner's words in view. That a question did not ask for
a point, or that the note is wrong, is the learner's to say: the point leaves the score.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from rag.errors import UsageError
from rag.practice.coach import Coach, Graded
from rag.practice.exercise import Exercise
from rag.practice.grades import Grade, PointGrade, PointStatus, score_of
from rag.practice.grading import grade
from rag.practice.interview.next_question import name_of, topic_of_key
from rag.practice.kept.appeals import KINDS, Appeal, AppealKind, Appeals
from rag.practice.points import KeyPoint
from rag.practice.schedule import rating_for

# (exercise on the one point, the words pointed at, the whole explanation) → its grade anew.
Rejudge = Callable[[Exercise, str, str], PointGrade]
_LEFT_OUT: dict[AppealKind, PointStatus] = {"not asked": "not asked", "note wrong": "disputed"}


def appeal(
    coach: Coach,
    profile: str,
    attempt: int,
    number: int,
    kind: AppealKind,
    words: str = "",
    rejudge: Rejudge | None = None,
    now: datetime | None = None,
) -> Graded:
    """Appeal against one point of an attempt's grade; gives the grade as it is now.

    The grade only ever gets better: words that say less than was found change nothing.

    Args:
        number: of the point, counted from 1.
        words: for "said" the learner's words that say it, as they stand in the explanation; for
            the other kinds why, or nothing.
        rejudge: judges the point anew; None: the coach's own model.

    Raises:
        UsageError: there is no such attempt or point, it was appealed before, no model has judged
            it, or the words are not in the explanation.
        ModelError: the LLM failed; nothing is kept.
    """
    if kind not in KINDS:
        raise UsageError(f"'{kind}' is no appeal; use {', '.join(KINDS)}. 申诉类型有误。")
    kept = coach.history.attempt(profile, attempt)
    before = Grade.from_dict(kept.grade)
    if not 1 <= number <= len(before.points):
        raise UsageError(
            f"There is no point {number}; they are 1 to {len(before.points)}. 没有这个要点。"
        )
    if before.self_assessed and kind == "said":
        raise UsageError("No model has judged this; tick what you said. 未经模型评分，请直接自评。")
    point = before.points[number - 1]
    appeals = Appeals(coach.history)
    appeals.check_first(attempt, point.name)
    after = point
    if kind == "said":
        words = words.strip()
        start = kept.explanation.find(words)
        if not words or start < 0:
            raise UsageError(
                "These words are not in your explanation; copy them as they stand there. "
                "请从你的解释里原样选出这句话。"
            )
        exercise = _one_point(coach, before, point)
        again = (rejudge or _rejudge(coach))(exercise, words, kept.explanation)
        if again.credit > point.credit or (
            point.status == "contradicted" and again.status not in {"contradicted", "missed"}
        ):
            said = again.said and replace(
                again.said, start=again.said.start + start, end=again.said.end + start
            )
            after = replace(point, status=again.status, credit=again.credit, said=said, reason="")
    else:
        after = replace(point, status=_LEFT_OUT[kind], credit=0.0)
    points = tuple(after if n == number else p for n, p in enumerate(before.points, 1))
    score = None if before.score is None else score_of(points)
    result = replace(before, points=points, score=score)
    appeals.add(
        Appeal(
            attempt, profile, kept.topic, point.name, kind, words, point.status, after.status,
            (now or datetime.now(UTC)).isoformat(),
        )
    )  # fmt: skip
    coach.history.regrade(profile, attempt, result.to_dict(), score)
    return Graded(result, attempt, None if score is None else rating_for(score, kept.hints))


def _one_point(coach: Coach, graded: Grade, point: PointGrade) -> Exercise:
    """The attempt's exercise with this one point, as the note has it now."""
    whole = coach.exercise_on(topic_of_key(coach, graded.topic), graded.language)
    found = next((p for p in whole.points if name_of(p, whole) == point.name), None)
    point_now = found or KeyPoint(point.text, "", point.source, point.id, point.weight)
    return replace(whole, question=graded.question, points=(point_now,))


def _rejudge(coach: Coach) -> Rejudge:
    def again(exercise: Exercise, words: str, explanation: str) -> PointGrade:
        model, lexical = coach.model, coach.index.lexical
        if model is None or model.queue is None:
            return grade(exercise, words, coach.embedder, lexical, model).points[0]
        with model.queue.turn(coach.asker):
            return grade(exercise, words, coach.embedder, lexical, model.without_queue()).points[0]

    return again
