"""Quick recall as components: a card, its answer, four ratings."""

from dataclasses import dataclass, field

import gradio as gr
from gradio.blocks import Block

from rag.practice.exercise import Exercise
from rag.practice.schedule import RATINGS, Rating
from ui.answer_html import quiet
from ui.tabs.ask_parts import LATEX
from ui.tabs.practice_exercise import PracticeSession
from ui.wiring import Drawn, Labelled
from ui.wording import Language, word


@dataclass(frozen=True)
class Recalling:
    """One visitor's card.

    Attributes:
        collections: names of what it was drawn from.
        shown: what the answer's passages belong to, once it is shown.
        passed: keys of topics that were passed over.
    """

    card: Exercise | None = None
    collections: tuple[str, ...] = ()
    shown: PracticeSession = field(default_factory=PracticeSession)
    passed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecallParts:
    """What is drawn; `labelled` change with the language by their words' key."""

    recalling: gr.State
    card: gr.Markdown
    answer: gr.Markdown
    told: gr.HTML
    begin: gr.Button
    show: gr.Button
    other: gr.Button
    rates: dict[Rating, gr.Button]
    labelled: Labelled
    drawn: Drawn

    @property
    def shown(self) -> list[Block]:
        """Whatever a step shows anew."""
        return [self.recalling, self.card, self.answer, self.told]


def draw(language: Language) -> RecallParts:
    """Draw it into the open `gr.Blocks`."""
    lead = gr.HTML(lead_html(language), elem_id="rc-lead", padding=False, apply_default_css=False)
    told = gr.HTML(elem_id="rc-told", padding=False, apply_default_css=False)
    card = gr.Markdown(latex_delimiters=LATEX, elem_id="rc-card")
    answer = gr.Markdown(latex_delimiters=LATEX, elem_id="rc-answer")
    begin = gr.Button(word("rc_begin", language), variant="primary", elem_id="rc-begin")
    with gr.Row(elem_id="rc-think"):
        show = gr.Button(word("rc_show", language), variant="primary", elem_id="rc-show")
        other = gr.Button(word("rc_other", language), elem_id="rc-other")
    with gr.Row(elem_id="rc-rate"):
        rates: dict[Rating, gr.Button] = {
            name: gr.Button(word(name, language), min_width=60, elem_id=f"rc-{name}")
            for name in RATINGS
        }
    return RecallParts(
        recalling=gr.State(Recalling()), card=card, answer=answer, told=told, begin=begin,
        show=show, other=other, rates=rates,
        labelled={
            begin: "rc_begin", show: "rc_show", other: "rc_other",
            **{button: name for name, button in rates.items()},
        },
        drawn={lead: lead_html},
    )  # fmt: skip


def lead_html(language: Language) -> str:
    """What quick recall is."""
    return (
        f"<div class='begin'><h2>{word('rc_title', language)}</h2>"
        f"{quiet(word('rc_lead', language))}</div>"
    )
