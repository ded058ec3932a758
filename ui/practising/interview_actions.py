"""What the Practice page does with a mock interview; each gives the updates that it shows."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError, UsageError
from rag.notes.note_key import DEFAULT
from rag.notes.topic import origin_of
from rag.permissions import readable_names
from rag.practice.after.appealing import appeal as appealed
from rag.practice.coach import Graded
from rag.practice.grades import Grade
from rag.practice.interview.interview_report import report_of
from rag.practice.interview.mock_interview import MockInterview
from rag.practice.judging import Judging
from rag.practice.kept.appeals import AppealKind
from rag.practice.kept.interviews import Interview, Interviews
from ui.answer_html import quiet
from ui.practising import appeal_area, interview_html
from ui.practising.carried import carried_through, its_turn
from ui.practising.chosen_topics import chosen_topics
from ui.practising.interview_parts import InterviewParts, OfferParts, PastParts
from ui.practising.interview_views import InterviewViews, last_attempt, last_grade
from ui.practising.sitting import Sitting
from ui.practising.ticks import read_ticks
from ui.session import asker_of, error_html, owner_of, profile_of
from ui.wiring import Updates
from ui.wording import Language, word


class InterviewActions:
    """The handlers over one assistant and the components of one page."""

    def __init__(
        self, assistant: Assistant, parts: InterviewParts, offer: OfferParts, past: PastParts
    ) -> None:
        self._assistant = assistant
        self._views = InterviewViews(parts, offer)
        self._offer, self._past = offer, past

    def begin(
        self, who: str, names: list[str], by: str, tag: str | None, folder: str | None, text: str,
        topics: float, minutes: float, interface: Language, request: gr.Request,
    ) -> Updates:  # fmt: skip
        """The first question of a new interview."""
        assistant = self._assistant
        try:
            names = readable_names(assistant, names or assistant.chosen, owner_of(request))
            coach, profile = assistant.coach("none", names), profile_of(who, request)
            chosen = chosen_topics(
                assistant, coach, profile, names, by, (tag or "", folder or ""), text, interface
            )
            mock = MockInterview.begin(
                coach, profile, chosen, interface, int(topics), int(minutes)
            )  # fmt: skip
            return self._views.asking(mock, interface)
        except RagError as error:
            return self._views.with_notice(error_html(error), Sitting())

    def send(
        self, text: str, now: Sitting, who: str, interface: Language, request: gr.Request
    ) -> Iterator[Updates]:
        """The result of an answer; its question stays, and the clock stands."""
        yield self._views.with_notice(quiet(word("grading", interface)))
        try:
            mock = self._mock(now.number, None, who, request)
            if moved := self._views.moved_on(mock, now, interface):
                yield moved
                return
            profile = profile_of(who, request)
            rest = yield from its_turn(
                mock.answering(text),
                lambda event: self._views.with_notice(
                    quiet(word("waiting", interface, n=event.ahead))
                ),
            )
            yield from carried_through(self._judged(mock, rest, text, now, profile, interface))
        except RagError as error:
            yield self._views.with_notice(error_html(error))

    def _judged(
        self, mock: MockInterview, events: Iterator[Judging | Graded], text: str, now: Sitting,
        profile: str, interface: Language,
    ) -> Iterator[Updates]:  # fmt: skip
        try:
            for event in events:
                if isinstance(event, Judging):
                    yield self._views.judging(mock, event, text, interface)
        except RagError as error:
            yield self._views.still_asking(mock, error_html(error), interface)
            return
        mock.pause()
        self._assistant.history().drop_draft(profile, _draft_key(now.number, now.rounds), text)
        yield (
            self._views.left_behind(mock, interface, self._draft(mock))
            if mock.moved_on
            else self._views.answered(mock, interface)
        )

    def appeal(
        self, number: int | None, kind: AppealKind | None, words: str, now: Sitting, who: str,
        interface: Language, request: gr.Request,
    ) -> Iterator[Updates]:  # fmt: skip
        """The result after an appeal, which the next question depends on."""
        try:
            if not number or not kind:
                raise UsageError(word("appeal_incomplete", interface))
            yield self._views.with_appeal_notice(quiet(word("grading", interface)))
            mock = self._mock(now.number, None if kind == "said" else "none", who, request)
            kept = last_attempt(mock)
            if (moved := self._views.moved_on(mock, now, interface)) or kept is None:
                yield moved or self._views.with_appeal_notice("")
                return
            before = Grade.from_dict(kept.grade)
            done = appealed(mock.coach, kept.profile, kept.id, number, kind, words)
            outcome = appeal_area.came_of_it(number, before, done.grade, interface)
            yield self._views.answered(mock, interface, outcome)
        except RagError as error:
            yield self._views.with_appeal_notice(error_html(error))

    def following(
        self, ticks: str, now: Sitting, who: str, interface: Language, request: gr.Request
    ) -> Updates:
        """The next question; where no model judged, the answer before is scored by the ticks, if
        there are any."""

        def goes_on(mock: MockInterview) -> Updates:
            grade = last_grade(mock)
            if grade is not None and grade.score is None and ticks.strip():
                mock.assess(*read_ticks(ticks, grade))
            return self._views.asking(mock, interface)

        return self._step(now, who, interface, request, goes_on)

    def skip(self, now: Sitting, who: str, interface: Language, request: gr.Request) -> Updates:
        """The next topic's question."""

        def skips(mock: MockInterview) -> Updates:
            mock.skip()
            return self._views.asking(mock, interface)

        return self._step(now, who, interface, request, skips)

    def pause(self, now: Sitting, who: str, interface: Language, request: gr.Request) -> Updates:
        """What is shown while nothing is asked: that it waits."""

        def pauses(mock: MockInterview) -> Updates:
            mock.pause()
            return self._views.blank(mock.state, interface)

        return self._step(now, who, interface, request, pauses)

    def end(self, now: Sitting, who: str, interface: Language, request: gr.Request) -> Updates:
        """The report."""

        def ends(mock: MockInterview) -> Updates:
            return self._views.report(mock, interface)

        return self._step(now, who, interface, request, ends)

    def go_on(self, who: str, interface: Language, request: gr.Request) -> Updates:
        """The question that stood open, or the result that was not yet ticked."""
        try:
            mock = self._open(who, request)
            grade = last_grade(mock)
            if grade is not None and grade.score is None:  # cut off before the ticks
                return self._views.answered(mock, interface)
            mock = MockInterview.resume(mock.coach, mock.state.profile, mock.state.id)
            return self._views.asking(mock, interface, self._draft(mock))
        except RagError as error:
            return self._views.with_notice(error_html(error), Sitting())

    def close(self, who: str, interface: Language, request: gr.Request) -> Updates:
        """The report of the interview that waited."""
        try:
            return self._views.report(self._open(who, request), interface)
        except RagError as error:
            return self._views.with_notice(error_html(error), Sitting())

    def open_past(
        self, picked: str, who: str, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        """The report of an interview that is over."""
        try:
            number = int(picked.partition("_")[0])
            mock = self._mock(number, "none", who, request)
            return (
                self._views.report(mock, interface)
                if mock.state.over
                else self._views.blank(mock.state, interface)
            )
        except ValueError:
            return self._views.with_notice("", Sitting())
        except RagError as error:
            return self._views.with_notice(error_html(error), Sitting())

    def again(self, who: str, interface: Language, request: gr.Request) -> Updates:
        """What can be asked, and what waits."""
        return self._views.blank(self._waiting(who, request), interface)

    def reworded(
        self, ticks: str, now: Sitting, who: str, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        """What is shown, in the language that the page has now; what is being written stays."""
        if not now.going_on:
            return self._views.with_notice("")
        try:
            mock = self._mock(now.number, "none", who, request)
            return self._views.reworded(mock, now, interface, ticks)
        except RagError as error:
            return self._views.with_notice(error_html(error))

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

    def standing(self, now: Sitting, who: str, interface: Language, request: gr.Request) -> Updates:
        """What waits (nothing while one is on the page), and the past ones."""
        try:
            history, profile = self._assistant.history(), profile_of(who, request)
            past = Interviews(history).all(profile)
            scores = {attempt.id: attempt.score for attempt in history.attempts(profile)}
        except RagError:  # said beside it
            return {self._offer.text: "", self._past.listed: ""}
        waits = next((item for item in past if not item.over), None)
        offered = None if now.going_on else waits
        return {
            self._offer.text: interview_html.offer_html(offered, datetime.now(UTC), interface),
            self._past.listed: interview_html.past_html(past, scores, interface),
        }

    def _step(
        self, now: Sitting, who: str, interface: Language, request: gr.Request,
        act: Callable[[MockInterview], Updates],
    ) -> Updates:  # fmt: skip
        """What an act gives, unless the interview has moved on elsewhere."""
        try:
            mock = self._mock(now.number, "none", who, request)
            return self._views.moved_on(mock, now, interface) or act(mock)
        except RagError as error:
            return self._views.with_notice(error_html(error))

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


def _draft_key(number: int, rounds: int) -> str:
    """What the draft of an interview's answer is kept under; no topic has such a key."""
    return f"interview:{number}:{rounds}"
