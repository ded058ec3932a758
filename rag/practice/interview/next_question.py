"""What an examiner asks next. It depends on the answer: something wrong is asked back, something
left out is led to, and who said everything is asked deeper."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from rag.errors import CorpusError
from rag.notes.topic import FREE, NoteQuestion, Topic
from rag.practice.coach import Coach
from rag.practice.exercise import Exercise
from rag.practice.grades import Grade, PointGrade
from rag.practice.own.drafted_topic import with_draft
from rag.practice.points import KeyPoint

Kind = Literal["back", "lead", "deeper"]
_ANGLES = {
    "why": re.compile(r"为什么|为何|为啥|原因|\bwhy\b", re.I),
    "trade-off": re.compile(r"优缺点|缺点|代价|局限|取舍|drawback|trade-?off|limit|cost", re.I),
    "number": re.compile(r"多少|几|多大|怎么算|how (?:many|much|large|big)|number", re.I),
    "compare": re.compile(r"区别|相比|对比|比|不同|\bvs\b|differ|compare|versus", re.I),
}
_LEAD = {
    "zh": "关于“{title}”，请具体讲讲“{hint}”这一部分。",
    "en": "On {title}: could you go into the part “{hint}”?",
}
_REST = {
    "zh": "关于“{title}”，还有什么没有讲到？请补充。",
    "en": "On {title}: what have you not said yet?",
}
_BACK = {
    "zh": "你说“{words}”，真的是这样吗？请说明理由。",
    "en": "You said “{words}” — is that really so, and why?",
}
_DEEPER = {
    "zh": "再深入一点：“{title}”里的“{hint}”是怎么回事，为什么？",
    "en": "One level deeper: what about “{hint}” in {title}, and why?",
}
_LONGEST_QUOTE = 80


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The next question on a topic, to be answered and graded as the first one was.

    Attributes:
        kind: `back` for something wrong, `lead` to something left out, `deeper` after all was said.
    """

    kind: Kind
    exercise: Exercise

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "question": self.exercise.question,
            "points": len(self.exercise.points),
        }


def next_question(coach: Coach, *rounds: Grade) -> FollowUp | None:
    """The question after some rounds on one topic; None when nothing of the note is left to ask.

    Args:
        rounds: the grades so far, the first answer's first.
    """
    first = rounds[0]
    topic = topic_of_key(coach, first.topic)
    try:
        whole = coach.exercise_on(topic, first.language)
    except CorpusError:  # the note has changed since
        return None
    known = {name_of(point, whole): point for point in whole.points}
    led = {point.name for grade in rounds[1:] for point in grade.points}
    said = {p.name for grade in rounds for p in grade.points if p.status == "covered"}
    for kind, weak in (
        ("back", _weak(rounds, "contradicted")),
        ("lead", _weak(rounds, "missed", "not found") + _weak(rounds, "partly", "maybe")),
    ):
        for point in weak:
            if point.name in led or point.name in said or point.name not in known:
                continue
            if kind == "back":
                words = " ".join(point.said.text.split())[:_LONGEST_QUOTE] if point.said else ""
                question = _BACK[first.language].format(words=words or point.text)
                return _asked("back", whole, question, [known[point.name]])
            return _leading(topic, whole, point, known, said, rounds)
    return _deeper(topic, whole, known, rounds)


def topic_of_key(coach: Coach, key: str) -> Topic:
    """The topic that a grade or a history knows by a key; a typed one where no note has it."""
    found = next((topic for topic in coach.topics if topic.key == key), None)
    if found is None:
        return Topic(key if key.startswith(FREE) else FREE + key, key.removeprefix(FREE))
    return with_draft(found, coach.index)


def name_of(point: KeyPoint, exercise: Exercise) -> str:
    """What grades know a point by."""
    return point.id or " ".join(point.in_language(exercise.language).split())


def _weak(rounds: Sequence[Grade], *statuses: str) -> list[PointGrade]:
    return [point for grade in reversed(rounds) for point in _of(grade, *statuses)]


def _of(grade: Grade, *statuses: str) -> list[PointGrade]:
    """Points of some statuses: those that must be said first."""
    found = [point for point in grade.points if point.status in statuses]
    return sorted(found, key=lambda point: point.weight != "must")


def _leading(
    topic: Topic,
    whole: Exercise,
    point: PointGrade,
    known: dict[str, KeyPoint],
    said: set[str],
    rounds: Sequence[Grade],
) -> FollowUp:
    """A question that leads to a point: the note's own where it has one that asks for little
    else, the model's where it wrote one, else the name of the section."""
    fitting = [
        question
        for question in _unasked(topic, rounds)
        if point.id and point.id in question.points and not said & set(question.points)
    ]
    if fitting:
        question = min(fitting, key=lambda item: len(item.points))
        wanted = [known[name] for name in question.points if name in known]
        return _asked("lead", whole, question.text, wanted)
    last = rounds[-1]
    weakest = next(iter(_of(last, "missed") or _of(last, "partly")), None)
    hint = known[point.name].hint
    # A note without sections has no part to lead to but itself.
    frame = _REST if hint == whole.title else _LEAD
    plain = frame[whole.language].format(title=whole.title, hint=hint)
    written = last.follow_up if weakest == point and not last.self_assessed else ""
    return _asked("lead", whole, written or plain, [known[point.name]])


def _deeper(
    topic: Topic, whole: Exercise, known: dict[str, KeyPoint], rounds: Sequence[Grade]
) -> FollowUp | None:
    """Another question of the note, of another angle if there is one; else a point not asked."""
    seen = {point.name for grade in rounds for point in grade.points}
    fresh = [
        (question, [known[name] for name in question.points if name in known and name not in seen])
        for question in _unasked(topic, rounds)
    ]
    fresh = [(question, points) for question, points in fresh if points]
    angles = {angle_of(grade.question) for grade in rounds}
    if fresh:
        order = [*_ANGLES, ""]
        question, points = min(
            fresh,
            key=lambda item: (
                (angle := angle_of(item[0].text)) in angles, order.index(angle), -len(item[1])
            ),
        )  # fmt: skip
        return _asked("deeper", whole, question.text, points)
    left = [point for name, point in known.items() if name not in seen]
    if not left:
        return None
    text = _DEEPER[whole.language].format(title=whole.title, hint=left[0].hint)
    return _asked("deeper", whole, text, left[:1])


def angle_of(question: str) -> str:
    """What a question is after: `why`, `trade-off`, `number`, `compare`, or ""."""
    return next((name for name, pattern in _ANGLES.items() if pattern.search(question)), "")


def _unasked(topic: Topic, rounds: Sequence[Grade]) -> list[NoteQuestion]:
    asked = {grade.question for grade in rounds}
    return [item for item in topic.questions_in(rounds[0].language) if item.text not in asked]


def _asked(kind: Kind, whole: Exercise, question: str, points: Sequence[KeyPoint]) -> FollowUp:
    return FollowUp(kind, replace(whole, question=question, points=tuple(points)))
