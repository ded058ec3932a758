"""The kept conversations beside the Ask page: list, open, rename, export, delete."""

import json
from dataclasses import dataclass, replace

import gradio as gr

from rag.assistant import Assistant
from rag.chats.chat_markdown import chat_markdown, file_name
from rag.errors import RagError
from ui.answer_html import quiet
from ui.session import (
    Session,
    error_html,
    list_html,
    messages,
    session_of,
    sources_of,
    thumbs,
)
from ui.tabs.ask_parts import AskParts
from ui.tabs.cited_note import no_note
from ui.wiring import Updates
from ui.wording import Language, word


@dataclass(frozen=True)
class ChatViews:
    """What one page's components show of the conversations."""

    assistant: Assistant
    parts: AskParts

    def panel(self, owner: str, now: Session, language: Language, notice: str = "") -> Updates:
        """List, title, confirmation, notice and current number, as they are now."""
        try:
            listing = list_html(self.assistant.chats().heads(owner), now.chat, language)
        except RagError as error:
            listing = error_html(error)
        kept = self.parts.kept
        return {
            kept.listing: listing,
            kept.title: gr.update(value=now.title, interactive=now.chat is not None),
            kept.confirm: gr.update(visible=False),
            kept.notice: notice,
            kept.current: str(now.chat or ""),
        }

    def found(self, owner: str, words: str, now: Session, language: Language) -> str:
        """The list of the conversations that hold the words."""
        try:
            heads = self.assistant.chats().find(owner, words)
        except RagError as error:
            return error_html(error)
        return list_html(heads, now.chat, language, bool(words.strip()))

    def page(
        self, owner: str, now: Session, language: Language, notice: str = "", asking: str = ""
    ) -> Updates:
        """The page with another conversation."""
        part = self.parts
        return {
            part.chat: gr.update(value=messages(now, language, asking), feedback_value=thumbs(now)),
            part.sources: sources_of(now, -1, language),
            part.page: "",
            part.note: no_note(language),
            part.session: now,
            **self.panel(owner, now, language, notice),
        }

    def opened(self, owner: str, place: str, now: Session, language: Language) -> Updates:
        """The page with the conversation of a number (`ID` or `ID_TIME`; "": with what it has)."""
        notice = asking = ""
        number = place.split("_")[0]
        if number.isascii() and number.isdigit() and len(number) < 19:  # SQLite's largest
            try:
                now = session_of(self.assistant.chats().load(owner, int(number)))
                asking = self.assistant.chats().asking(owner, int(number))
            except RagError as error:
                notice = error_html(error)
        return self.page(owner, now, language, notice, asking)

    def renamed(self, owner: str, title: str, now: Session, language: Language) -> Updates:
        """Session and panel with the open conversation's new title."""
        notice = ""
        if now.chat is None:
            notice = _nothing(language)
        else:
            try:
                now = replace(now, title=self.assistant.chats().rename(owner, now.chat, title))
            except RagError as error:
                notice = error_html(error)
        return {self.parts.session: now, **self.panel(owner, now, language, notice)}

    def asked_to_delete(self, now: Session, language: Language) -> Updates:
        """The confirmation, and what is to be confirmed."""
        kept = self.parts.kept
        if now.chat is None:
            return {kept.confirm: gr.update(visible=False), kept.notice: _nothing(language)}
        sure = f"<p>{word('delete_sure', language)}</p>"
        return {kept.confirm: gr.update(visible=True), kept.notice: sure}

    def deleted(self, owner: str, now: Session, language: Language) -> Updates:
        """The page without the open conversation, which is deleted."""
        if now.chat is None:
            return self.page(owner, now, language, _nothing(language))
        try:
            self.assistant.chats().delete(owner, now.chat)
        except RagError as error:
            return self.page(owner, now, language, error_html(error))
        return self.page(owner, Session(), language)

    def exported(self, owner: str, now: Session, language: Language) -> Updates:
        """`[file name, Markdown]` of the open conversation as JSON ("": none), and a notice."""
        kept = self.parts.kept
        if now.chat is None:
            return {kept.exported: "", kept.notice: _nothing(language)}
        try:
            chat = self.assistant.chats().load(owner, now.chat)
        except RagError as error:
            return {kept.exported: "", kept.notice: error_html(error)}
        file = json.dumps([file_name(chat), chat_markdown(chat)])
        return {kept.exported: file, kept.notice: ""}


def _nothing(language: Language) -> str:
    return quiet(word("no_chat_open", language))
