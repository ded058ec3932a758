"""What the Practice page does with one exercise; each gives the updates that it shows."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError, UsageError
from rag.notes.topic import origin_of
from rag.permissions import readable_names
from rag.practice.after.appealing import appeal as appealed
from rag.practice.after.comparison import compared
from rag.practice.after.model_answer import model_answer
from rag.practice.coach import Coach, Graded
from rag.practice.coach import hint as next_hint
from rag.practice.exercise import Exercise
from rag.practice.interview.next_question import next_question
from rag.practice.judging import Judging
from rag.practice.kept.appeals import AppealKind
from rag.practice.schedule import Rating, rating_for
from ui.answer_html import escape, inline, quiet
from ui.grade_html import grade_html, judging_html
from ui.practising import appeal_area
from ui.practising.after_html import after_html
from ui.practising.carried import carried_through, its_turn
from ui.practising.exercise_parts import Choices, ExerciseParts
from ui.practising.ticks import read_ticks
from ui.session import asker_of, error_html, owner_of, profile_of
from ui.tabs.practice_exercise import PracticeSession
from ui.wiring import Updates, unchanged
from ui.wording import Language, word


class ExerciseActions:
    """The handlers over one assistant and the components of one page."""

    def __init__(self, assistant: Assistant, parts: ExerciseParts, choices: Choices) -> None:
        self._assistant = assistant
        self.parts, self.choices = parts, choices

    def choose(
        self, who: str, wanted: str | None, names: list[str], only_tag: str, only_difficulty: str,
        limit: float, interface: Language, request: gr.Request,
    ) -> Updates:  # fmt: skip
        """A question and an empty result; and no topic chosen, so that the next one is another."""
        assistant, part = self._assistant, self.parts
        try:
            names = readable_names(assistant, names or assistant.chosen, owner_of(request))
            coach, name = assistant.coach("none", names), profile_of(who, request)
            topic = wanted or coach.next_topic(
                name, only_tag or "", only_difficulty or "", path=assistant.path_ahead(name, names)
            )
            exercise = coach.exercise(topic, interface, name)
            draft = coach.history.draft(name, exercise.topic)
        except RagError as error:
            return self._asking(PracticeSession(), error_html(error))
        shown = _question_html(exercise, int(limit))
        return self._asking(PracticeSession(exercise, tuple(names)), shown) | {
            part.explanation: draft, self.choices.topic: None,
        }  # fmt: skip

    def give_hint(self, now: PracticeSession, shown: str, interface: Language) -> Updates:
        hints = self.parts.hints
        if now.exercise is None:
            return {hints: quiet(word("no_question", interface))}
        point = next_hint(now.exercise, now.hints)
        if point is None:
            return {hints: shown + quiet(word("no_hints", interface))}
        now.hints += 1
        text = word("hint_text", interface, n=now.hints, heading=point.hint)
        return {self.parts.session: now, hints: f"{shown}<p>{escape(text)}</p>"}

    def judge(
        self, text: str, now: PracticeSession, who: str, interface: Language, request: gr.Request
    ) -> Iterator[Updates]:
        """The result, as far as it is known."""
        if now.exercise is None:
            yield self._instead_of_result(quiet(word("no_question", interface)))
            return
        yield self._instead_of_result(quiet(word("grading", interface)))
        try:
            coach, profile = self._coach(now, None, request), profile_of(who, request)
            grading = coach.grading(now.exercise, text, profile, now.hints, part_of=now.part_of)
            rest = yield from its_turn(
                grading,
                lambda event: self._instead_of_result(
                    quiet(word("waiting", interface, n=event.ahead))
                ),
            )
            yield from carried_through(self._judged(rest, now, coach, profile, interface))
        except RagError as error:
            yield self._instead_of_result(error_html(error))

    def _judged(
        self, grading: Iterator[Judging | Graded], now: PracticeSession, coach: Coach,
        profile: str, interface: Language,
    ) -> Iterator[Updates]:  # fmt: skip
        for event in grading:
            if isinstance(event, Judging):
                yield self._instead_of_result(judging_html(event, interface))
            else:
                yield self._graded(now, coach, event, profile, interface)

    def tick(
        self, ticks: str, now: PracticeSession, who: str, interface: Language, request: gr.Request
    ) -> Updates:
        """The result by the learner's own ticks."""
        if now.grade is None:
            return unchanged(self.parts.session)
        try:
            if not ticks.strip():  # that is no answer; "not said" can be ticked
                raise UsageError(word("tick_first", interface))
            coach, profile = self._coach(now, "none", request), profile_of(who, request)
            said, partly = read_ticks(ticks, now.grade)
            done = coach.assess(profile, now.attempt, said, partly)
            return self._graded(now, coach, done, profile, interface)
        except RagError as error:
            return {self.parts.scheduled: error_html(error)}

    def appeal(
        self, number: int | None, kind: AppealKind | None, words: str, now: PracticeSession,
        who: str, interface: Language, request: gr.Request,
    ) -> Iterator[Updates]:  # fmt: skip
        """The result after an appeal, and what came of it."""
        if now.grade is None:
            yield unchanged(self.parts.session)
            return
        outcome = self.parts.appeal.outcome
        try:
            if not number or not kind:
                raise UsageError(word("appeal_incomplete", interface))
            yield {outcome: quiet(word("grading", interface))}
            spec = None if kind == "said" else "none"
            coach, profile = self._coach(now, spec, request), profile_of(who, request)
            done = appealed(coach, profile, now.attempt, number, kind, words)
            came = appeal_area.came_of_it(number, now.grade, done.grade, interface)
            yield self._graded(now, coach, done, profile, interface, came)
        except RagError as error:
            yield {outcome: error_html(error)}

    def follow_up(self, now: PracticeSession, interface: Language, request: gr.Request) -> Updates:
        """The examiner's next question on the topic, in the place of the first."""
        if now.exercise is None or now.grade is None:
            return unchanged(self.parts.session)
        try:
            coach = self._coach(now, "none", request)
            rounds = (*now.rounds, now.grade)
            following = next_question(coach, *rounds)
        except RagError as error:
            return {self.parts.scheduled: error_html(error)}
        if following is None:
            return {self.parts.scheduled: quiet(word("nothing_left", interface))}
        session = PracticeSession(
            following.exercise, now.collections, rounds=rounds, part_of=now.part_of or now.attempt
        )
        shown = _question_html(following.exercise, 0)
        return self._asking(session, shown) | {self.parts.explanation: ""}

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
        return f"<p>{escape(text)}</p>"

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

    def _asking(self, session: PracticeSession, question: str) -> Updates:
        """A question of which nothing is answered; what is written below it stays."""
        part = self.parts
        return self._instead_of_result("") | {
            part.session: session, part.question: question, part.hints: "",
        }  # fmt: skip

    def _instead_of_result(self, message: str) -> Updates:
        """A sentence, and nothing of what follows a grade."""
        part = self.parts
        return {
            part.result: message, part.rating: None, part.scheduled: "", part.after: "",
            **part.appeal.blank(),
        }  # fmt: skip

    def _graded(
        self, now: PracticeSession, coach: Coach, graded: Graded, profile: str,
        interface: Language, outcome: str = "",
    ) -> Updates:  # fmt: skip
        """A grade with all that follows from it."""
        part = self.parts
        answer = model_answer(graded.grade, coach.index)
        difference = compared(coach.history, profile, graded.attempt)
        return {
            part.session: replace(now, grade=graded.grade, attempt=graded.attempt, answer=answer),
            part.result: grade_html(graded.grade, interface),
            part.rating: _suggested(now, graded),
            part.scheduled: "",
            part.after: after_html(difference, answer, interface),
            **part.appeal.offering(graded.grade, interface, outcome),
        }


def _suggested(now: PracticeSession, graded: Graded) -> Rating | None:
    """The rating of the grade, or of all the rounds on its topic."""
    scores = [grade.score for grade in (*now.rounds, graded.grade) if grade.score is not None]
    if graded.suggested is None or not now.rounds:
        return graded.suggested
    return rating_for(round(sum(scores) / len(scores)))


def _question_html(exercise: Exercise, minutes: int) -> str:
    clock = ""
    if minutes:
        ends = int((time.time() + 60 * minutes) * 1000)
        clock = f"<span class='countdown' data-ends='{ends}'></span>"
    place = " · ".join(part for part in (exercise.title, origin_of(exercise.topic)) if part)
    title, question = escape(place), inline(exercise.question, typeset=False)
    return f"{quiet(f'{title} {clock}')}<h3>{question}</h3>"
