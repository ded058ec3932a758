"""The Practice page: a question, an explanation, a cited grade, a rating, and progress."""

import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from rag.llm.waiting import Waiting
from rag.notes.topic import DIFFICULTIES, Topic, origin_of
from rag.permissions import readable_names
from rag.practice.coach import Coach
from rag.practice.coach import hint as next_hint
from rag.practice.grading import Exercise
from rag.practice.schedule import RATINGS
from rag.readers import suffixes
from ui import answer_html as html
from ui.grade_html import grade_html
from ui.home.home_tab import PROFILE
from ui.relabel import relabelled
from ui.session import asker_of, error_html, owner_of
from ui.tabs import collection_choice as chosen
from ui.tabs import practice_progress as progress
from ui.tabs.ask_tab import LATEX, aside_html
from ui.tabs.practice_exercise import PracticeSession, source_of
from ui.wording import Language, word


@dataclass(frozen=True)
class PracticePage:
    """What the application wires to the rest of the page."""

    labelled: dict[Any, str]
    drawn: dict[Any, Callable[[Language], str]]  # HTML in a language
    session: Any
    topic: Any
    collections: Any  # the names of what is practised
    ask_about: Any
    start: Callable[..., Any]
    start_inputs: list[Any]
    start_outputs: list[Any]
    refresh: Callable[..., Any]
    refresh_inputs: list[Any]
    refresh_outputs: list[Any]

    def relabel(self, language: Language) -> dict[Any, Any]:
        """Updates that put every component into a language."""
        named = {part: relabelled(part, key, language) for part, key in self.labelled.items()}
        return named | {part: draw(language) for part, draw in self.drawn.items()}


