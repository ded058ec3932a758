"""What the Practice page does with one exercise; each gives the updates that it shows."""

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError, UsageError
from rag.llm.waiting import Waiting
from rag.notes.topic import origin_of
from rag.permissions import readable_names
from rag.practice.after.appealing import appeal as appealed
from rag.practice.after.comparison import compared
from rag.practice.after.model_answer import model_answer
from rag.practice.coach import Coach, Graded
from rag.practice.coach import hint as next_hint
from rag.practice.grading import Exercise
from rag.practice.interview.next_question import next_question
from rag.practice.kept.appeals import AppealKind
from rag.practice.schedule import Rating, rating_for
from ui import answer_html as html
from ui.grade_html import grade_html
from ui.practising import appeal_area
from ui.practising.after_html import after_html
from ui.practising.ticks import read_ticks
from ui.session import asker_of, error_html, owner_of, profile_of
from ui.tabs.practice_exercise import PracticeSession
from ui.wording import Language, word

Updates = tuple[Any, ...]


class ExerciseActions:
    """The handlers over one assistant.

    A result's updates are: session, result, rating, schedule, what follows, and the four of the
    appeal area.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def choose(
        self, who: str, wanted: str | None, names: list[str], only_tag: str, only_difficulty: str,
        limit: float, interface: Language, request: gr.Request,
    ) -> Updates:  # fmt: skip
        """Session, question, explanation, hints, an empty result; and no topic chosen, so that the
        next one is another."""
        assistant = self._assistant
        try:
            names = readable_names(assistant, names or assistant.chosen, owner_of(request))
            coach, name = assistant.coach("none", names), profile_of(who, request)
            topic = wanted or coach.next_topic(
                name, only_tag or "", only_difficulty or "", path=assistant.path_ahead(name, names)
            )
            exercise = coach.exercise(topic, interface, name)
            draft = coach.history.draft(name, exercise.topic)
        except RagError as error:
            return PracticeSession(), error_html(error), gr.skip(), "", *_nothing(), gr.skip()
        shown = _question_html(exercise, int(limit))
        return PracticeSession(exercise, tuple(names)), shown, draft, "", *_nothing(), None

    def give_hint(self, now: PracticeSession, shown: str, interface: Language) -> tuple[Any, str]:
        if now.exercise is None:
            return now, f"<p class='quiet'>{word('no_question', interface)}</p>"
        point = next_hint(now.exercise, now.hints)
        if point is None:
            return now, f"{shown}<p class='quiet'>{word('no_hints', interface)}</p>"
        now.hints += 1
        text = word("hint_text", interface, n=now.hints, heading=point.hint)
        return now, f"{shown}<p>{html.escape(text)}</p>"

    def judge(
        self, text: str, now: PracticeSession, who: str, interface: Language, request: gr.Request
    ) -> Iterator[Updates]:
        """The result, as far as it is known."""
        if now.exercise is None:
            yield now, _quiet("no_question", interface), *_nothing()[1:]
            return
        yield now, _quiet("grading", interface), *_nothing()[1:]
        try:
            coach, profile = self._coach(now, None, request), profile_of(who, request)
            grading = coach.grading(now.exercise, text, profile, now.hints, part_of=now.part_of)
            with closing(grading) as events:
                for event in events:
                    if isinstance(event, Waiting):
                        told = _quiet("waiting", interface, n=event.ahead)
                        yield now, told, *_nothing()[1:]
                        continue
                    yield _graded(now, coach, event, profile, interface)
        except RagError as error:
            yield now, error_html(error), *_nothing()[1:]

    def tick(
        self, ticks: str, now: PracticeSession, who: str, interface: Language, request: gr.Request
    ) -> Updates:
        """The result by the learner's own ticks."""
        if now.grade is None:
            return _unchanged(now)
        try:
            if not ticks.strip():  # that is no answer; "not said" can be ticked
                raise UsageError(word("tick_first", interface))
            coach, profile = self._coach(now, "none", request), profile_of(who, request)
            said, partly = read_ticks(ticks, now.grade)
            done = coach.assess(profile, now.attempt, said, partly)
            return _graded(now, coach, done, profile, interface)
        except RagError as error:
            return *_unchanged(now)[:3], error_html(error), *_unchanged(now)[4:]

    def appeal(
        self, number: int | None, kind: AppealKind | None, words: str, now: PracticeSession,
        who: str, interface: Language, request: gr.Request,
    ) -> Iterator[Updates]:  # fmt: skip
        """The result after an appeal, and what came of it."""
        if now.grade is None:
            yield _unchanged(now)
            return
        try:
            if not number or not kind:
                raise UsageError(word("appeal_incomplete", interface))
            yield *_unchanged(now)[:-1], _quiet("grading", interface)
            spec = None if kind == "said" else "none"
            coach, profile = self._coach(now, spec, request), profile_of(who, request)
            done = appealed(coach, profile, now.attempt, number, kind, words)
            told = appeal_area.came_of_it(number, now.grade, done.grade, interface)
            yield _graded(now, coach, done, profile, interface, told)
        except RagError as error:
            yield *_unchanged(now)[:-1], error_html(error)

    def follow_up(
        self, now: PracticeSession, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        """The examiner's next question on the topic, in the place of the first."""
        if now.exercise is None or now.grade is None:
            return _same_question(now, gr.skip())
        try:
            coach = self._coach(now, "none", request)
            rounds = (*now.rounds, now.grade)
            following = next_question(coach, *rounds)
        except RagError as error:
            return _same_question(now, error_html(error))
        if following is None:
            return _same_question(now, _quiet("nothing_left", interface))
        session = PracticeSession(
            following.exercise, now.collections, rounds=rounds, part_of=now.part_of or now.attempt
        )
        shown = _question_html(following.exercise, 0)
        return session, shown, "", "", *_nothing(), gr.skip()

    def schedule(
        self, now: PracticeSession, rated: str | None, who: str, interface: Language,
        request: gr.Request,
    ) -> str:  # fmt: skip
        if now.grade is None or not rated:
            return ""
        try:
            when = self._assistant.coach("none").rate(
                profile_of(who, request), now.part_of or now.attempt, now.grade.topic, rated
            )
        except RagError as error:
            return error_html(error)
        text = word("scheduled", interface, due=f"{when.astimezone():%Y-%m-%d %H:%M}")
        return f"<p>{html.escape(text)}</p>"

    def save(self, text: str, now: PracticeSession, who: str, request: gr.Request) -> None:
        """Keep what is being written."""
        if now.exercise is None or now.grade is not None or now.part_of is not None:
            return
        with suppress(RagError):  # no name in the box yet: said when it matters
            self._assistant.history().save_draft(
                profile_of(who, request), now.exercise.topic, text, datetime.now(UTC)
            )

    def _coach(self, now: PracticeSession, spec: str | None, request: gr.Request) -> Coach:
        names = readable_names(self._assistant, now.collections, owner_of(request))
        return self._assistant.coach(spec, names, asker_of(request))


def _graded(
    now: PracticeSession, coach: Coach, graded: Graded, profile: str, interface: Language,
    told: str = "",
) -> Updates:  # fmt: skip
    """A grade with all that follows from it."""
    answer = model_answer(graded.grade, coach.index)
    difference = compared(coach.history, profile, graded.attempt)
    done = replace(now, grade=graded.grade, attempt=graded.attempt, answer=answer)
    return (
        done, grade_html(graded.grade, interface), _suggested(now, graded), "",
        after_html(difference, answer, interface),
        *appeal_area.updates(graded.grade, interface, told),
    )  # fmt: skip


def _nothing() -> Updates:
    """No result yet: what comes after the session."""
    return "", None, "", "", gr.update(choices=[], value=None), None, "", ""


def _unchanged(now: PracticeSession) -> Updates:
    return (now, *(gr.skip(),) * 8)


def _same_question(now: PracticeSession, told: Any) -> Updates:
    """Question and result as they are, and a sentence below them."""
    return now, *(gr.skip(),) * 5, told, *(gr.skip(),) * 6


def _suggested(now: PracticeSession, graded: Graded) -> Rating | None:
    """The rating of the grade, or of all the rounds on its topic."""
    scores = [grade.score for grade in (*now.rounds, graded.grade) if grade.score is not None]
    if graded.suggested is None or not now.rounds:
        return graded.suggested
    return rating_for(round(sum(scores) / len(scores)))


def _quiet(key: str, language: Language, **values: object) -> str:
    return f"<p class='quiet'>{word(key, language, **values)}</p>"


def _question_html(exercise: Exercise, minutes: int) -> str:
    clock = ""
    if minutes:
        ends = int((time.time() + 60 * minutes) * 1000)
        clock = f"<span class='countdown' data-ends='{ends}'></span>"
    place = " · ".join(part for part in (exercise.title, origin_of(exercise.topic)) if part)
    title, question = html.escape(place), html.inline(exercise.question, typeset=False)
    return f"<p class='quiet'>{title} {clock}</p><h3>{question}</h3>"
