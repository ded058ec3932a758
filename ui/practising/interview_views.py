"""What is shown of a mock interview at each of its steps, as updates of its components."""

from dataclasses import dataclass
from datetime import UTC, datetime

import gradio as gr

from rag.notes.note_key import DEFAULT
from rag.notes.topic import origin_of
from rag.practice.grades import Grade
from rag.practice.interview.interview_report import report_of
from rag.practice.interview.mock_interview import MockInterview
from rag.practice.judging import Judging
from rag.practice.kept.attempts import Attempt
from rag.practice.kept.interviews import Interview
from ui.answer_html import note_html, quiet
from ui.grade_html import grade_html, judging_html
from ui.practising import interview_html
from ui.practising.interview_parts import InterviewParts, OfferParts
from ui.practising.sitting import Phase, Sitting
from ui.practising.ticks import ticks_given
from ui.tabs.practice_exercise import PracticeSession
from ui.wiring import Updates
from ui.wording import Language, word


@dataclass(frozen=True)
class InterviewViews:
    """The views over one page's components."""

    parts: InterviewParts
    offer: OfferParts

    def asking(self, mock: MockInterview, interface: Language, draft: str = "") -> Updates:
        """The open question, the next one where none is; the report where nothing is left."""
        if mock.state.running_since is None:  # it stood still while a result was looked at
            mock = MockInterview.resume(mock.coach, mock.state.profile, mock.state.id)
        mock.speak(interface)
        if mock.current() is None:
            return self.report(mock, interface)
        head = interview_html.asking_html(mock.state, datetime.now(UTC), interface)
        return self._bare(_sitting(mock, "asking")) | {
            self.parts.head: head, self.parts.answer: draft,
        }  # fmt: skip

    def reworded(
        self, mock: MockInterview, now: Sitting, interface: Language, ticks: str
    ) -> Updates:
        """The same step in another language; the open question stays as it was asked, and what
        was ticked (see `ticks_given`) stays ticked."""
        if now.phase == "answered":
            return self.answered(mock, interface, ticks=ticks)
        head = interview_html.asking_html(mock.state, datetime.now(UTC), interface)
        return {self.parts.head: head}

    def judging(
        self, mock: MockInterview, judging: Judging, text: str, interface: Language
    ) -> Updates:
        """An answer under its question, and the points of it that stand."""
        part = self.parts
        return {
            part.head: interview_html.asking_html(
                mock.state, datetime.now(UTC), interface, answered=True
            ),
            part.answer: text,
            part.notice: "",
            part.result: judging_html(judging, interface, "p1"),
        }

    def still_asking(self, mock: MockInterview, notice: str, interface: Language) -> Updates:
        """The open question, where judging its answer was broken off; the answer stays."""
        head = interview_html.asking_html(mock.state, datetime.now(UTC), interface)
        return self.with_notice(notice) | {self.parts.head: head, self.parts.result: ""}

    def left_behind(self, mock: MockInterview, interface: Language, draft: str) -> Updates:
        """What the interview has come to elsewhere while an answer was graded. Nothing of it is
        changed: its clock may stand there, its question be half answered."""
        if mock.state.over:
            return self.report(mock, interface)
        notice = {self.parts.notice: quiet(word("iv_elsewhere", interface))}
        if mock.state.rounds[-1].attempt is not None:
            return self.answered(mock, interface) | notice
        head = interview_html.asking_html(mock.state, datetime.now(UTC), interface)
        return self._bare(_sitting(mock, "asking")) | notice | {
            self.parts.head: head, self.parts.answer: draft,
        }  # fmt: skip

    def answered(
        self, mock: MockInterview, interface: Language, outcome: str = "", ticks: str = ""
    ) -> Updates:
        """The last answer and its result under its question.

        Args:
            outcome: what came of an appeal, as HTML.
            ticks: what was ticked and not yet handed in.
        """
        attempt = last_attempt(mock)
        assert attempt is not None
        grade = Grade.from_dict(attempt.grade)
        origin = origin_of(mock.state.rounds[-1].topic)
        shown = PracticeSession(collections=(origin or DEFAULT,), grade=grade)
        label = word("iv_next_ticked" if grade.score is None else "iv_next", interface)
        part = self.parts
        return {
            **self._bare(_sitting(mock, "answered", shown)),
            part.head: interview_html.asking_html(
                mock.state, datetime.now(UTC), interface, answered=True
            ),
            part.answer: attempt.explanation,
            part.result: grade_html(grade, interface, "p1", ticks_given(ticks)),
            part.following: gr.update(value=label),
            **part.appeal.offering(grade, interface, outcome),
        }

    def report(self, mock: MockInterview, interface: Language) -> Updates:
        """The interview is over: its report."""
        mock.finish()
        made = report_of(mock)
        return self._bare(_sitting(mock, "over")) | {
            self.parts.head: interview_html.over_html(made, interface),
            self.parts.report: note_html(made.markdown(), 0, 0),
        }

    def blank(self, waits: Interview | None, interface: Language) -> Updates:
        """Nothing is asked; what waits is offered."""
        offer = interview_html.offer_html(waits, datetime.now(UTC), interface)
        return self._bare(Sitting()) | {self.offer.text: offer}

    def with_notice(self, notice: str, sitting: Sitting | None = None) -> Updates:
        """All as it is, and a sentence.

        Args:
            sitting: in the place of the one that the page has.
        """
        updates: Updates = {self.parts.notice: notice}
        return updates if sitting is None else updates | {self.parts.sitting: sitting}

    def with_appeal_notice(self, notice: str) -> Updates:
        """All as it is, and a sentence in the appeal area."""
        return {self.parts.appeal.outcome: notice}

    def moved_on(self, mock: MockInterview, now: Sitting, interface: Language) -> Updates | None:
        """What another window has come to; None where this one shows the last question."""
        if not mock.state.over and len(mock.state.rounds) == now.rounds:
            done = mock.state.rounds[-1].done if mock.state.rounds else False
            if done == (now.phase == "answered"):
                return None
        if mock.state.over:
            return self.report(mock, interface)
        notice = quiet(word("iv_elsewhere", interface))
        return self.asking(mock, interface) | {self.parts.notice: notice}

    def _bare(self, sitting: Sitting) -> Updates:
        """A step of which nothing is shown yet."""
        part = self.parts
        return {
            part.sitting: sitting, part.head: "", part.answer: "", part.notice: "",
            part.result: "", part.report: "", self.offer.text: "",
        }  # fmt: skip


def _sitting(mock: MockInterview, phase: Phase, shown: PracticeSession | None = None) -> Sitting:
    return Sitting(mock.state.id, len(mock.state.rounds), phase, shown or PracticeSession())


def last_attempt(mock: MockInterview) -> Attempt | None:
    """The answer to the last question, where there is one."""
    last = mock.state.rounds[-1] if mock.state.rounds else None
    if last is None or last.attempt is None:
        return None
    return mock.coach.history.attempt(mock.state.profile, last.attempt)


def last_grade(mock: MockInterview) -> Grade | None:
    """The grade of the last question, where that was answered."""
    kept = last_attempt(mock)
    return Grade.from_dict(kept.grade) if kept else None