def render(assistant: Assistant, language: Language, language_input: Any) -> PracticePage:
    """Draw the page into the open `gr.Blocks`."""
    session = gr.State(PracticeSession())
    with gr.Row(elem_id="practise-page", equal_height=False):
        with gr.Column(scale=3, min_width=0, elem_id="exercise"):
            begin = gr.HTML(
                begin_html(language), elem_id="begin", padding=False, apply_default_css=False
            )
            question = gr.HTML("", elem_id="practice-question", apply_default_css=False)
            explanation = gr.Textbox(
                label=word("explanation", language), lines=7, max_lines=24, max_length=20_000,
                elem_id="explanation",
            )  # fmt: skip
            hints = gr.HTML(elem_id="hints", apply_default_css=False)
            with gr.Row(elem_id="hand-in"):
                hint = gr.Button(word("hint", language), min_width=72, scale=0)
                grade = gr.Button(
                    word("grade", language), variant="primary", min_width=72, elem_id="grade"
                )
            result = gr.Markdown(latex_delimiters=LATEX, elem_id="result")
            with gr.Row(elem_id="rate-row"):
                rating = gr.Radio(
                    _ratings(language), label=word("rating", language), elem_id="rating", scale=3
                )
                rate = gr.Button(
                    word("schedule", language), variant="primary", scale=1, elem_id="rate"
                )
            scheduled = gr.HTML(elem_id="scheduled", apply_default_css=False)
            ask_about = gr.Button(word("ask_about", language), size="sm", elem_id="ask-about")
            start = gr.Button(word("next", language), variant="primary", elem_id="start")
            with gr.Accordion(
                word("choose_what", language), open=False, elem_id="practise-settings"
            ) as choices:
                topic = gr.Dropdown(
                    [], value=None, allow_custom_value=True, label=word("topic", language),
                    info=word("topic_info", language), elem_id="topic",
                )  # fmt: skip
                collections = chosen.dropdown(
                    assistant, "practised_collections", language, "practised-collections"
                )
                with gr.Row():
                    tag = gr.Dropdown([""], value="", label=word("tag", language), min_width=120)
                    difficulty = gr.Dropdown(
                        ["", *DIFFICULTIES], value="", label=word("difficulty", language),
                        min_width=120,
                    )  # fmt: skip
                with gr.Row():
                    minutes = gr.Slider(
                        0, 15, value=0, step=1, label=word("minutes", language), min_width=160
                    )
                    profile = gr.Textbox(
                        PROFILE, label=word("profile", language), max_lines=1, min_width=120
                    )
        with gr.Column(scale=2, min_width=0, elem_id="practise-aside"):
            close = gr.HTML(
                aside_html(language), elem_id="practice-aside-head", padding=False,
                apply_default_css=False,
            )  # fmt: skip
            note = gr.Markdown(
                f"<p class='quiet'>{word('no_note', language)}</p>",
                latex_delimiters=LATEX, elem_id="practice-note",
            )  # fmt: skip
            learned = progress.render(language)
    picked = gr.Textbox(visible="hidden", elem_id="practice-picked")

    def choose(
        who: str, wanted: str | None, names: list[str], only_tag: str, only_difficulty: str,
        limit: float, interface: Language, request: gr.Request,
    ) -> tuple[Any, ...]:  # fmt: skip
        try:
            names = readable_names(assistant, names or assistant.chosen, owner_of(request))
            coach = assistant.coach("none", names)
            name = _profile(who, request)
            topic = wanted or coach.next_topic(name, only_tag or "", only_difficulty or "")
            exercise = coach.exercise(topic, interface, name)
            draft = coach.history.draft(name, exercise.topic)
        except RagError as error:
            return PracticeSession(), error_html(error), gr.skip(), "", "", None, ""
        shown = _question_html(exercise, int(limit))
        return PracticeSession(exercise, tuple(names)), shown, draft, "", "", None, ""

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
            names = readable_names(assistant, now.collections, owner_of(request))
            coach = assistant.coach(None, names, asker_of(request))
            profile = _profile(who, request)
            with closing(coach.grading(now.exercise, text, profile, now.hints)) as events:
                for event in events:
                    if isinstance(event, Waiting):
                        told = word("waiting", interface, n=event.ahead)
                        yield now, f"<p class='quiet'>{told}</p>", gr.skip(), ""
                        continue
                    done = replace(now, grade=event.grade, attempt=event.attempt)
                    yield done, grade_html(event.grade, interface), event.suggested, ""
        except RagError as error:
            yield now, error_html(error), gr.skip(), ""

    def schedule(
        now: PracticeSession, rated: str | None, who: str, interface: Language, request: gr.Request
    ) -> str:
        if now.grade is None or not rated:
            return ""
        try:
            when = assistant.coach("none").rate(
                _profile(who, request), now.attempt, now.grade.topic, rated
            )
        except RagError as error:
            return error_html(error)
        text = word("scheduled", interface, due=f"{when.astimezone():%Y-%m-%d %H:%M}")
        return f"<p>{html.escape(text)}</p>"

    def save(text: str, now: PracticeSession, who: str, request: gr.Request) -> None:
        if now.exercise is None or now.grade is not None:
            return
        with suppress(RagError):  # no name in the box yet: said when it matters
            assistant.history().save_draft(
                _profile(who, request), now.exercise.topic, text, datetime.now(UTC)
            )

    def refresh(
        who: str, names: list[str], wanted: str | None, only_tag: str, interface: Language,
        request: gr.Request,
    ) -> tuple[Any, ...]:  # fmt: skip
        user, choice = owner_of(request), gr.skip()
        try:
            choice = chosen.offered(assistant, names, user)
            coach = assistant.coach("none", chosen.known_of(assistant, names, user))
            learnt = progress.panel(coach, _profile(who, request), interface)
        except RagError as error:
            return choice, gr.skip(), gr.skip(), error_html(error), None, None, None, None
        topics = sorted((_label(topic, interface), topic.key) for topic in coach.topics)
        tags = ["", *sorted({tag for topic in coach.topics for tag in topic.tags})]
        # A topic or a tag of collections that are no longer chosen goes with them.
        gone: dict[str, Any] = {}
        if wanted and _is_elsewhere(wanted, coach):
            gone = {"value": None}
        stale: dict[str, Any] = {} if only_tag in tags else {"value": ""}
        return choice, gr.update(choices=topics, **gone), gr.update(choices=tags, **stale), *learnt

    def open_source(
        place: str, now: PracticeSession, interface: Language, request: gr.Request
    ) -> str:
        return source_of(assistant, place, now, interface, owner_of(request))

    start_inputs = [profile, topic, collections, tag, difficulty, minutes, language_input]
    start_outputs = [session, question, explanation, hints, result, rating, scheduled]
    refresh_inputs = [profile, collections, topic, tag, language_input]
    refresh_outputs = [collections, topic, tag, *learned.shown]
    private: dict[str, Any] = {"api_visibility": "private"}
    start.click(choose, start_inputs, start_outputs, **private)
    hint.click(give_hint, [session, hints, language_input], [session, hints], **private)
    grade.click(
        judge, [explanation, session, profile, language_input],
        [session, result, rating, scheduled], concurrency_limit=8, **private,
    )  # fmt: skip
    silent: dict[str, Any] = {**private, "show_progress": "hidden"}
    rate.click(schedule, [session, rating, profile, language_input], scheduled, **private).then(
        refresh, refresh_inputs, refresh_outputs, **silent
    )
    profile.change(refresh, refresh_inputs, refresh_outputs, **silent)
    collections.change(refresh, refresh_inputs, refresh_outputs, **silent)
    explanation.input(
        save, [explanation, session, profile], None, trigger_mode="always_last",
        show_progress="hidden", **private,
    )  # fmt: skip
    opened = picked.change(open_source, [picked, session, language_input], note, **silent)
    opened.then(None, js="() => window.showCited && window.showCited()", **private)
    return PracticePage(
        {
            profile: "profile", topic: "topic", collections: "practised_collections",
            tag: "tag", difficulty: "difficulty", minutes: "minutes", start: "next",
            explanation: "explanation", hint: "hint", grade: "grade", rating: "rating",
            rate: "schedule", ask_about: "ask_about", choices: "choose_what", **learned.labelled,
        },
        {begin: begin_html, close: aside_html},
        session, topic, collections, ask_about, choose, start_inputs, start_outputs,
        refresh, refresh_inputs, refresh_outputs,
    )  # fmt: skip


