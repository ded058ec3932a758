"""One exercise as components: question, explanation, result, ticks, rating, what follows."""

from dataclasses import dataclass

import gradio as gr
from gradio.blocks import Block

from rag.assistant import Assistant
from rag.notes.topic import DIFFICULTIES
from rag.practice.schedule import RATINGS
from ui.answer_html import quiet
from ui.home.home_tab import PROFILE
from ui.practising import appeal_area, voice
from ui.tabs import collection_choice
from ui.tabs.ask_parts import LATEX
from ui.tabs.practice_exercise import PracticeSession
from ui.wiring import Drawn, Labelled
from ui.wording import Language, word


@dataclass(frozen=True, kw_only=True)
class ExerciseParts:
    """What is drawn; `labelled` change with the language by their words' key."""

    session: gr.State
    begin: gr.HTML
    question: gr.HTML
    explanation: gr.Textbox
    hints: gr.HTML
    hint: gr.Button
    grade: gr.Button
    result: gr.Markdown
    tick: gr.Button
    rating: gr.Radio
    rate: gr.Button
    scheduled: gr.HTML
    after: gr.Markdown
    appeal: appeal_area.AppealArea
    ask_about: gr.Button
    follow: gr.Button
    start: gr.Button
    labelled: Labelled
    drawn: Drawn

    @property
    def graded(self) -> list[Block]:
        """Whatever a grade shows anew."""
        return [
            self.session, self.result, self.rating, self.scheduled, self.after,
            *self.appeal.shown,
        ]  # fmt: skip

    @property
    def asked(self) -> list[Block]:
        """Whatever a question shows anew."""
        return [self.question, self.explanation, self.hints, *self.graded]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What is practised, and by whom."""

    topic: gr.Dropdown
    collections: gr.Dropdown
    tag: gr.Dropdown
    difficulty: gr.Dropdown
    minutes: gr.Slider
    profile: gr.Textbox
    labelled: Labelled


def draw(language: Language) -> ExerciseParts:
    """Draw the exercise into the open `gr.Blocks`."""
    begin = gr.HTML(begin_html(language), elem_id="begin", padding=False, apply_default_css=False)
    question = gr.HTML("", elem_id="practice-question", apply_default_css=False)
    voice_bar = gr.HTML(
        voice.bar_html(language, "explanation"), elem_id="voice-one", padding=False,
        apply_default_css=False,
    )  # fmt: skip
    explanation = gr.Textbox(
        label=word("explanation", language), lines=7, max_lines=24, max_length=20_000,
        elem_id="explanation",
    )  # fmt: skip
    hints = gr.HTML(elem_id="hints", apply_default_css=False)
    with gr.Row(elem_id="hand-in"):
        hint = gr.Button(word("hint", language), min_width=72, scale=0)
        grade = gr.Button(word("grade", language), variant="primary", min_width=72, elem_id="grade")
    result = gr.Markdown(latex_delimiters=LATEX, elem_id="result")
    tick = gr.Button(word("tick", language), variant="primary", elem_id="tick")
    with gr.Row(elem_id="rate-row"):
        rating = gr.Radio(
            ratings(language), label=word("rating", language), elem_id="rating", scale=3
        )
        rate = gr.Button(word("schedule", language), variant="primary", scale=1, elem_id="rate")
    scheduled = gr.HTML(elem_id="scheduled", apply_default_css=False)
    after = gr.Markdown(latex_delimiters=LATEX, elem_id="after")
    appeal = appeal_area.draw(language)
    with gr.Row(elem_id="go-on"):
        follow = gr.Button(
            word("answer_follow_up", language), size="sm", min_width=72, elem_id="follow"
        )
        ask_about = gr.Button(
            word("ask_about", language), size="sm", min_width=72, elem_id="ask-about"
        )
    start = gr.Button(word("next", language), variant="primary", elem_id="start")
    return ExerciseParts(
        session=gr.State(PracticeSession()), begin=begin, question=question,
        explanation=explanation, hints=hints, hint=hint, grade=grade, result=result, tick=tick,
        rating=rating, rate=rate, scheduled=scheduled, after=after, appeal=appeal,
        ask_about=ask_about, follow=follow, start=start,
        labelled={
            explanation: "explanation", hint: "hint", grade: "grade", tick: "tick",
            rate: "schedule", ask_about: "ask_about", follow: "answer_follow_up", start: "next",
            **appeal.labelled,
        },
        drawn={voice_bar: lambda to: voice.bar_html(to, "explanation"), begin: begin_html},
    )  # fmt: skip


def draw_choices(assistant: Assistant, language: Language) -> Choices:
    """Draw what can be chosen, folded, into the open `gr.Blocks`."""
    with gr.Accordion(
        word("choose_what", language), open=False, elem_id="practise-settings"
    ) as choices:
        topic = gr.Dropdown(
            [], value=None, allow_custom_value=True, label=word("topic", language),
            info=word("topic_info", language), elem_id="topic",
        )  # fmt: skip
        collections = collection_choice.dropdown(
            assistant, "practised_collections", language, "practised-collections"
        )
        with gr.Row():
            tag = gr.Dropdown([""], value="", label=word("tag", language), min_width=120)
            difficulty = gr.Dropdown(
                ["", *DIFFICULTIES], value="", label=word("difficulty", language), min_width=120
            )
        with gr.Row():
            minutes = gr.Slider(
                0, 15, value=0, step=1, label=word("minutes", language), min_width=160
            )
            profile = gr.Textbox(
                PROFILE, label=word("profile", language), max_lines=1, min_width=120
            )
    return Choices(
        topic=topic, collections=collections, tag=tag, difficulty=difficulty, minutes=minutes,
        profile=profile,
        labelled={
            choices: "choose_what", topic: "topic", collections: "practised_collections",
            tag: "tag", difficulty: "difficulty", minutes: "minutes", profile: "profile",
        },
    )  # fmt: skip


def begin_html(language: Language) -> str:
    """What stands there before the first question."""
    return (
        f"<div class='begin'><h2>{word('begin_title', language)}</h2>"
        f"{quiet(word('begin_lead', language))}</div>"
    )


def ratings(language: Language) -> list[tuple[str, str]]:
    return [(word(name, language), name) for name in RATINGS]
