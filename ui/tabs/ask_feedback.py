"""Thumbs under an answer, and the line that asks why it was bad."""

from dataclasses import dataclass

import gradio as gr

from rag.assistant import Assistant
from rag.chats.chat_store import Verdict
from rag.chats.feedback import REASONS
from rag.errors import RagError
from ui.answer_html import quiet
from ui.session import Session, error_html, turn_at
from ui.wiring import Labelled, Updates
from ui.wording import Language, word

_VERDICTS: dict[object, Verdict] = {True: "up", False: "down"}


@dataclass(frozen=True, kw_only=True)
class ReasonRow:
    """The line's components; `turn` is the number of the answer it is about."""

    row: gr.Row
    reason: gr.Dropdown
    comment: gr.Textbox
    save: gr.Button
    notice: gr.HTML
    turn: gr.State
    labelled: Labelled

    def judged(
        self, assistant: Assistant, owner: str, now: Session, index: object, liked: object,
        language: Language,
    ) -> Updates:  # fmt: skip
        """Store a thumb at once; a thumb down opens the line."""
        turn = turn_at(now, index)
        if turn is None:
            return self._about(None, quiet(word("not_kept", language)))
        verdict = _VERDICTS.get(liked)
        try:
            assistant.chats().judge(owner, turn, verdict)
        except RagError as error:
            return self._about(None, error_html(error))
        thanks = "" if verdict is None else quiet(word("thanks", language))
        return self._about(turn, thanks, asks=verdict == "down")

    def _about(self, turn: int | None, notice: str, asks: bool = False) -> Updates:
        return {self.row: gr.update(visible=asks), self.turn: turn, self.notice: notice}

    def explained(
        self, assistant: Assistant, owner: str, turn: int | None, reason: str | None,
        comment: str, language: Language,
    ) -> Updates:  # fmt: skip
        """Store why an answer was bad."""
        notice = ""
        if turn is not None:
            text = ": ".join(part for part in ((reason or "").strip(), comment.strip()) if part)
            try:
                assistant.chats().judge(owner, turn, "down", text)
            except RagError as error:
                return {self.notice: error_html(error)}
            notice = quiet(word("reason_kept", language))
        return {self.row: gr.update(visible=False), self.comment: "", self.notice: notice}


def render(language: Language) -> ReasonRow:
    """Draw the line, hidden until a thumb is turned down."""
    turn = gr.State(None)
    with gr.Row(visible=False, elem_id="why") as row:
        reason = gr.Dropdown(
            reasons(language), value=REASONS[0], label=word("reason", language),
            min_width=180, scale=2, elem_id="why-reason",
        )  # fmt: skip
        comment = gr.Textbox(
            label=word("comment", language), max_lines=2, min_width=180, scale=3,
            elem_id="why-comment",
        )  # fmt: skip
        save = gr.Button(word("save_reason", language), min_width=72, scale=1, elem_id="why-save")
    notice = gr.HTML(elem_id="why-notice", padding=False, apply_default_css=False)
    labelled: Labelled = {reason: "reason", comment: "comment", save: "save_reason"}
    return ReasonRow(
        row=row, reason=reason, comment=comment, save=save, notice=notice, turn=turn,
        labelled=labelled,
    )  # fmt: skip


def reasons(language: Language) -> list[tuple[str, str]]:
    """The reasons to choose from, as (words, key)."""
    return [(word(f"reason_{key}", language), key) for key in REASONS]
