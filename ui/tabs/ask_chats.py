"""The kept conversations beside the Ask page: list, open, rename, export, delete."""

import json
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.chats.chat_markdown import chat_markdown, file_name
from rag.errors import RagError
from ui.session import (
    Session,
    error_html,
    list_html,
    messages,
    session_of,
    sources_of,
    thumbs,
)
from ui.tabs.cited_note import no_note
from ui.wording import Language, word

Updates = tuple[Any, ...]


@dataclass(frozen=True)
class ChatsPanel:
    """The panel's components; `labelled` change with the language.

    Attributes:
        shown: what `panel` gives values for.
        picked: number of the conversation that was clicked, set by page.js.
        exported: `[file name, text]` that page.js saves as a file.
        current: number of the open conversation, which page.js keeps in the page's address.
    """

    labelled: dict[Any, str]
    search: Any
    new: Any
    title: Any
    rename: Any
    export: Any
    delete: Any
    confirm: Any
    yes: Any
    no: Any
    notice: Any
    picked: Any
    exported: Any
    current: Any
    shown: list[Any]


def render(language: Language) -> ChatsPanel:
    """Draw the collapsible panel into the open `gr.Blocks`."""
    small: dict[str, Any] = {"size": "sm", "min_width": 64}
    hidden: dict[str, Any] = {"visible": "hidden"}
    new = gr.Button(word("clear", language), variant="primary", elem_id="chat-new")
    search = gr.Textbox(
        placeholder=word("find_chat", language), show_label=False, container=False, max_lines=1,
        label=word("find_chat", language), elem_id="chat-find",
    )  # fmt: skip
    listing = gr.HTML(elem_id="chat-list", padding=False, apply_default_css=False)
    with gr.Group(elem_id="chat-own"):
        title = gr.Textbox(
            label=word("chat_title", language), interactive=False, max_lines=1, elem_id="chat-title"
        )
        with gr.Row():
            rename = gr.Button(word("rename", language), elem_id="chat-rename", **small)
            export = gr.Button(word("export", language), elem_id="chat-export", **small)
            delete = gr.Button(word("delete", language), elem_id="chat-delete", **small)
        with gr.Row(visible=False, elem_id="chat-confirm") as confirm:
            yes = gr.Button(
                word("delete_yes", language), variant="stop", elem_id="chat-yes", **small
            )
            no = gr.Button(word("delete_no", language), elem_id="chat-no", **small)
    notice = gr.HTML(elem_id="chat-notice", padding=False, apply_default_css=False)
    current = gr.Textbox(elem_id="chat-current", **hidden)
    return ChatsPanel(
        {
            search: "find_chat", new: "clear", title: "chat_title", rename: "rename",
            export: "export", delete: "delete", yes: "delete_yes", no: "delete_no",
        },
        search, new, title, rename, export, delete, confirm, yes, no, notice,
        gr.Textbox(elem_id="chat-picked", **hidden), gr.Textbox(elem_id="chat-exported", **hidden),
        current, [listing, title, confirm, notice, current],
    )  # fmt: skip


def panel(
    assistant: Assistant, owner: str, now: Session, language: Language, notice: str = ""
) -> Updates:
    """List, title, confirmation, notice and current number, as they are now."""
    try:
        listing = list_html(assistant.chats().heads(owner), now.chat, language)
    except RagError as error:
        listing = error_html(error)
    title = gr.update(value=now.title, interactive=now.chat is not None)
    return listing, title, gr.update(visible=False), notice, str(now.chat or "")


def found(assistant: Assistant, owner: str, words: str, now: Session, language: Language) -> str:
    """The list of the conversations that hold the words."""
    try:
        heads = assistant.chats().find(owner, words)
    except RagError as error:
        return error_html(error)
    return list_html(heads, now.chat, language, bool(words.strip()))


def page(
    assistant: Assistant, owner: str, now: Session, language: Language, notice: str = "",
    asking: str = "",
) -> Updates:  # fmt: skip
    """Chatbot, sources, note and session for another conversation, then the panel."""
    return (
        gr.update(value=messages(now, language, asking), feedback_value=thumbs(now)),
        sources_of(now, -1, language),
        no_note(language),
        now,
        *panel(assistant, owner, now, language, notice),
    )


def opened(
    assistant: Assistant, owner: str, place: str, now: Session, language: Language
) -> Updates:
    """The page with the conversation of a number (`ID` or `ID_TIME`; "": with what it has)."""
    notice = asking = ""
    number = place.split("_")[0]
    if number.isascii() and number.isdigit() and len(number) < 19:  # SQLite's largest
        try:
            now = session_of(assistant.chats().load(owner, int(number)))
            asking = assistant.chats().asking(owner, int(number))
        except RagError as error:
            notice = error_html(error)
    return page(assistant, owner, now, language, notice, asking)


def renamed(
    assistant: Assistant, owner: str, title: str, now: Session, language: Language
) -> Updates:
    """Session and panel with the open conversation's new title."""
    if now.chat is None:
        return now, *panel(assistant, owner, now, language, _nothing(language))
    try:
        now = replace(now, title=assistant.chats().rename(owner, now.chat, title))
    except RagError as error:
        return now, *panel(assistant, owner, now, language, error_html(error))
    return now, *panel(assistant, owner, now, language)


def asked_to_delete(now: Session, language: Language) -> Updates:
    """The confirmation, and what is to be confirmed."""
    if now.chat is None:
        return gr.update(visible=False), _nothing(language)
    return gr.update(visible=True), f"<p>{word('delete_sure', language)}</p>"


def deleted(assistant: Assistant, owner: str, now: Session, language: Language) -> Updates:
    """The page without the open conversation, which is deleted."""
    if now.chat is None:
        return page(assistant, owner, now, language, _nothing(language))
    try:
        assistant.chats().delete(owner, now.chat)
    except RagError as error:
        return page(assistant, owner, now, language, error_html(error))
    return page(assistant, owner, Session(), language)


def exported(assistant: Assistant, owner: str, now: Session, language: Language) -> Updates:
    """`[file name, Markdown]` of the open conversation as JSON ("": none), and a notice."""
    if now.chat is None:
        return "", _nothing(language)
    try:
        chat = assistant.chats().load(owner, now.chat)
    except RagError as error:
        return "", error_html(error)
    return json.dumps([file_name(chat), chat_markdown(chat)]), ""


def _nothing(language: Language) -> str:
    return f"<p class='quiet'>{word('no_chat_open', language)}</p>"
