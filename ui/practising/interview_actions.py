"""What the Practice page does with a mock interview; each gives the updates that it shows."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError, UsageError
from rag.llm.waiting import Waiting
from rag.notes.note_key import DEFAULT
from rag.notes.topic import origin_of
from rag.permissions import readable_names
from rag.practice.after.appealing import appeal as appealed
from rag.practice.coach import Coach
from rag.practice.grades import Grade
from rag.practice.interview import topic_choice
from rag.practice.interview.interview_report import report_of
from rag.practice.interview.mock_interview import MockInterview
from rag.practice.interview.topic_choice import Chosen
from rag.practice.kept.appeals import AppealKind
from rag.practice.kept.interviews import Interview, Interviews
from ui.practising import appeal_area
from ui.practising import interview_html as drawn
from ui.practising import interview_views as views
from ui.practising.interview_views import Updates
from ui.practising.sitting import Sitting
from ui.practising.ticks import read_ticks
from ui.session import asker_of, error_html, owner_of, profile_of
from ui.wording import Language, word


class InterviewActions:
    """The handlers over one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def begin(
        self, who: str, names: list[str], by: str, tag: str | None, text: str, topics: float,
        minutes: float, interface: Language, request: gr.Request,
    ) -> Updates:  # fmt: skip
        """The first question of a new interview."""
        assistant = self._assistant
        try:
            names = readable_names(assistant, names or assistant.chosen, owner_of(request))
            coach, profile = assistant.coach("none", names), profile_of(who, request)
            chosen = self._chosen(coach, profile, names, by, tag or "", text, interface)
            mock = MockInterview.begin(
                coach, profile, chosen, interface, int(topics), int(minutes)
            )  # fmt: skip
            return views.asking(mock, interface)
        except RagError as error:
            return views.told(Sitting(), error_html(error))

    def send(
        self, text: str, now: Sitting, who: str, interface: Language, request: gr.Request
    ) -> Iterator[Updates]:
        """The result of an answer; its question stays, and the clock stands."""
        yield views.told(now, f"<p class='quiet'>{word('grading', interface)}</p>")
        try:
            mock = self._mock(now.number, None, who, request)
            if moved := views.moved_on(mock, now, interface):
                yield moved
                return
            with closing(mock.answering(text)) as events:
                for event in events:
                    if isinstance(event, Waiting):
                        told = word("waiting", interface, n=event.ahead)
                        yield views.told(now, f"<p class='quiet'>{told}</p>")
            mock.pause()
            self._forget_draft(now, who, request)
            yield views.answered(mock, interface)
        except RagError as error:
            yield views.told(now, error_html(error))

    def appeal(
        self, number: int | None, kind: AppealKind | None, words: str, now: Sitting, who: str,
        interface: Language, request: gr.Request,
    ) -> Iterator[Updates]:  # fmt: skip
        """The result after an appeal, which the next question depends on."""
        try:
            if not number or not kind:
                raise UsageError(word("appeal_incomplete", interface))
            grading = word("grading", interface)
            yield views.told_beside(now, f"<p class='quiet'>{grading}</p>")
            mock = self._mock(now.number, None if kind == "said" else "none", who, request)
            kept = views.last_attempt(mock)
            if (moved := views.moved_on(mock, now, interface)) or kept is None:
                yield moved or views.told_beside(now, "")
                return
            before = Grade.from_dict(kept.grade)
            done = appealed(mock.coach, kept.profile, kept.id, number, kind, words)
            came = appeal_area.came_of_it(number, before, done.grade, interface)
            yield views.answered(mock, interface, came)
        except RagError as error:
            yield views.told_beside(now, error_html(error))

    def following(
        self, ticks: str, now: Sitting, who: str, interface: Language, request: gr.Request
    ) -> Updates:
        """The next question; where no model judged, the answer before is scored by the ticks, if
        there are any."""

        def goes_on(mock: MockInterview) -> Updates:
            grade = views.last_grade(mock)
            if grade is not None and grade.score is None and ticks.strip():
                mock.assess(*read_ticks(ticks, grade))
            return views.asking(mock, interface)

        return self._step(now, who, interface, request, goes_on)

    def skip(self, now: Sitting, who: str, interface: Language, request: gr.Request) -> Updates:
        """The next topic's question."""

        def skips(mock: MockInterview) -> Updates:
            mock.skip()
            return views.asking(mock, interface)

        return self._step(now, who, interface, request, skips)

    def pause(self, now: Sitting, who: str, interface: Language, request: gr.Request) -> Updates:
        """What is shown while nothing is asked: that it waits."""

        def pauses(mock: MockInterview) -> Updates:
            mock.pause()
            return views.blank(mock.state, interface)

        return self._step(now, who, interface, request, pauses)

    def end(self, now: Sitting, who: str, interface: Language, request: gr.Request) -> Updates:
        """The report."""

        def ends(mock: MockInterview) -> Updates:
            return views.report(mock, interface)

        return self._step(now, who, interface, request, ends)

    def go_on(self, who: str, interface: Language, request: gr.Request) -> Updates:
        """The question that stood open, or the result that was not yet ticked."""
        try:
            mock = self._open(who, request)
            grade = views.last_grade(mock)
            if grade is not None and grade.score is None:  # cut off before the ticks
                return views.answered(mock, interface)
            mock = MockInterview.resume(mock.coach, mock.state.profile, mock.state.id)
            return views.asking(mock, interface, self._draft(mock))
        except RagError as error:
            return views.told(Sitting(), error_html(error))

    def close(self, who: str, interface: Language, request: gr.Request) -> Updates:
        """The report of the interview that waited."""
        try:
            return views.report(self._open(who, request), interface)
        except RagError as error:
            return views.told(Sitting(), error_html(error))

    def open_past(
        self, picked: str, who: str, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        """The report of an interview that is over."""
        try:
            number = int(picked.partition("_")[0])
            mock = self._mock(number, "none", who, request)
            return (
                views.report(mock, interface)
                if mock.state.over
                else views.blank(mock.state, interface)
            )
        except ValueError:
            return views.told(Sitting(), "")
        except RagError as error:
            return views.told(Sitting(), error_html(error))

    def again(self, who: str, interface: Language, request: gr.Request) -> Updates:
        """What can be asked, and what waits."""
        return views.blank(self._waiting(who, request), interface)

    def save(self, text: str, now: Sitting, who: str, request: gr.Request) -> None:
        """Keep what is being written: a sign of life, too."""
        if now.phase != "asking":
            return
        with suppress(RagError):  # said when it matters
            profile, history = profile_of(who, request), self._assistant.history()
            history.save_draft(profile, _draft_key(now.number, now.rounds), text, datetime.now(UTC))
            Interviews(history).seen(now.number, datetime.now(UTC))

    def export(self, now: Sitting, who: str, request: gr.Request) -> str:
        """`[file name, text]` of the report, for the browser to save."""
        with suppress(RagError):  # what is shown was read before
            mock = self._mock(now.number, "none", who, request)
            return json.dumps([f"interview-{now.number}.md", report_of(mock).markdown()])
        return ""

    def standing(
        self, now: Sitting, who: str, interface: Language, request: gr.Request
    ) -> tuple[Any, str]:
        """What waits (nothing while one is on the page), and the past ones."""
        try:
            past = Interviews(self._assistant.history()).all(profile_of(who, request))
        except RagError:  # said beside it
            return "", ""
        waits = next((item for item in past if not item.over), None)
        offered = None if now.going_on else waits
        return (
            drawn.offer_html(offered, datetime.now(UTC), interface),
            drawn.past_html(past, interface),
        )

    def _chosen(
        self, coach: Coach, profile: str, names: list[str], by: str, tag: str, text: str,
        interface: Language,
    ) -> Chosen:  # fmt: skip
        if by == "text":
            return topic_choice.by_text(coach, text)
        if by == "weak":
            return topic_choice.by_weakness(coach, profile)
        if by == "path":
            plans = [self._assistant.study_plan(name) for name in names]
            plan = next((found for found in plans if found), None)
            if plan is None:
                raise UsageError(word("iv_no_path", interface))
            left = coach.timetable.day(profile).interview_in
            return topic_choice.by_path(coach, plan, profile, left)
        if by == "tag" and not tag:
            raise UsageError(word("iv_no_tag", interface))
        return topic_choice.by_folder_or_tag(coach, profile, tag=tag if by == "tag" else "")

    def _step(
        self, now: Sitting, who: str, interface: Language, request: gr.Request,
        act: Callable[[MockInterview], Updates],
    ) -> Updates:  # fmt: skip
        """What an act gives, unless the interview has moved on elsewhere."""
        try:
            mock = self._mock(now.number, "none", who, request)
            return views.moved_on(mock, now, interface) or act(mock)
        except RagError as error:
            return views.told(now, error_html(error))

    def _mock(
        self, number: int, spec: str | None, who: str, request: gr.Request
    ) -> MockInterview:  # fmt: skip
        """The interview as it is kept, over the collections of its topics."""
        assistant = self._assistant
        state = Interviews(assistant.history()).get(profile_of(who, request), number)
        origins = dict.fromkeys(origin_of(key) or DEFAULT for key, _ in state.topics)
        names = readable_names(assistant, list(origins), owner_of(request))
        return MockInterview(assistant.coach(spec, names, asker_of(request)), state)

    def _open(self, who: str, request: gr.Request) -> MockInterview:
        """The interview that waits.

        Raises:
            UsageError: there is none.
        """
        state = self._waiting(who, request)
        return self._mock(state.id if state else 0, "none", who, request)

    def _waiting(self, who: str, request: gr.Request) -> Interview | None:
        with suppress(RagError):
            return Interviews(self._assistant.history()).open_one(profile_of(who, request))
        return None

    def _draft(self, mock: MockInterview) -> str:
        key = _draft_key(mock.state.id, len(mock.state.rounds))
        return self._assistant.history().draft(mock.state.profile, key)

    def _forget_draft(self, now: Sitting, who: str, request: gr.Request) -> None:
        key = _draft_key(now.number, now.rounds)
        self._assistant.history().save_draft(profile_of(who, request), key, "", datetime.now(UTC))


def _draft_key(number: int, rounds: int) -> str:
    """What the draft of an interview's answer is kept under; no topic has such a key."""
    return f"interview:{number}:{rounds}"
