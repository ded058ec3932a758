"""The Practice page: a question, an explanation, a cited grade, a rating, and progress."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from rag.practice.coach import hint as next_hint
from rag.practice.grades import Grade
from rag.practice.grading import Exercise
from rag.practice.schedule import RATINGS
from rag.topics import DIFFICULTIES
from ui import html, progress
from ui.labels import relabelled
from ui.practice_html import grade_html
from ui.text import Language, word


@dataclass
class PracticeSession:
    """One visitor's exercise in progress."""

    exercise: Exercise | None = None
    hints: int = 0
    grade: Grade | None = None
    attempt: int = 0


@dataclass(frozen=True)
class PracticePage:
    """What the application wires to the rest of the page."""

    labelled: dict[Any, str]
    session: Any
    topic: Any
    ask_about: Any
    start: Callable[..., Any]
    start_inputs: list[Any]
    start_outputs: list[Any]
    refresh: Callable[..., Any]
    refresh_inputs: list[Any]
    refresh_outputs: list[Any]

    def relabel(self, language: Language) -> dict[Any, Any]:
        """Updates that put every component into a language."""
        return {part: relabelled(part, key, language) for part, key in self.labelled.items()}


def render(assistant: Assistant, language: Language, language_input: Any) -> PracticePage:
    """Draw the page into the open `gr.Blocks`."""
    session = gr.State(PracticeSession())
    with gr.Row():
        profile = gr.Textbox("me", label=word("profile", language), max_lines=1, scale=1)
        topic = gr.Dropdown(
            [], value=None, allow_custom_value=True, label=word("topic", language),
            info=word("topic_info", language), scale=3, elem_id="topic",
        )  # fmt: skip
        tag = gr.Dropdown([""], value="", label=word("tag", language), scale=1)
        difficulty = gr.Dropdown(
            ["", *DIFFICULTIES], value="", label=word("difficulty", language), scale=1
        )
        minutes = gr.Slider(0, 15, value=0, step=1, label=word("minutes", language), scale=2)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            start = gr.Button(word("next", language), variant="primary", elem_id="start")
            question = gr.HTML(
                f"<p class='quiet'>{word('no_question', language)}</p>", elem_id="practice-question"
            )
            explanation = gr.Textbox(
                label=word("explanation", language), lines=8, max_lines=24, max_length=20_000,
                elem_id="explanation",
            )  # fmt: skip
            with gr.Row():
                hint = gr.Button(word("hint", language), min_width=72)
                grade = gr.Button(
                    word("grade", language), variant="primary", min_width=72, elem_id="grade"
                )
            hints = gr.HTML()
            result = gr.HTML(elem_id="result")
            with gr.Row():
                rating = gr.Radio(
                    _ratings(language), label=word("rating", language), elem_id="rating", scale=3
                )
                rate = gr.Button(word("schedule", language), scale=1, elem_id="rate")
            scheduled = gr.HTML(elem_id="scheduled")
            ask_about = gr.Button(word("ask_about", language), size="sm", elem_id="ask-about")
        with gr.Column(scale=2, min_width=320):
            with gr.Accordion(word("note", language), open=True) as note_box:
                note = gr.Markdown(
                    f"<p class='quiet'>{word('no_note', language)}</p>",
                    latex_delimiters=[
                        {"left": "$$", "right": "$$", "display": True},
                        {"left": "$", "right": "$", "display": False},
                    ],
                    elem_id="practice-note",
                )
            learned = progress.render(language)
    picked = gr.Textbox(visible="hidden", elem_id="practice-picked")

    def choose(
        who: str, wanted: str | None, only_tag: str, only_difficulty: str, limit: float,
        interface: Language, request: gr.Request,
    ) -> tuple[Any, ...]:  # fmt: skip
        try:
            coach = assistant.coach("none")
            name = _profile(who, request)
            chosen = wanted or coach.next_topic(name, only_tag or "", only_difficulty or "")
            exercise = coach.exercise(chosen, interface, name)
            draft = coach.history.draft(name, exercise.topic)
        except RagError as error:
            return PracticeSession(), _error(error), gr.skip(), "", "", None, ""
        shown = _question_html(exercise, int(limit))
        return PracticeSession(exercise), shown, draft, "", "", None, ""

    def give_hint(now: PracticeSession, shown: str, interface: Language) -> tuple[Any, str]:
        if now.exercise is None:
            return now, f"<p class='quiet'>{word('no_question', interface)}</p>"
        point = next_hint(now.exercise, now.hints)
        if point is None:
            return now, f"{shown}<p class='quiet'>{word('no_hints', interface)}</p>"
        now.hints += 1
        text = word("hint_text", interface, n=now.hints, heading=point.hint)
        return now, f"{shown}<p>{html.escape(text)}</p>"

    def judge(
        text: str, now: PracticeSession, who: str, interface: Language, request: gr.Request
    ) -> Any:
        if now.exercise is None:
            quiet = f"<p class='quiet'>{word('no_question', interface)}</p>"
            yield now, quiet, gr.skip(), ""
            return
        yield now, f"<p class='quiet'>{word('grading', interface)}</p>", gr.skip(), ""
        try:
            coach = assistant.coach()
            graded = coach.grade(now.exercise, text, _profile(who, request), now.hints)
        except RagError as error:
            yield now, _error(error), gr.skip(), ""
            return
        done = PracticeSession(now.exercise, now.hints, graded.grade, graded.attempt)
        yield done, grade_html(graded.grade, interface), graded.suggested, ""

    def schedule(
        now: PracticeSession, chosen: str | None, who: str, interface: Language, request: gr.Request
    ) -> str:
        if now.grade is None or not chosen:
            return ""
        try:
            when = assistant.coach("none").rate(
                _profile(who, request), now.attempt, now.grade.topic, chosen
            )
        except RagError as error:
            return _error(error)
        text = word("scheduled", interface, due=f"{when.astimezone():%Y-%m-%d %H:%M}")
        return f"<p>{html.escape(text)}</p>"

    def save(text: str, now: PracticeSession, who: str, request: gr.Request) -> None:
        if now.exercise is not None and now.grade is None:
            assistant.history().save_draft(
                _profile(who, request), now.exercise.topic, text, datetime.now(UTC)
            )

    def refresh(who: str, interface: Language, request: gr.Request) -> tuple[Any, ...]:
        try:
            coach = assistant.coach("none")
            learnt = progress.panel(coach, _profile(who, request), interface)
        except RagError as error:
            return gr.skip(), gr.skip(), _error(error), None, None, None, None
        names = sorted((topic.name(interface), topic.note) for topic in coach.topics)
        tags = sorted({tag for topic in coach.topics for tag in topic.tags})
        return gr.update(choices=names), gr.update(choices=["", *tags]), *learnt

    start_inputs = [profile, topic, tag, difficulty, minutes, language_input]
    start_outputs = [session, question, explanation, hints, result, rating, scheduled]
    refresh_outputs = [topic, tag, *learned.shown]
    private: dict[str, Any] = {"api_visibility": "private"}
    start.click(choose, start_inputs, start_outputs, **private)
    hint.click(give_hint, [session, hints, language_input], [session, hints], **private)
    grade.click(
        judge, [explanation, session, profile, language_input],
        [session, result, rating, scheduled], concurrency_limit=8, **private,
    )  # fmt: skip
    rate.click(schedule, [session, rating, profile, language_input], scheduled, **private).then(
        refresh, [profile, language_input], refresh_outputs, show_progress="hidden", **private
    )
    profile.change(
        refresh, [profile, language_input], refresh_outputs, show_progress="hidden", **private
    )
    explanation.input(
        save, [explanation, session, profile], None, trigger_mode="always_last",
        show_progress="hidden", **private,
    )  # fmt: skip
    opened = picked.change(
        lambda place, now: _open_source(assistant, place, now), [picked, session], note,
        show_progress="hidden", **private,
    )  # fmt: skip
    opened.then(None, js="() => window.showCited && window.showCited()", **private)
    return PracticePage(
        {
            profile: "profile", topic: "topic", tag: "tag", difficulty: "difficulty",
            minutes: "minutes", start: "next", explanation: "explanation", hint: "hint",
            grade: "grade", rating: "rating", rate: "schedule", ask_about: "ask_about",
            note_box: "note", **learned.labelled,
        },
        session, topic, ask_about, choose, start_inputs, start_outputs,
        refresh, [profile, language_input], refresh_outputs,
    )  # fmt: skip


