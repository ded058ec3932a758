"""The Ask page: a streaming chat whose citations open the passage in its note."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.answer.answer import Nearest
from rag.assistant import Assistant
from rag.grounding.citation import Citation
from rag.notes.topic import Topic
from ui.answer_stream import Writing, answer_stream, stopped
from ui.relabel import relabelled
from ui.session import Session, asker_of, owner_of, sources_of
from ui.tabs import ask_chats as chats
from ui.tabs import ask_feedback as verdicts
from ui.tabs import collection_choice as chosen
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
    restore: Callable[..., Updates]  # when the page loads: the conversation its address names
    restore_inputs: list[Any]
    restore_outputs: list[Any]
    collections: Any  # the names of what is searched
    refresh: Callable[..., Any]  # keeps the choice of collections up to date

    def relabel(self, language: Language) -> dict[Any, Any]:
        """Updates that put every component into a language."""
        return {part: relabelled(part, key, language) for part, key in self.labelled.items()}


def render(assistant: Assistant, language: Language, language_input: Any) -> AskPage:
    """Draw the page into the open `gr.Blocks`."""
    session = gr.State(Session())
    writing = Writing()
    kept = chats.render(language)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            chat = gr.Chatbot(
                label=word("chat", language),
                show_label=False,
                height="56vh",
                latex_delimiters=LATEX,
                buttons=["copy"],
                feedback_options=["Like", "Dislike"],
                elem_id="chat",
            )
            why = verdicts.render(language)
            with gr.Row(elem_id="ask-row"):
                question = gr.Textbox(
                    placeholder=word("placeholder", language),
                    show_label=False,
                    container=False,
                    lines=1,
                    max_lines=6,
                    min_width=80,
                    scale=5,
                    elem_id="question",
                )
                send = gr.Button(
                    word("send", language), variant="primary", min_width=72, scale=1, elem_id="send"
                )
                stop = gr.Button(word("stop", language), min_width=72, scale=1, elem_id="stop")
            with gr.Row():
                small: dict[str, Any] = {"size": "sm", "min_width": 120}
                history = gr.Button(word("chats", language), elem_id="show-chats", **small)
                practise = gr.Button(word("practise_this", language), elem_id="practise", **small)
            examples = gr.Dataset(
                components=[gr.Textbox(visible=False)],
                samples=[[text] for text in EXAMPLES[language]],
                label=word("examples", language),
                elem_id="examples",
            )
            with gr.Accordion(
                word("settings", language), open=False, elem_id="settings"
            ) as settings:
                model = gr.Dropdown(
                    list(dict.fromkeys([assistant.settings.llm, *MODELS])),
                    value=assistant.settings.llm,
                    allow_custom_value=True,
                    label=word("model", language),
                    info=word("model_info", language),
                    elem_id="model",
                )
                k = gr.Slider(1, 20, value=assistant.settings.k, step=1, label=word("k", language))
                collections = chosen.dropdown(assistant, "collections", language, "collections")
        with gr.Column(scale=2, min_width=320):
            with gr.Accordion(word("sources", language), open=True) as sources_box:
                sources = gr.Markdown(
                    f"<p class='quiet'>{word('no_sources', language)}</p>",
                    latex_delimiters=LATEX,
                    elem_id="sources",
                )
            with gr.Accordion(word("note", language), open=True) as note_box:
                note = gr.Markdown(
                    no_note(language),
                    latex_delimiters=LATEX,
                    elem_id="note",
                )
    picked = gr.Textbox(visible="hidden", elem_id="picked")

    private: dict[str, Any] = {"api_visibility": "private"}
    silent: dict[str, Any] = {**private, "show_progress": "hidden"}

    def asked(
        text: str, now: Session, spec: str, passages: float, names: list[str],
        interface: Language, request: gr.Request,
    ) -> Iterator[Updates]:  # fmt: skip
        owner = owner_of(request)
        updates = answer_stream(
            assistant, text, now, spec, int(passages), interface, owner, names, asker_of(request)
        )
        yield from writing.to(request.session_hash, text, updates)

    def stop_it(
        now: Session, typed: str, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        return writing.stop(
            request.session_hash, lambda question: stopped(now, question, typed, interface)
        )

    def leave(page: Callable[[], Updates], request: gr.Request) -> Updates:
        """The page of another conversation, in place of what is being written."""
        return writing.stop(
            request.session_hash,
            lambda _: page(),
            lambda whole: (whole[0], whole[1], whole[3], gr.skip()),
        )

    def listed(now: Session, interface: Language, request: gr.Request) -> Updates:
        return chats.panel(assistant, owner_of(request), now, interface)

    def refresh(names: list[str], request: gr.Request) -> Any:
        return chosen.offered(assistant, names, owner_of(request))

    inputs = [question, session, model, k, collections, language_input]
    outputs = [chat, sources, session, question]
    # A second question while one is answered is not taken ("once"); examples go the same way.
    running = gr.on(
        [send.click, question.submit],
        asked,
        inputs,
        outputs,
        concurrency_limit=8,
        show_progress_on=chat,
        **private,
    )

    def translate(
        read: str, now: Session, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        blank = read in {no_note("zh"), no_note("en")}
        return (
            no_note(interface) if blank else gr.skip(), sources_of(now, -1, interface),
            *listed(now, interface, request),
        )  # fmt: skip

    running.then(listed, [session, language_input], kept.shown, **silent)
    language_input.change(
        translate, [note, session, language_input], [note, sources, *kept.shown], **silent
    )
    examples.click(lambda row: row[0], examples, question, **private).then(
        None, js="() => document.querySelector('#send').click()", **private
    )
    stop.click(stop_it, [session, question, language_input], outputs, cancels=[running], **silent)
    whole = [chat, sources, note, session, *kept.shown]
    # What is still being written belongs to the conversation that is left: it is cancelled.
    leaving: dict[str, Any] = {**silent, "cancels": [running]}

    def open_chat(
        place: str, now: Session, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        owner = owner_of(request)
        return leave(lambda: chats.opened(assistant, owner, place, now, interface), request)

    def restore(
        place: str, now: Session, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        # Someone quick has asked before the page finished loading: their answer stays.
        busy = bool(now.answers) or writing.busy(request.session_hash)
        if busy or not place:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip(), *listed(now, interface, request)
        return open_chat(place, now, interface, request)

    def begin(interface: Language, request: gr.Request) -> Updates:
        owner = owner_of(request)
        return leave(lambda: chats.page(assistant, owner, Session(), interface), request)

    def rename(title: str, now: Session, interface: Language, request: gr.Request) -> Updates:
        return chats.renamed(assistant, owner_of(request), title, now, interface)

    def delete(now: Session, interface: Language, request: gr.Request) -> Updates:
        owner = owner_of(request)
        return leave(lambda: chats.deleted(assistant, owner, now, interface), request)

    def export(now: Session, interface: Language, request: gr.Request) -> Updates:
        return chats.exported(assistant, owner_of(request), now, interface)

    def judge(now: Session, interface: Language, like: gr.LikeData, request: gr.Request) -> Updates:
        owner = owner_of(request)
        return verdicts.judged(assistant, owner, now, like.index, like.liked, interface)

    def explain(
        turn: int | None, reason: str, comment: str, interface: Language, request: gr.Request
    ) -> Updates:
        return verdicts.explained(assistant, owner_of(request), turn, reason, comment, interface)

    kept.picked.change(open_chat, [kept.picked, session, language_input], whole, **leaving)
    gr.on([kept.new.click, chat.clear], begin, language_input, whole, **leaving)
    history.click(None, js="() => window.toggleChats()", **private)
    gr.on(
        [kept.rename.click, kept.title.submit], rename, [kept.title, session, language_input],
        [session, *kept.shown], **silent,
    )  # fmt: skip
    kept.delete.click(
        chats.asked_to_delete, [session, language_input], [kept.confirm, kept.notice], **silent
    )
    kept.no.click(
        lambda: (gr.update(visible=False), ""), None, [kept.confirm, kept.notice], **silent
    )
    kept.yes.click(delete, [session, language_input], whole, **leaving)
    kept.export.click(
        export, [session, language_input], [kept.exported, kept.notice], **silent
    ).then(None, kept.exported, js="(file) => window.saveFile(file)", **private)
    kept.current.change(None, kept.current, js="(id) => window.keepChat(id)", **private)
    chat.like(judge, [session, language_input], [why.row, why.turn, why.notice], **silent)
    why.save.click(
        explain, [why.turn, why.reason, why.comment, language_input],
        [why.row, why.comment, why.notice], **silent,
    )  # fmt: skip
    opened = picked.change(
        lambda place, now, interface: cited(assistant, place, now, interface),
        [picked, session, language_input], [note, sources], **silent,
    )  # fmt: skip
    opened.then(None, js="() => window.showCited && window.showCited()", **private)
    return AskPage(
        {
            chat: "chat", question: "placeholder", send: "send", stop: "stop",
            examples: "examples", settings: "settings", model: "model", k: "k",
            sources_box: "sources", note_box: "note", practise: "practise_this",
            history: "chats", collections: "collections",
            **kept.labelled, **why.labelled,
        },
        session, question, practise,
        restore, [kept.current, session, language_input], whole,
        collections, refresh,
    )  # fmt: skip


def last_topic(now: Session) -> Topic | None:
    """The note that the last answer rests on most, or the nearest one; None without an answer."""
    for answer in reversed(now.answers):
        found: list[Citation | Nearest] = [*answer.citations, *answer.nearest]
        if found:
            return Topic(found[0].note, found[0].title, collection=found[0].collection)
    return None
