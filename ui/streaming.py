"""An answer as it comes: what the chat shows, and the session it leaves behind."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from html import unescape
from typing import Any

import gradio as gr

from rag.answers import Draft, EvidenceFound, Finished, Waiting
from rag.assistant import Assistant
from rag.chats import short_title
from rag.errors import RagError
from rag.saved_answers import remembered
from ui import html
from ui.access import readable_names, usable_model
from ui.session import Session, error_html, messages, sources_of
from ui.text import Language, word

Updates = tuple[Any, ...]


class Writing:
    """Whose page an answer is being written to, so that what ends it comes after its last word.

    Gradio cancels a stream and runs the handler of the button that cancels it side by side: a
    handler that does not wait may be overtaken by a last draft.
    """

    def __init__(self) -> None:
        self._ended: dict[str | None, threading.Event] = {}

    @contextmanager
    def to(self, page: str | None) -> Iterator[None]:
        """While an answer is written to a page (named by Gradio's session hash)."""
        ended = self._ended[page] = threading.Event()
        try:
            yield
        finally:
            ended.set()
            if self._ended.get(page) is ended:
                del self._ended[page]

    def wait(self, page: str | None, seconds: float = 2.0) -> None:
        """Until nothing is written to the page; a model that is silent that long, whose words go
        nowhere any more, is not waited for."""
        ended = self._ended.get(page)
        if ended is not None:
            ended.wait(seconds)


def answer_stream(
    assistant: Assistant,
    text: str,
    now: Session,
    spec: str,
    k: int,
    language: Language,
    owner: str = "",
    collections: Sequence[str] = (),
) -> Iterator[Updates]:
    """Chat messages, sources, session and question box, again and again until verified and kept.

    The session changes only with a finished answer: one that is stopped or fails leaves it as it
    was, and closing this iterator closes the model's stream.
    """
    said = [*messages(now, language), {"role": "user", "content": html.escape(text.strip())}]
    sources: Any = gr.skip()

    def show(content: str, done: Session = now) -> Updates:
        return [*said, {"role": "assistant", "content": content}], sources, done, ""

    yield show(html.draft_html("", word("searching", language)))
    try:
        names = readable_names(assistant, collections, owner)
        asked = assistant.ask(
            text, remembered(now.answers), usable_model(assistant, spec, owner), k, names
        )
        with closing(asked) as events:  # type: ignore[type-var]
            for event in events:
                if isinstance(event, EvidenceFound):
                    sources = html.passages_html(event.passages, language)
                    yield show(html.draft_html("", word("writing", language)))
                elif isinstance(event, Waiting):
                    yield show(html.draft_html("", word("waiting", language, n=event.ahead)))
                elif isinstance(event, Draft):
                    yield show(html.draft_html(event.text, word("writing", language)))
                elif isinstance(event, Finished):
                    now = replace(now, answers=(*now.answers, event.answer))
                    sources = sources_of(now, -1, language)
    except RagError as error:
        # The failed exchange stays on the page but is not part of the conversation.
        yield show(error_html(error), now)
        return
    yield messages(now, language), sources, now, ""  # seen before the disk is waited for
    shown = messages(now, language)
    try:
        now = keep(assistant, owner, now)
    except RagError as error:
        shown[-1]["content"] += error_html(error)
    yield shown, sources, now, ""


def keep(assistant: Assistant, owner: str, now: Session) -> Session:
    """Store every answer that is not stored yet, also those where it failed before.

    Raises:
        RagError: the chat history cannot be written, or the conversation was deleted.
    """
    fresh = now.answers[len(now.turns) :]
    chat, turns = assistant.chats().add(owner, now.chat, fresh)
    title = now.title or short_title(now.answers[0].question)
    return replace(now, chat=chat, title=title, turns=(*now.turns, *turns))


def stopped(shown: list[dict[str, Any]], now: Session, typed: str, language: Language) -> Updates:
    """What answer_stream gives, once it was stopped: the conversation as before, the question back
    in its box (unless another is typed there already)."""
    asked = [item for item in shown if item["role"] == "user"]
    if len(asked) <= len(now.answers):  # nothing was running
        return gr.skip(), gr.skip(), gr.skip(), gr.skip()
    content = asked[-1]["content"]
    parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content]
    note = f"<p class='quiet'>{word('stopped', language)}</p>"
    return messages(now, language), note, now, typed or unescape("".join(parts))