def follow_up_of(now: PracticeSession) -> str:
    """What to ask about after a grade: its follow-up question, else the exercise's own."""
    if now.grade is not None and now.grade.follow_up:
        return now.grade.follow_up
    return now.exercise.question if now.exercise else ""


def _profile(chosen: str, request: gr.Request) -> str:
    """The login's name where there is a login, so that nobody reads another's attempts."""
    from rag.practice.history import check_profile

    return check_profile(getattr(request, "username", None) or chosen)


def _question_html(exercise: Exercise, minutes: int) -> str:
    clock = ""
    if minutes:
        ends = int((time.time() + 60 * minutes) * 1000)
        clock = f"<span class='countdown' data-ends='{ends}'></span>"
    title, question = html.escape(exercise.title), html.inline(exercise.question)
    return f"<p class='quiet'>{title} {clock}</p><h3>{question}</h3>"


def _error(error: RagError) -> str:
    return f"<div class='error'>{html.escape(str(error))}</div>"


def _ratings(language: Language) -> list[tuple[str, str]]:
    return [(word(name, language), name) for name in RATINGS]


def _open_source(assistant: Assistant, place: str, now: PracticeSession) -> str:
    """The note of a point's source (n > 0) or of the n-th wrong statement's (n < 0)."""
    try:
        number = int(place.split("_")[1])
        assert now.grade is not None
        if number > 0:
            source = next(p.source for p in now.grade.points if p.source.n == number)
        else:
            found = now.grade.statements[-number - 1].source
            assert found is not None
            source = found
        note = assistant.note(source.note)
    except (ValueError, IndexError, StopIteration, AssertionError):
        return ""
    except RagError as error:
        return _error(error)
    return f"<div class='quiet'>{html.escape(source.note)}</div>" + html.note_html(
        note.text, source.start, source.end
    )
