"""What is shown of a mock interview at each of its steps, as updates."""

from datetime import UTC, datetime
from typing import Any

import gradio as gr

from rag.notes.note_key import DEFAULT
from rag.notes.topic import origin_of
from rag.practice.grades import Grade
from rag.practice.interview.interview_report import report_of
from rag.practice.interview.mock_interview import MockInterview
from rag.practice.kept.attempts import Attempt
from rag.practice.kept.interviews import Interview
from ui import answer_html as html
from ui.grade_html import grade_html
from ui.practising import appeal_area
from ui.practising import interview_html as drawn
from ui.practising.sitting import Sitting
from ui.tabs.practice_exercise import PracticeSession
from ui.wording import Language, word

# Sitting, head, answer, notice, result, next button, report, offer; the four of the appeal area.
Updates = tuple[Any, ...]
_NO_APPEAL: Updates = (gr.skip(),) * 4


def asking(mock: MockInterview, interface: Language, draft: str = "") -> Updates:
    """The open question, the next one where none is; the report where nothing is left."""
    if mock.state.running_since is None:  # it stood still while a result was looked at
        mock = MockInterview.resume(mock.coach, mock.state.profile, mock.state.id)
    if mock.current() is None:
        return report(mock, interface)
    sitting = Sitting(mock.state.id, len(mock.state.rounds), "asking")
    head = drawn.asking_html(mock.state, datetime.now(UTC), interface)
    return sitting, head, draft, "", "", gr.skip(), "", "", *_NO_APPEAL


def answered(mock: MockInterview, interface: Language, came: str = "") -> Updates:
    """The last answer and its result under its question.

    Args:
        came: what came of an appeal, as HTML.
    """
    attempt = last_attempt(mock)
    assert attempt is not None
    grade = Grade.from_dict(attempt.grade)
    origin = origin_of(mock.state.rounds[-1].topic)
    shown = PracticeSession(collections=(origin or DEFAULT,), grade=grade)
    sitting = Sitting(mock.state.id, len(mock.state.rounds), "answered", shown)
    head = drawn.asking_html(mock.state, datetime.now(UTC), interface, answered=True)
    label = word("iv_next_ticked" if grade.score is None else "iv_next", interface)
    result = grade_html(grade, interface, "p1")
    return (
        sitting, head, attempt.explanation, "", result, gr.update(value=label), "", "",
        *appeal_area.updates(grade, interface, came),
    )  # fmt: skip


def report(mock: MockInterview, interface: Language) -> Updates:
    """The interview is over: its report."""
    mock.finish()
    made = report_of(mock)
    sitting = Sitting(mock.state.id, len(mock.state.rounds), "over")
    text = html.note_html(made.markdown(), 0, 0)
    head = drawn.over_html(made, interface)
    return sitting, head, "", "", "", gr.skip(), text, "", *_NO_APPEAL


def blank(waits: Interview | None, interface: Language) -> Updates:
    """Nothing is asked; what waits is offered."""
    offer = drawn.offer_html(waits, datetime.now(UTC), interface)
    return Sitting(), "", "", "", "", gr.skip(), "", offer, *_NO_APPEAL


def told(now: Sitting, told: str) -> Updates:
    """All as it is, and a sentence."""
    return now, gr.skip(), gr.skip(), told, *(gr.skip(),) * 4, *_NO_APPEAL


def told_beside(now: Sitting, told: str) -> Updates:
    """All as it is, and a sentence in the appeal area."""
    return now, *(gr.skip(),) * 10, told


def moved_on(mock: MockInterview, now: Sitting, interface: Language) -> Updates | None:
    """What another window has come to; None where this one shows the last question."""
    if not mock.state.over and len(mock.state.rounds) == now.rounds:
        done = mock.state.rounds[-1].done if mock.state.rounds else False
        if done == (now.phase == "answered"):
            return None
    if mock.state.over:
        return report(mock, interface)
    found = asking(mock, interface)
    return *found[:3], f"<p class='quiet'>{word('iv_elsewhere', interface)}</p>", *found[4:]


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
