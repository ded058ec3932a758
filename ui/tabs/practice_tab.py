"""The Practice page: one exercise or a mock interview, and the learner's progress beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from rag.notes.topic import Topic, origin_of
from rag.practice.coach import Coach
from rag.readers import suffixes
from ui.practising import appeal_area, exercise_parts, interview_parts
from ui.practising.exercise_actions import ExerciseActions
from ui.practising.interview_actions import InterviewActions
from ui.practising.sitting import Sitting
from ui.practising.ticks import GIVEN
from ui.relabel import relabelled
from ui.session import error_html, owner_of, profile_of
from ui.tabs import collection_choice as chosen
from ui.tabs import practice_progress as progress
from ui.tabs.ask_tab import LATEX, aside_html
from ui.tabs.practice_exercise import PracticeSession, source_of
from ui.wording import Language, word

MODES = ("one", "interview")


@dataclass(frozen=True)
class PracticePage:
    """What the application wires to the rest of the page."""

    labelled: dict[Any, str]
    drawn: dict[Any, Callable[[Language], Any]]  # what a component is in a language
    session: Any
    mode: Any
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
    session, sitting = gr.State(PracticeSession()), gr.State(Sitting())
    with gr.Row(elem_id="practise-page", equal_height=False):
        with gr.Column(scale=3, min_width=0, elem_id="practise-main"):
            mode = gr.Radio(
                _modes(language), value="one", label=word("mode", language), show_label=False,
                container=False, interactive=True, elem_id="practise-mode",
            )  # fmt: skip
            offer = interview_parts.draw_offer(language)
            with gr.Column(min_width=0, elem_id="exercise"):
                one = exercise_parts.draw(language)
            with gr.Column(min_width=0, elem_id="interview"):
                many = interview_parts.draw(language)
            choices = exercise_parts.draw_choices(assistant, language)
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
            past = gr.HTML(elem_id="iv-past", padding=False, apply_default_css=False)
    picked = gr.Textbox(visible="hidden", elem_id="practice-picked")
    past_picked = gr.Textbox(visible="hidden", elem_id="iv-picked")
    acts, talk = ExerciseActions(assistant), InterviewActions(assistant)

    def refresh(
        who: str, names: list[str], wanted: str | None, only_tag: str, asked_tag: str,
        now: Sitting, interface: Language, request: gr.Request,
    ) -> tuple[Any, ...]:  # fmt: skip
        user, choice = owner_of(request), gr.skip()
        try:
            choice = chosen.offered(assistant, names, user)
            known = chosen.known_of(assistant, names, user)
            coach, profile = assistant.coach("none", known), profile_of(who, request)
            path = assistant.path_ahead(profile, known)
            learnt = progress.panel(coach, profile, interface, path)
        except RagError as error:
            nothing = (None,) * (len(learned.shown) - 1)
            return choice, *(gr.skip(),) * 5, error_html(error), *nothing
        topics = sorted((_label(topic, interface), topic.key) for topic in coach.topics)
        tags = ["", *sorted({tag for topic in coach.topics for tag in topic.tags})]
        # A topic or a tag of collections that are no longer chosen goes with them.
        gone: dict[str, Any] = {}
        if wanted and _is_elsewhere(wanted, coach):
            gone = {"value": None}
        waits, were = talk.standing(now, who, interface, request)
        return (
            choice, gr.update(choices=topics, **gone), _tags(tags, only_tag),
            _tags(tags, asked_tag), waits, were, *learnt,
        )  # fmt: skip

    def open_source(
        place: str, now: PracticeSession, asked: Sitting, interface: Language, request: gr.Request
    ) -> str:
        shown = asked.shown if place.startswith("1_") else now
        return source_of(assistant, place, shown, interface, owner_of(request))

    private: dict[str, Any] = {"api_visibility": "private"}
    silent: dict[str, Any] = {**private, "show_progress": "hidden"}
    who, code = choices.profile, language_input
    refresh_inputs = [who, choices.collections, choices.topic, choices.tag, many.tag, sitting, code]
    refresh_outputs = [
        choices.collections, choices.topic, choices.tag, many.tag, offer.told, past,
        *learned.shown,
    ]  # fmt: skip

    def refreshed(event: Any) -> Any:
        return event.then(refresh, refresh_inputs, refresh_outputs, **silent)

    result = [session, one.result, one.rating, one.scheduled, one.after, *one.appeal.shown]
    start_inputs = [
        who, choices.topic, choices.collections, choices.tag, choices.difficulty, choices.minutes,
        code,
    ]  # fmt: skip
    start_outputs = [
        session, one.question, one.explanation, one.hints, *result[1:], choices.topic
    ]  # fmt: skip
    one.start.click(acts.choose, start_inputs, start_outputs, **private)
    one.hint.click(acts.give_hint, [session, one.hints, code], [session, one.hints], **private)
    one.grade.click(
        acts.judge, [one.explanation, session, who, code], result, concurrency_limit=8, **private
    )
    one.tick.click(
        acts.tick, [one.hints, session, who, code], result, js=GIVEN.format(place="result"),
        **private,
    )  # fmt: skip
    one.appeal.send.click(
        acts.appeal, [one.appeal.point, one.appeal.kind, one.appeal.words, session, who, code],
        result, concurrency_limit=8, **silent,
    )  # fmt: skip
    one.follow.click(acts.follow_up, [session, code], start_outputs, **private)
    refreshed(
        one.rate.click(acts.schedule, [session, one.rating, who, code], one.scheduled, **private)
    )
    # Gradio's `input` comes with a key press, which an input method and a paste do without.
    one.explanation.change(acts.save, [one.explanation, session, who], None, **silent)

    told = [
        sitting, many.head, many.answer, many.notice, many.result, many.following, many.report,
        offer.told, *many.appeal.shown,
    ]  # fmt: skip
    many.appeal.send.click(
        talk.appeal,
        [many.appeal.point, many.appeal.kind, many.appeal.words, sitting, who, code],
        told, concurrency_limit=8, **silent,
    )  # fmt: skip
    many.begin.click(
        talk.begin,
        [who, choices.collections, many.by, many.tag, many.text, many.topics, many.minutes, code],
        told, **private,
    )  # fmt: skip
    many.send.click(
        talk.send, [many.answer, sitting, who, code], told, concurrency_limit=8, **private
    )
    many.following.click(
        talk.following, [many.notice, sitting, who, code], told,
        js=GIVEN.format(place="iv-result"), **private,
    )  # fmt: skip
    many.skip.click(talk.skip, [sitting, who, code], told, **private)
    many.pause.click(talk.pause, [sitting, who, code], told, **private)
    refreshed(many.end.click(talk.end, [sitting, who, code], told, **private))
    for button, act in ((offer.go_on, talk.go_on), (offer.close, talk.close)):
        button.click(lambda: "interview", None, mode, **silent)
        refreshed(button.click(act, [who, code], told, **private))
    refreshed(many.again.click(talk.again, [who, code], told, **private))
    past_picked.change(lambda: "interview", None, mode, **silent)
    past_picked.change(talk.open_past, [past_picked, who, code], told, **silent)
    many.answer.change(talk.save, [many.answer, sitting, who], None, **silent)
    many.download.click(talk.export, [sitting, who], many.exported, **silent).then(
        None, many.exported, js="(file) => window.saveFile(file)", **private
    )
    many.print.click(None, js="() => window.print()", **private)

    for choice in (who, choices.collections):
        choice.change(refresh, refresh_inputs, refresh_outputs, **silent)
    opened = picked.change(open_source, [picked, session, sitting, code], note, **silent)
    opened.then(None, js="() => window.showCited && window.showCited()", **private)
    return PracticePage(
        {
            **one.labelled, **choices.labelled, **many.labelled, **offer.labelled,
            **learned.labelled,
        },
        {
            one.begin: exercise_parts.begin_html, close: aside_html, **many.drawn,
            mode: lambda to: gr.update(choices=_modes(to), label=word("mode", to)),
            one.rating: lambda to: gr.update(
                choices=exercise_parts.ratings(to), label=word("rating", to)
            ),
            one.appeal.kind: appeal_area.kinds_update,
        },
        session, mode, choices.topic, choices.collections, one.ask_about,
        acts.choose, start_inputs, start_outputs, refresh, refresh_inputs, refresh_outputs,
    )  # fmt: skip


def _modes(language: Language) -> list[tuple[str, str]]:
    return [(word(f"mode_{mode}", language), mode) for mode in MODES]


def _tags(tags: list[str], now: str) -> Any:
    return gr.update(choices=tags) if now in tags else gr.update(choices=tags, value="")


def _is_elsewhere(wanted: str, coach: Coach) -> bool:
    """It is a note that is not practised, nothing that a learner would type."""
    named = bool(origin_of(wanted)) or PurePosixPath(wanted).suffix.lower() in suffixes()
    return named and all(topic.key != wanted for topic in coach.topics)


def _label(topic: Topic, language: Language) -> str:
    return " · ".join(part for part in (topic.name(language), topic.origin) if part)
