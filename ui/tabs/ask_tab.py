"""The Ask page: a streaming chat whose citations open the passage in its note."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.answer.answer import Nearest
from rag.assistant import Assistant
from rag.grounding.citation import Citation
from rag.notes.topic import Topic
from ui.relabel import relabelled
from ui.session import Session, owner_of, sources_of
from ui.tabs import ask_chats as chats
from ui.tabs import ask_feedback as verdicts
from ui.tabs import collection_choice as chosen
from ui.tabs.ask_actions import AskActions, copied
from ui.tabs.cited_note import cited, no_note
from ui.wording import EXAMPLES, Language, word

LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "\\(", "right": "\\)", "display": False},  # a single $ is an amount of money
]
MODELS = ["local", "none"]
Updates = tuple[Any, ...]


@dataclass(frozen=True)
class AskPage:
    """The page's components that change with the language, and how."""

    labelled: dict[Any, str]  # component → key of its words
    session: Any
    question: Any
    practise: Any  # the button that takes the last answer's topic to the Practice page
    restore: Callable[..., Any]  # when the page loads: the conversation its address names
    restore_inputs: list[Any]
    restore_outputs: list[Any]
    collections: Any  # the names of what is searched
    refresh: Callable[..., Any]  # keeps the choice of collections up to date

    def relabel(self, language: Language) -> dict[Any, Any]:
        """Updates that put every component into a language."""
        return {part: relabelled(part, key, language) for part, key in self.labelled.items()}


@dataclass(frozen=True)
class _Parts:
    """The page's components, drawn."""

    kept: chats.ChatsPanel
    chat: Any
    why: verdicts.ReasonRow
    question: Any
    send: Any
    stop: Any
    history: Any
    fresh: Any
    practise: Any
    settings: Any
    model: Any
    k: Any
    collections: Any
    aside: Any
    sources: Any
    note: Any
    picked: Any
    copying: Any
    copied: Any


