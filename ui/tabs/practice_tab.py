"""The Practice page: one exercise or a mock interview, and the learner's progress beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import gradio as gr
from gradio.blocks import Block

from rag.assistant import Assistant
from rag.errors import RagError
from rag.notes.topic import Topic, origin_of
from rag.practice.coach import Coach
from rag.practice.interview.topic_choice import folders
from rag.readers import suffixes
from ui.answer_html import quiet
from ui.practising import appeal_area, exercise_parts, interview_parts, own_points, voice
from ui.practising.exercise_actions import ExerciseActions
from ui.practising.interview_actions import InterviewActions
from ui.practising.recall import recall_parts
from ui.practising.recall.recall_actions import RecallActions
from ui.practising.recall.recall_parts import Recalling
from ui.practising.sitting import Sitting
from ui.practising.ticks import GIVEN
from ui.relabel import relabelled
from ui.session import error_html, owner_of, profile_of
from ui.tabs import collection_choice, practice_progress
from ui.tabs.ask_parts import LATEX, aside_html
from ui.tabs.practice_exercise import PracticeSession, source_of
from ui.wiring import PRIVATE, SILENT, Drawn, Event, Labelled, Updates
from ui.wording import Language, word

MODES = ("one", "recall", "interview")


@dataclass(frozen=True, kw_only=True)
class PracticePage:
    """What the application wires to the rest of the page."""

    labelled: Labelled
    drawn: Drawn
    session: gr.State
    mode: gr.Radio
    topic: gr.Dropdown
    collections: gr.Dropdown  # the names of what is practised
    ask_about: gr.Button
    start: Callable[..., Updates]
    start_inputs: Sequence[Block]
    start_outputs: Sequence[Block]
    grading: Event  # is cancelled by what starts another exercise
    refresh: Callable[..., Updates]
    refresh_inputs: Sequence[Block]
    refresh_outputs: Sequence[Block]

    def relabel(self, language: Language) -> Updates:
        """Updates that put every component into a language."""
        named = {part: relabelled(part, key, language) for part, key in self.labelled.items()}
        return named | {part: draw(language) for part, draw in self.drawn.items()}


def render(assistant: Assistant, language: Language, language_input: gr.Radio) -> PracticePage:
    """Draw the page into the open `gr.Blocks`."""
    with gr.Row(elem_id="practise-page", equal_height=False):
        with gr.Column(scale=3, min_width=0, elem_id="practise-main"):
            mode = gr.Radio(
                _modes(language), value="one", label=word("mode", language), show_label=False,
                container=False, interactive=True, elem_id="practise-mode",
            )  # fmt: skip
            offer = interview_parts.draw_offer(language)
            with gr.Column(min_width=0, elem_id="exercise"):
                one = exercise_parts.draw(language)
                own = own_points.draw(assistant, language)
            with gr.Column(min_width=0, elem_id="recall"):
                cards = recall_parts.draw(language)
            with gr.Column(min_width=0, elem_id="interview"):
                many = interview_parts.draw(language)
            choices = exercise_parts.draw_choices(assistant, language)
            spoken = gr.HTML(
                voice.choice_html(language), elem_id="voice-choice", padding=False,
                apply_default_css=False,
            )  # fmt: skip
        with gr.Column(scale=2, min_width=0, elem_id="practise-aside"):
            close = gr.HTML(
                aside_html(language), elem_id="practice-aside-head", padding=False,
                apply_default_css=False,
            )  # fmt: skip
            note = gr.Markdown(
                quiet(word("no_note", language)), latex_delimiters=LATEX, elem_id="practice-note"
            )
            learned = practice_progress.render(language)
            past = interview_parts.draw_past()
    picked = gr.Textbox(visible="hidden", elem_id="practice-picked")
    acts = ExerciseActions(assistant, one, choices)
    kept = own_points.OwnPointsActions(assistant, own)
    talk = InterviewActions(assistant, many, offer, past)
    recall = RecallActions(assistant, cards, choices.topic)

    def refresh(
        who: str, names: list[str], wanted: str | None, only_tag: str, asked_tag: str,
        folder: str, now: Sitting, interface: Language, request: gr.Request,
    ) -> Updates:  # fmt: skip
        user = owner_of(request)
        updates: Updates = {}
        try:
            updates[choices.collections] = collection_choice.offered(assistant, names, user)
            known = collection_choice.known_of(assistant, names, user)
            coach, profile = assistant.coach("none", known), profile_of(who, request)
            path = assistant.path_ahead(profile, known)
            updates |= learned.updates(coach, profile, interface, path)
        except RagError as error:
            return updates | learned.failed(error_html(error))
        topics = sorted((_label(topic, interface), topic.key) for topic in coach.topics)
        tags = ["", *sorted({tag for topic in coach.topics for tag in topic.tags})]
        # A topic or a tag of collections that are no longer chosen goes with them.
        gone = {"value": None} if wanted and _is_elsewhere(wanted, coach) else {}
        return {
            **updates,
            choices.topic: gr.update(choices=topics, **gone),
            choices.tag: _tags(tags, only_tag),
            many.tag: _tags(tags, asked_tag),
            many.folder: _tags(["", *folders(coach.topics)], folder),
            **talk.standing(now, who, interface, request),
        }

    def open_source(
        place: str, now: PracticeSession, asked: Sitting, recalled: Recalling,
        interface: Language, request: gr.Request,
    ) -> str:  # fmt: skip
        shown = {"1": asked.shown, "2": recalled.shown}.get(place.partition("_")[0], now)
        return source_of(assistant, place, shown, interface, owner_of(request))

    session, sitting = one.session, many.sitting
    who, code = choices.profile, language_input
    refresh_inputs = [
        who, choices.collections, choices.topic, choices.tag, many.tag, many.folder, sitting, code,
    ]  # fmt: skip
    refresh_outputs = [
        choices.collections, choices.topic, choices.tag, many.tag, many.folder, offer.text,
        past.listed, *learned.shown,
    ]  # fmt: skip

    def refreshed(event: Event) -> None:
        event.then(refresh, refresh_inputs, refresh_outputs, **SILENT)

    start_inputs = [
        who, choices.topic, choices.collections, choices.tag, choices.difficulty, choices.minutes,
        code,
    ]  # fmt: skip
    start_outputs = [*one.asked, choices.topic]
    one.hint.click(acts.give_hint, [session, one.hints, code], [session, one.hints], **PRIVATE)
    grading = one.grade.click(
        acts.judge, [one.explanation, session, who, code], one.graded, concurrency_limit=8,
        **PRIVATE,
    )  # fmt: skip
    # Else what is still judged would be shown under the next question; the attempt is kept.
    one.start.click(acts.choose, start_inputs, start_outputs, cancels=[grading], **PRIVATE)
    one.tick.click(
        acts.tick, [one.hints, session, who, code], one.graded, js=GIVEN.format(place="result"),
        **PRIVATE,
    )  # fmt: skip
    one.appeal.send.click(
        acts.appeal, [one.appeal.point, one.appeal.kind, one.appeal.words, session, who, code],
        one.graded, concurrency_limit=8, **SILENT,
    )  # fmt: skip
    one.follow.click(acts.follow_up, [session, code], start_outputs, cancels=[grading], **PRIVATE)
    refreshed(
        one.rate.click(acts.schedule, [session, one.rating, who, code], one.scheduled, **PRIVATE)
    )
    typed = [own.text, own.draft, own.typed, session, code]
    one.question.change(kept.follow, typed, own.shown, **SILENT)
    own.headings.click(kept.by_headings, [own.typed, session, code], own.shown, **PRIVATE)
    own.model.click(kept.by_model, [own.typed, session, code], own.shown, **PRIVATE)
    own.keep.click(kept.keep, typed, own.shown, **PRIVATE)
    # Gradio's `input` comes with a key press, which an input method and a paste do without.
    one.explanation.change(acts.save, [one.explanation, session, who], None, **SILENT)

    card = cards.recalling
    drawn_from = [
        card, who, choices.topic, choices.collections, choices.tag, choices.difficulty, code,
    ]  # fmt: skip
    drawn = [*cards.shown, choices.topic]
    # One after the other: of two ratings of a card the second finds the next one, not shown yet.
    in_turn: dict[str, Any] = {"concurrency_id": "recall", "concurrency_limit": 1, **PRIVATE}
    cards.begin.click(recall.begin, drawn_from, drawn, **in_turn)
    cards.show.click(recall.show, [card, code], cards.shown, **in_turn)
    cards.other.click(recall.other, drawn_from, drawn, **in_turn)
    for rating, button in cards.rates.items():
        refreshed(button.click(recall.rating(rating), drawn_from, drawn, **in_turn))

    step = interview_parts.outputs(many, offer)
    many.appeal.send.click(
        talk.appeal,
        [many.appeal.point, many.appeal.kind, many.appeal.words, sitting, who, code],
        step, concurrency_limit=8, **SILENT,
    )  # fmt: skip
    many.begin.click(
        talk.begin,
        [
            who, choices.collections, many.by, many.tag, many.folder, many.text, many.topics,
            many.minutes, code,
        ],
        step, **PRIVATE,
    )  # fmt: skip
    many.send.click(
        talk.send, [many.answer, sitting, who, code], step, concurrency_limit=8, **PRIVATE
    )
    many.following.click(
        talk.following, [many.notice, sitting, who, code], step,
        js=GIVEN.format(place="iv-result"), **PRIVATE,
    )  # fmt: skip
    many.skip.click(talk.skip, [sitting, who, code], step, **PRIVATE)
    many.pause.click(talk.pause, [sitting, who, code], step, **PRIVATE)
    refreshed(many.end.click(talk.end, [sitting, who, code], step, **PRIVATE))
    for button, act in ((offer.go_on, talk.go_on), (offer.close, talk.close)):
        button.click(lambda: "interview", None, mode, **SILENT)
        refreshed(button.click(act, [who, code], step, **PRIVATE))
    refreshed(many.again.click(talk.again, [who, code], step, **PRIVATE))
    past.picked.change(lambda: "interview", None, mode, **SILENT)
    past.picked.change(talk.open_past, [past.picked, who, code], step, **SILENT)
    code.change(
        talk.reworded, [many.notice, sitting, who, code], step,
        js=GIVEN.format(place="iv-result"), **SILENT,
    )  # fmt: skip
    many.answer.change(talk.save, [many.answer, sitting, who], None, **SILENT)
    many.download.click(talk.export, [sitting, who], many.exported, **SILENT).then(
        None, many.exported, js="(file) => window.saveFile(file)", **PRIVATE
    )
    many.print.click(None, js="() => window.print()", **PRIVATE)

    for choice in (who, choices.collections):
        choice.change(refresh, refresh_inputs, refresh_outputs, **SILENT)
    opened = picked.change(
        open_source, [picked, session, sitting, cards.recalling, code], note, **SILENT
    )
    opened.then(None, js="() => window.showCited && window.showCited()", **PRIVATE)
    return PracticePage(
        labelled={
            **one.labelled, **choices.labelled, **many.labelled, **offer.labelled,
            **learned.labelled, **own.labelled, **cards.labelled,
        },
        drawn={
            close: aside_html, **one.drawn, **many.drawn, **cards.drawn, spoken: voice.choice_html,
            mode: lambda to: gr.update(choices=_modes(to), label=word("mode", to)),
            one.rating: lambda to: gr.update(
                choices=exercise_parts.ratings(to), label=word("rating", to)
            ),
            one.appeal.kind: appeal_area.kinds_update,
        },
        session=session, mode=mode, topic=choices.topic, collections=choices.collections,
        ask_about=one.ask_about, start=acts.choose, start_inputs=start_inputs,
        start_outputs=start_outputs, grading=grading, refresh=refresh,
        refresh_inputs=refresh_inputs, refresh_outputs=refresh_outputs,
    )  # fmt: skip


def _modes(language: Language) -> list[tuple[str, str]]:
    return [(word(f"mode_{mode}", language), mode) for mode in MODES]


def _tags(tags: list[str], now: str) -> object:
    return gr.update(choices=tags) if now in tags else gr.update(choices=tags, value="")


def _is_elsewhere(wanted: str, coach: Coach) -> bool:
    """It is a note that is not practised, nothing that a learner would type."""
    named = bool(origin_of(wanted)) or PurePosixPath(wanted).suffix.lower() in suffixes()
    return named and all(topic.key != wanted for topic in coach.topics)


def _label(topic: Topic, language: Language) -> str:
    return " · ".join(part for part in (topic.name(language), topic.origin) if part)
