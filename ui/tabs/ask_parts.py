"""The Ask page as components, and what stands in them before anything is asked."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from rag.assistant import Assistant
from ui.answer_html import quiet
from ui.session import Session
from ui.tabs import ask_feedback, chats_panel, collection_choice
from ui.tabs.cited_note import no_note
from ui.wiring import Labelled
from ui.wording import EXAMPLES, Language, word

LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "\\(", "right": "\\)", "display": False},  # a single $ is an amount of money
]
MODELS = ["local", "none"]


@dataclass(frozen=True, kw_only=True)
class AskParts:
    """What is drawn; `practise` takes the last answer's topic to the Practice page."""

    session: gr.State
    kept: chats_panel.ChatsPanel
    chat: gr.Chatbot
    why: ask_feedback.ReasonRow
    question: gr.Textbox
    send: gr.Button
    stop: gr.Button
    history: gr.Button
    fresh: gr.Button
    practise: gr.Button
    settings: gr.Accordion
    model: gr.Dropdown
    k: gr.Slider
    collections: gr.Dropdown
    aside: gr.HTML
    sources: gr.Markdown
    page: gr.HTML  # the cited page of a PDF
    note: gr.Markdown
    picked: gr.Textbox
    earlier: gr.Textbox  # asks for the answers before those that are shown
    copying: gr.Textbox
    copied: gr.Textbox

    @property
    def talk(self) -> list[Block]:
        """What an answer on its way changes of any page that shows its conversation."""
        return [self.chat, self.sources, self.session]

    @property
    def asking(self) -> list[Block]:
        """What it changes of the page that asked."""
        return [*self.talk, self.question, self.kept.current]

    @property
    def whole(self) -> list[Block]:
        """What another conversation changes."""
        return [*self.talk, self.page, self.note, *self.kept.shown]

    @property
    def labelled(self) -> Labelled:
        """What changes with the language, by the key of its words."""
        return {
            self.chat: "chat", self.question: "placeholder", self.send: "send", self.stop: "stop",
            self.settings: "settings", self.model: "model", self.k: "k",
            self.practise: "practise_this", self.history: "chats", self.fresh: "clear",
            self.collections: "collections", **self.kept.labelled, **self.why.labelled,
        }  # fmt: skip


def draw(assistant: Assistant, language: Language) -> AskParts:
    """Conversations on the left, the talk, and on the right what it rests on."""
    small: dict[str, Any] = {"size": "sm", "min_width": 40}
    with gr.Row(elem_id="ask-page", equal_height=True):
        with gr.Column(elem_id="chats", min_width=0):
            kept = chats_panel.render(language)
        with gr.Column(elem_id="talk", min_width=0):
            with gr.Row(elem_id="talk-bar"):
                history = gr.Button(word("chats", language), elem_id="show-chats", **small)
                fresh = gr.Button(word("clear", language), elem_id="begin-chat", **small)
                with gr.Accordion(
                    word("settings", language), open=False, elem_id="settings"
                ) as settings:
                    model = gr.Dropdown(
                        list(dict.fromkeys([assistant.settings.llm, *MODELS])),
                        value=assistant.settings.llm, allow_custom_value=True,
                        label=word("model", language), info=word("model_info", language),
                        elem_id="model",
                    )  # fmt: skip
                    k = gr.Slider(
                        1, 20, value=assistant.settings.k, step=1, label=word("k", language)
                    )
                    collections = collection_choice.dropdown(
                        assistant, "collections", language, "collections"
                    )
            chat = gr.Chatbot(
                label=word("chat", language), show_label=False, container=False, height="100%",
                latex_delimiters=LATEX, buttons=[], feedback_options=["Like", "Dislike"],
                placeholder=empty_html(language), layout="panel", elem_id="chat",
                autoscroll=False,  # ask.js shows a question and the beginning of its answer
            )  # fmt: skip
            why = ask_feedback.render(language)
            with gr.Row(elem_id="ask-row"):
                question = gr.Textbox(
                    placeholder=word("placeholder", language), show_label=False, container=False,
                    lines=1, max_lines=8, min_width=80, scale=5, elem_id="question",
                    label=word("chat", language),
                )  # fmt: skip
                send = gr.Button(
                    word("send", language), variant="primary", min_width=72, scale=0, elem_id="send"
                )
                stop = gr.Button(word("stop", language), min_width=72, scale=0, elem_id="stop")
        with gr.Column(elem_id="aside", min_width=0):
            aside = gr.HTML(
                aside_html(language), elem_id="aside-head", padding=False, apply_default_css=False
            )
            page = gr.HTML(elem_id="cited-page", padding=False, apply_default_css=False)
            note = gr.Markdown(no_note(language), latex_delimiters=LATEX, elem_id="note")
            sources = gr.Markdown(
                quiet(word("no_sources", language)), latex_delimiters=LATEX, elem_id="sources"
            )
    practise = gr.Button(word("practise_this", language), elem_id="practise", visible="hidden")
    return AskParts(
        session=gr.State(Session()), kept=kept, chat=chat, why=why, question=question, send=send,
        stop=stop, history=history, fresh=fresh, practise=practise, settings=settings, model=model,
        k=k, collections=collections, aside=aside, sources=sources, page=page, note=note,
        picked=gr.Textbox(elem_id="picked", visible="hidden"),
        earlier=gr.Textbox(elem_id="chat-earlier", visible="hidden"),
        copying=gr.Textbox(elem_id="copy-picked", visible="hidden"),
        copied=gr.Textbox(elem_id="copied", visible="hidden"),
    )  # fmt: skip


def aside_html(language: Language) -> str:
    """The head of what stands beside the talk."""
    close = word("close", language)
    return (
        f"<div class='aside-head'><b>{word('sources', language)}</b>"
        f"<button type='button' class='aside-close' aria-label='{close}'>×</button></div>"
    )


def empty_html(language: Language) -> str:
    """What an empty chat shows: what it is for, and questions to begin with."""
    tries = "".join(
        f"<button type='button' class='example ask-this' title='{text}'>{text}</button>"
        for text in EXAMPLES[language]
    )
    return (
        f"<div class='empty'><h2>{word('ask_title', language)}</h2>"
        f"<p>{word('ask_lead', language)}</p><div class='examples'>{tries}</div></div>"
    )