def _draw(assistant: Assistant, language: Language) -> _Parts:
    """Conversations on the left, the talk, and on the right what it rests on."""
    small: dict[str, Any] = {"size": "sm", "min_width": 40}
    hidden: dict[str, Any] = {"visible": "hidden"}
    with gr.Row(elem_id="ask-page", equal_height=True):
        with gr.Column(elem_id="chats", min_width=0):
            kept = chats.render(language)
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
                    collections = chosen.dropdown(assistant, "collections", language, "collections")
            chat = gr.Chatbot(
                label=word("chat", language), show_label=False, container=False, height="100%",
                latex_delimiters=LATEX, buttons=[], feedback_options=["Like", "Dislike"],
                placeholder=empty_html(language), layout="panel", elem_id="chat",
            )  # fmt: skip
            why = verdicts.render(language)
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
            note = gr.Markdown(no_note(language), latex_delimiters=LATEX, elem_id="note")
            sources = gr.Markdown(
                f"<p class='quiet'>{word('no_sources', language)}</p>",
                latex_delimiters=LATEX, elem_id="sources",
            )  # fmt: skip
    practise = gr.Button(word("practise_this", language), elem_id="practise", **hidden)
    return _Parts(
        kept, chat, why, question, send, stop, history, fresh, practise, settings, model, k,
        collections, aside, sources, note,
        gr.Textbox(elem_id="picked", **hidden), gr.Textbox(elem_id="copy-picked", **hidden),
        gr.Textbox(elem_id="copied", **hidden),
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


def render(assistant: Assistant, language: Language, language_input: Any) -> AskPage:
    """Draw the page into the open `gr.Blocks`."""
    session = gr.State(Session())
    part = _draw(assistant, language)
    act = AskActions(assistant)
    kept, why, chat = part.kept, part.why, part.chat
    private: dict[str, Any] = {"api_visibility": "private"}
    silent: dict[str, Any] = {**private, "show_progress": "hidden"}
    outputs = [chat, part.sources, session, part.question, kept.current]
    here = [session, language_input]
    # A second question while one is answered is not taken ("once"); examples go the same way.
    running = gr.on(
        [part.send.click, part.question.submit], act.ask,
        [part.question, session, part.model, part.k, part.collections, language_input], outputs,
        concurrency_limit=8, **silent,
    )  # fmt: skip
    part.question.submit(None, js="() => window.asking()", **private)
    running.then(act.listed, here, kept.shown, **silent)

    def refresh(names: list[str], request: gr.Request) -> Any:
        return chosen.offered(assistant, names, owner_of(request))

    def translate(
        read: str, now: Session, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        blank = read in {no_note("zh"), no_note("en")}
        return (
            no_note(interface) if blank else gr.skip(), sources_of(now, -1, interface),
            gr.update(placeholder=empty_html(interface)), aside_html(interface),
            *act.listed(now, interface, request),
        )  # fmt: skip

    language_input.change(
        translate,
        [part.note, *here],
        [part.note, part.sources, chat, part.aside, *kept.shown],
        **silent,
    )
    part.stop.click(
        act.stop, [session, part.question, language_input], outputs, cancels=[running], **silent
    ).then(act.listed, here, kept.shown, **silent)
    whole = [chat, part.sources, part.note, session, *kept.shown]
    # What is still being written belongs to the conversation that is left: it is cancelled.
    leaving: dict[str, Any] = {**silent, "cancels": [running]}
    kept.picked.change(act.open, [kept.picked, *here], whole, concurrency_limit=8, **leaving)
    gr.on([kept.new.click, part.fresh.click, chat.clear], act.begin, language_input, whole,
          **leaving)  # fmt: skip
    part.history.click(None, js="() => window.toggleChats()", **private)
    gr.on([kept.rename.click, kept.title.submit], act.rename, [kept.title, *here],
          [session, *kept.shown], **silent)  # fmt: skip
    kept.search.change(act.find, [kept.search, *here], kept.shown[0],
                      trigger_mode="always_last", **silent)  # fmt: skip
    kept.delete.click(chats.asked_to_delete, here, [kept.confirm, kept.notice], **silent)
    kept.no.click(
        lambda: (gr.update(visible=False), ""), None, [kept.confirm, kept.notice], **silent
    )
    kept.yes.click(act.delete, here, whole, **leaving)
    kept.export.click(act.export, here, [kept.exported, kept.notice], **silent).then(
        None, kept.exported, js="(file) => window.saveFile(file)", **private
    )
    kept.current.change(None, kept.current, js="(id) => window.keepChat(id)", **private)
    chat.like(act.judge, here, [why.row, why.turn, why.notice], **silent)
    why.save.click(
        act.explain, [why.turn, why.reason, why.comment, language_input],
        [why.row, why.comment, why.notice], **silent,
    )  # fmt: skip
    part.copying.change(copied, [part.copying, session], part.copied, **silent).then(
        None, part.copied, js="(text) => window.copyText(text)", **private
    )
    part.picked.change(
        lambda place, now, interface: cited(assistant, place, now, interface),
        [part.picked, *here], [part.note, part.sources], **silent,
    ).then(None, js="() => window.showCited()", **private)  # fmt: skip
    return AskPage(
        {
            chat: "chat", part.question: "placeholder", part.send: "send", part.stop: "stop",
            part.settings: "settings", part.model: "model", part.k: "k",
            part.practise: "practise_this", part.history: "chats", part.fresh: "clear",
            part.collections: "collections", **kept.labelled, **why.labelled,
        },
        session, part.question, part.practise,
        act.restore, [kept.current, *here], whole, part.collections,
        refresh,
    )  # fmt: skip


def last_topic(now: Session) -> Topic | None:
    """The note that the last answer rests on most, or the nearest one; None without an answer."""
    for answer in reversed(now.answers):
        found: list[Citation | Nearest] = [*answer.citations, *answer.nearest]
        if found:
            return Topic(found[0].note, found[0].title, collection=found[0].collection)
    return None