def begin_html(language: Language) -> str:
    """What stands there before the first question."""
    return (
        f"<div class='begin'><h2>{word('begin_title', language)}</h2>"
        f"<p class='quiet'>{word('begin_lead', language)}</p></div>"
    )


def _profile(chosen: str, request: gr.Request) -> str:
    """The login's name where there is a login, so that nobody reads another's attempts."""
    from rag.practice.history import check_profile

    return check_profile(getattr(request, "username", None) or chosen)


def _question_html(exercise: Exercise, minutes: int) -> str:
    clock = ""
    if minutes:
        ends = int((time.time() + 60 * minutes) * 1000)
        clock = f"<span class='countdown' data-ends='{ends}'></span>"
    place = " · ".join(part for part in (exercise.title, origin_of(exercise.topic)) if part)
    title, question = html.escape(place), html.inline(exercise.question, typeset=False)
    return f"<p class='quiet'>{title} {clock}</p><h3>{question}</h3>"


def _ratings(language: Language) -> list[tuple[str, str]]:
    return [(word(name, language), name) for name in RATINGS]


def _is_elsewhere(wanted: str, coach: Coach) -> bool:
    """It is a note that is not practised, nothing that a learner would type."""
    named = bool(origin_of(wanted)) or PurePosixPath(wanted).suffix.lower() in suffixes()
    return named and all(topic.key != wanted for topic in coach.topics)


def _label(topic: Topic, language: Language) -> str:
    return " · ".join(part for part in (topic.name(language), topic.origin) if part)
