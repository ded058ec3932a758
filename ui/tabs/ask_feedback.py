"""Thumbs under an answer, and the line that asks why it was bad."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.chats.chat_store import Verdict
from rag.chats.feedback import REASONS
from rag.errors import RagError
from ui.session import Session, error_html, turn_at
from ui.wording import Language, word

Updates = tuple[Any, ...]
_VERDICTS: dict[object, Verdict] = {True: "up", False: "down"}


@dataclass(frozen=True)
class ReasonRow:
    """The line's components; `turn` is the number of the answer it is about."""

    labelled: dict[Any, str]
    row: Any
    reason: Any
    comment: Any
    save: Any
    notice: Any
    turn: Any


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
    labelled = {reason: "reason", comment: "comment", save: "save_reason"}
    return ReasonRow(labelled, row, reason, comment, save, notice, turn)


def reasons(language: Language) -> list[tuple[str, str]]:
    """The reasons to choose from, as (words, key)."""
    return [(word(f"reason_{key}", language), key) for key in REASONS]


def judged(
    assistant: Assistant, owner: str, now: Session, index: Any, liked: Any, language: Language
) -> Updates:
    """Store a thumb at once; a thumb down opens the line. Gives row, turn and notice."""
    turn = turn_at(now, index)
    if turn is None:
        return gr.update(visible=False), None, _quiet(word("not_kept", language))
    verdict = _VERDICTS.get(liked)
    try:
        assistant.chats().judge(owner, turn, verdict)
    except RagError as error:
        return gr.update(visible=False), None, error_html(error)
    thanks = "" if verdict is None else word("thanks", language)
    return gr.update(visible=verdict == "down"), turn, _quiet(thanks)


def explained(
    assistant: Assistant,
    owner: str,
    turn: int | None,
    reason: str | None,
    comment: str,
    language: Language,
) -> Updates:
    """Store why an answer was bad. Gives row, comment and notice."""
    if turn is None:
        return gr.update(visible=False), "", ""
    text = ": ".join(part for part in ((reason or "").strip(), comment.strip()) if part)
    try:
        assistant.chats().judge(owner, turn, "down", text)
    except RagError as error:
        return gr.update(), gr.skip(), error_html(error)
    return gr.update(visible=False), "", _quiet(word("reason_kept", language))


def _quiet(text: str) -> str:
    return f"<p class='quiet'>{text}</p>" if text else ""
