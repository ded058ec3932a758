"""The Ask page: a streaming chat whose citations open the passage in its note."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from rag.answers import Answer, Draft, EvidenceFound, Finished, Turn, Waiting
from rag.assistant import Assistant
from rag.errors import RagError
from ui import html
from ui.labels import relabelled
from ui.text import EXAMPLES, Language, word

LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]
MODELS = ["local", "none"]
Updates = tuple[Any, ...]


@dataclass
class Session:
    """One visitor's conversation."""

    messages: list[dict[str, str]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    history: list[Turn] = field(default_factory=list)


@dataclass(frozen=True)
class AskPage:
    """The page's components that change with the language, and how."""

    labelled: dict[Any, str]  # component → key of its words
    session: Any
    question: Any
    practise: Any  # the button that takes the last answer's topic to the Practice page

    def relabel(self, language: Language) -> dict[Any, Any]:
        """Updates that put every component into a language."""
        return {part: relabelled(part, key, language) for part, key in self.labelled.items()}


def render(assistant: Assistant, language: Language, language_input: Any) -> AskPage:
    """Draw the page into the open `gr.Blocks`."""
    session = gr.State(Session())
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            chat = gr.Chatbot(
                label=word("chat", language),
                height="56vh",
                latex_delimiters=LATEX,
                buttons=["copy"],
                feedback_options=None,
                elem_id="chat",
            )
            with gr.Row():
                question = gr.Textbox(
                    placeholder=word("placeholder", language),
                    show_label=False,
                    container=False,
                    lines=1,
                    max_lines=6,
                    scale=5,
                    elem_id="question",
                )
                send = gr.Button(word("send", language), variant="primary", min_width=72, scale=1)
                stop = gr.Button(word("stop", language), min_width=72, scale=1)
            practise = gr.Button(word("practise_this", language), size="sm", elem_id="practise")
            examples = gr.Dataset(
                components=[gr.Textbox(visible=False)],
                samples=[[text] for text in EXAMPLES[language]],
                label=word("examples", language),
                elem_id="examples",
            )
            with gr.Accordion(word("settings", language), open=False) as settings:
                model = gr.Dropdown(
                    list(dict.fromkeys([assistant.settings.llm, *MODELS])),
                    value=assistant.settings.llm,
                    allow_custom_value=True,
                    label=word("model", language),
                    info=word("model_info", language),
                )
                k = gr.Slider(1, 20, value=assistant.settings.k, step=1, label=word("k", language))
                clear = gr.Button(word("clear", language))
        with gr.Column(scale=2, min_width=320):
            with gr.Accordion(word("sources", language), open=True) as sources_box:
                sources = gr.Markdown(
                    f"<p class='quiet'>{word('no_sources', language)}</p>",
                    latex_delimiters=LATEX,
                    elem_id="sources",
                )
            with gr.Accordion(word("note", language), open=True) as note_box:
                note = gr.Markdown(
                    f"<p class='quiet'>{word('no_note', language)}</p>",
                    latex_delimiters=LATEX,
                    elem_id="note",
                )
    picked = gr.Textbox(visible="hidden", elem_id="picked")

    def asked(
        text: str, now: Session, spec: str, passages: float, interface: Language
    ) -> Iterator[Updates]:
        yield from answer_stream(assistant, text, now, spec, int(passages), interface)

    inputs = [question, session, model, k, language_input]
    outputs = [chat, sources, session, question]
    running = gr.on(
        [send.click, question.submit], asked, inputs, outputs,
        concurrency_limit=8, api_visibility="private",
    )  # fmt: skip
    example = examples.click(lambda row: row[0], examples, question, api_visibility="private").then(
        asked, inputs, outputs, concurrency_limit=8, api_visibility="private"
    )
    stop.click(None, cancels=[running, example], api_visibility="private")
    clear.click(
        lambda: ([], "", Session(), ""), None, [chat, sources, session, note],
        api_visibility="private",
    )  # fmt: skip
    opened = picked.change(
        lambda place, now, interface: open_citation(assistant, place, now, interface),
        [picked, session, language_input], note, api_visibility="private", show_progress="hidden",
    )  # fmt: skip
    opened.then(None, js="() => window.showCited && window.showCited()", api_visibility="private")
    return AskPage(
        {
            chat: "chat", question: "placeholder", send: "send", stop: "stop", clear: "clear",
            examples: "examples", settings: "settings", model: "model", k: "k",
            sources_box: "sources", note_box: "note", practise: "practise_this",
        },
        session, question, practise,
    )  # fmt: skip


def answer_stream(
    assistant: Assistant, text: str, now: Session, spec: str, k: int, language: Language
) -> Iterator[Updates]:
    """Chat messages, sources, session and question box, again and again until verified."""
    turn = len(now.answers)
    said = [*now.messages, {"role": "user", "content": html.escape(text.strip())}]
    sources: Any = gr.skip()

    def show(content: str, done: Session = now) -> Updates:
        return [*said, {"role": "assistant", "content": content}], sources, done, ""

    yield show(html.draft_html("", word("searching", language)))
    try:
        for event in assistant.ask(text, now.history, spec, k):
            if isinstance(event, EvidenceFound):
                sources = html.passages_html(event.passages, language)
                yield show(html.draft_html("", word("writing", language)))
            elif isinstance(event, Waiting):
                yield show(html.draft_html("", word("waiting", language, n=event.ahead)))
            elif isinstance(event, Draft):
                yield show(html.draft_html(event.text, word("writing", language)))
            elif isinstance(event, Finished):
                answer = event.answer
                content = html.answer_html(answer, turn, language)
                sources = html.citations_html(answer, turn, language)
                done = Session(
                    [*said, {"role": "assistant", "content": content}],
                    [*now.answers, answer],
                    _remember(now.history, answer),
                )
                yield show(content, done)
    except RagError as error:
        content = f"<div class='error'>{html.escape(str(error))}</div>"
        # The failed exchange stays on the page but is not part of the conversation.
        yield show(content, Session(now.messages, now.answers, now.history))


def last_topic(now: Session) -> str:
    """The note that the last answer rests on most, or the nearest one; "" without an answer."""
    for answer in reversed(now.answers):
        if answer.citations:
            return answer.citations[0].note
        if answer.nearest:
            return answer.nearest[0].note
    return ""


def open_citation(assistant: Assistant, place: str, now: Session, language: Language) -> str:
    """The note of a citation (`turn_n`; n < 0: the n-th nearest note), passage highlighted."""
    try:
        turn, number = (int(part) for part in place.split("_")[:2])
        answer = now.answers[turn]
        if number < 0:
            path, start, end = answer.nearest[-number - 1].note, 0, 0
        else:
            item = answer.citations[number - 1]
            path, start, end = item.note, item.start, item.end
    except (ValueError, IndexError):
        return f"<p class='quiet'>{word('no_note', language)}</p>"
    try:
        note = assistant.note(path)
    except RagError as error:
        return f"<div class='error'>{html.escape(str(error))}</div>"
    return f"<div class='quiet'>{html.escape(path)}</div>" + html.note_html(note.text, start, end)


def _remember(history: list[Turn], answer: Answer) -> list[Turn]:
    if not answer.citations:
        return history
    topic = answer.citations[0].title
    return [*history, Turn(answer.standalone or answer.question, answer.text, topic)]
