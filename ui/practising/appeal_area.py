"""The small area below a grade where the learner says that a point is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import gradio as gr
from gradio.blocks import Block

from rag.practice.grades import Grade, LeftOut
from rag.practice.kept.appeals import KINDS, AppealKind
from ui.answer_html import escape
from ui.wiring import Labelled, Updates
from ui.wording import Language, word

_SHOWN = 90  # characters of a point in the list


@dataclass(frozen=True, kw_only=True)
class AppealArea:
    """The area's components; `labelled` change with the language."""

    point: gr.Dropdown
    kind: gr.Radio
    words: gr.Textbox
    send: gr.Button
    outcome: gr.HTML
    labelled: Labelled

    @property
    def shown(self) -> list[Block]:
        """What a grade shows anew."""
        return [self.point, self.kind, self.words, self.outcome]

    def blank(self) -> Updates:
        """No grade, nothing to appeal against."""
        return {
            self.point: gr.update(choices=[], value=None), self.kind: None, self.words: "",
            self.outcome: "",
        }  # fmt: skip

    def offering(self, grade: Grade, language: Language, outcome: str = "") -> Updates:
        """The points that are still in a grade's score.

        Args:
            outcome: what came of an appeal, as HTML.
        """
        points = [
            (f"{number}. {_cut(point.text)}", number)
            for number, point in enumerate(grade.points, 1)
            if point.status not in get_args(LeftOut)
        ]
        # Who ticks for themselves needs no appeal for what they said.
        kinds: Sequence[AppealKind] = KINDS[1:] if grade.self_assessed else KINDS
        return {
            self.point: gr.update(choices=points, value=None),
            self.kind: gr.update(choices=_kinds(kinds, language), value=None),
            self.words: "",
            self.outcome: outcome,
        }


def draw(language: Language, name: str = "appeal") -> AppealArea:
    """Draw the area, folded, into the open `gr.Blocks`; its parts' ids begin with `name`."""
    with gr.Accordion(
        word("appeal", language), open=False, elem_id=name, elem_classes="appeal"
    ) as box:
        point = gr.Dropdown(
            [], value=None, label=word("appeal_point", language), elem_id=f"{name}-point"
        )
        kind = gr.Radio(
            _kinds(KINDS, language), label=word("appeal_kind", language), elem_id=f"{name}-kind"
        )
        words = gr.Textbox(
            label=word("appeal_words", language), lines=2, max_lines=6, max_length=2000,
            elem_id=f"{name}-words", elem_classes="appeal-words",
        )  # fmt: skip
        send = gr.Button(
            word("appeal_send", language), size="sm", elem_id=f"{name}-send",
            elem_classes="appeal-send",
        )  # fmt: skip
        outcome = gr.HTML(elem_id=f"{name}-told", padding=False, apply_default_css=False)
    return AppealArea(
        point=point, kind=kind, words=words, send=send, outcome=outcome,
        labelled={box: "appeal", point: "appeal_point", words: "appeal_words", send: "appeal_send"},
    )  # fmt: skip


def kinds_update(language: Language) -> object:
    """The kinds and their label in another language."""
    return gr.update(choices=_kinds(KINDS, language), label=word("appeal_kind", language))


def came_of_it(number: int, before: Grade, after: Grade, language: Language) -> str:
    """What an appeal changed, in one sentence."""
    was, now = before.points[number - 1].status, after.points[number - 1].status
    if was == now:
        text = word("appeal_same", language, n=number, status=word(was, language))
    else:
        text = word(
            "appeal_changed", language, n=number, before=word(was, language),
            after=word(now, language),
        )  # fmt: skip
        if before.score is not None and after.score is not None:
            text += word("appeal_score", language, before=before.score, after=after.score)
    return f"<p class='came'>{escape(text)}</p>"


def _kinds(kinds: Sequence[AppealKind], language: Language) -> list[tuple[str, str]]:
    return [(word(f"appeal_{kind}", language), kind) for kind in kinds]


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
