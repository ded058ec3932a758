"""An answer as it comes: what the chat shows, and the session it leaves behind."""

import threading
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from gradio.blocks import Block

from rag.answer.events import Draft, EvidenceFound, Finished, FirstDraft, Verified
from rag.answer.question import check_question
from rag.assistant import Assistant
from rag.chats.chat_store import short_title
from rag.chats.saved_answer import earlier_turns
from rag.errors import RagError
from rag.llm.waiting import Waiting
from rag.permissions import readable_names, usable_model
from ui.answer_html import draft_html, escape, passages_html, quiet, sentences_html
from ui.session import (
    Session,
    error_html,
    first_shown,
    judged,
    messages,
    sources_of,
    thumbs,
)
from ui.wiring import Updates, only
from ui.wording import Language, word


@dataclass(frozen=True)
class Shown:
    """What a page shows of an answer on its way.

    Attributes:
        messages: the whole conversation, for a `gr.Chatbot`.
        sources: as HTML; None: as they are.
        question: what stands in the question box.
        thumbs: of the answers shown, where they are others than before; None: as they are.
    """

    messages: list[dict[str, str]]
    session: Session
    sources: str | None = None
    question: str = ""
    thumbs: list[str | None] | None = None


@dataclass
class _Stream:
    """An answer on its way to a page, and what its page is to show instead, once told to stop."""

    question: str
    told_to_stop: threading.Event = field(default_factory=threading.Event)
    end: Callable[[], None] | None = None
    chat: int | None = None
    closed: threading.Event = field(default_factory=threading.Event)
    given: threading.Event = field(default_factory=threading.Event)
    last: Updates | None = None


class Writing:
    """What is being written to each page (named by Gradio's session hash), and how to end it.

    A handler that replaces the conversation must have the last word. Gradio runs it beside the
    stream, cancels the stream whenever the page comes to ask for that, and repeats a stream's last
    update when it ends. So `stop` ends the stream from this side, and the handler's updates are
    the stream's last ones, too: whichever arrives last, the page shows the same.
    """

    def __init__(self) -> None:
        self._running: dict[str | None, _Stream] = {}
        self._lock = threading.Lock()

    def to(
        self,
        page: str | None,
        question: str,
        updates: Generator[Updates],
        parts: Collection[Block],
        end: Callable[[], None] | None = None,
        chat: int | None = None,
    ) -> Iterator[Updates]:
        """The updates, until `stop` is called for the page; then what replaces them.

        Args:
            parts: the components that they go to.
            end: makes the updates end at once; for those that another thread gives.
            chat: the conversation that they belong to.
        """
        stream = self._running[page] = _Stream(question, end=end, chat=chat)
        try:
            with closing(updates):
                for update in updates:
                    if stream.told_to_stop.is_set():
                        break
                    yield only(update, parts)
                    if stream.told_to_stop.is_set():
                        break
        finally:
            stream.closed.set()
            with self._lock:
                if self._running.get(page) is stream:
                    del self._running[page]
        if stream.told_to_stop.is_set() and stream.given.wait(5.0) and stream.last is not None:
            yield only(stream.last, parts)

    def chat(self, page: str | None) -> int | None:
        """The conversation that is being written to on the page."""
        stream = self._running.get(page)
        return stream.chat if stream else None

    def busy(self, page: str | None) -> bool:
        """Whether something is being written to the page."""
        return page in self._running

    def stop(
        self,
        page: str | None,
        replaced: Callable[[str | None], Updates],
        seconds: float = 2.0,
    ) -> Updates:
        """End what is written to the page, then the handler's own updates.

        Args:
            replaced: gives these updates; called with the question that was being answered (None:
                nothing was) once its answer neither changes the page nor is kept any more.
            seconds: how long a silent model, whose words go nowhere any more, is waited for.
        """
        with self._lock:
            stream = self._running.get(page)
            if stream is not None:
                stream.told_to_stop.set()
        if stream is None:
            return replaced(None)
        if stream.end is not None:
            stream.end()
        in_time = stream.closed.wait(seconds)
        try:
            updates = replaced(stream.question)
            if in_time:
                stream.last = updates
        finally:
            stream.given.set()
        return updates


def answer_stream(
    assistant: Assistant,
    text: str,
    now: Session,
    spec: str,
    k: int,
    language: Language,
    owner: str = "",
    collections: Sequence[str] = (),
    asker: str = "",
) -> Generator[Shown]:
    """What is shown, again and again until the answer is verified and kept.

    The session changes only with a finished answer: one that is stopped or fails leaves it as it
    was, and closing this iterator closes the model's stream.
    """
    first = first_shown(now)
    before = [*messages(now, language), {"role": "user", "content": escape(text.strip())}]
    sources: str | None = None
    holds = ""  # the sentences that are verified already

    def show(content: str, done: Session = now) -> Shown:
        return Shown([*before, {"role": "assistant", "content": content}], done, sources)

    yield show(draft_html("", word("searching", language)))
    try:
        names = readable_names(assistant, collections, owner)
        asked = assistant.ask(
            text, earlier_turns(now.answers), usable_model(assistant, spec, owner), k, names,
            asker,
        )  # fmt: skip
        with closing(asked) as events:
            for event in events:
                if isinstance(event, EvidenceFound):
                    sources = passages_html(event.passages, language)
                    status = word("reading", language, n=len(event.passages))
                    yield show(draft_html("", status))
                elif isinstance(event, Waiting):
                    yield show(draft_html("", word("waiting", language, n=event.ahead)))
                elif isinstance(event, Verified):
                    holds = sentences_html(event.answer)
                    yield show(draft_html("", word("writing", language), holds))
                elif isinstance(event, FirstDraft):
                    draft = sentences_html(event.answer)
                    yield show(draft_html("", word("improving", language), draft))
                elif isinstance(event, Draft):
                    yield show(draft_html(event.text, word("writing", language), holds))
                elif isinstance(event, Finished):
                    now = replace(now, answers=(*now.answers, event.answer))
                    sources = sources_of(now, -1, language)
    except RagError as error:
        # The failed exchange stays on the page but is not part of the conversation.
        yield show(error_html(error), given_up(assistant, owner, now))
        return
    marks = None
    if first_shown(now) != first:  # a thumb belongs to a place of the window, which has moved
        now = judged(assistant.chats(), owner, now)
        marks = thumbs(now)
    # Seen before the disk is waited for.
    yield Shown(messages(now, language), now, sources, thumbs=marks)
    final = messages(now, language)
    try:
        now = save_turn(assistant, owner, now)
    except RagError as error:
        final[-1]["content"] += error_html(error)
    yield Shown(final, now, sources, thumbs=marks)


def begun(assistant: Assistant, owner: str, now: Session, text: str) -> Session:
    """The session whose conversation already holds the question, so that a reload finds it.

    What is no question, or cannot be written down, is left to the answer to tell.
    """
    try:
        chat = assistant.chats().begin(owner, now.chat, check_question(text))
    except RagError:
        return now
    return replace(now, chat=chat, title=now.title or short_title(text))


def given_up(assistant: Assistant, owner: str, now: Session, chat: int | None = None) -> Session:
    """The session without the question that was begun; a conversation of nothing else is gone.

    Args:
        chat: the conversation of that question, where it is not the session's.
    """
    number = now.chat if chat is None else chat
    if number is None:
        return now
    try:
        there = assistant.chats().give_up(owner, number)
    except RagError:  # it is found again as a question that was not answered
        return now
    return now if there or now.answers else replace(now, chat=None, title="")


def save_turn(assistant: Assistant, owner: str, now: Session) -> Session:
    """Store every answer that is not stored yet, also those where it failed before.

    Raises:
        RagError: the chat history cannot be written, or the conversation was deleted.
    """
    fresh = now.answers[len(now.turns) :]
    chat, turns = assistant.chats().add(owner, now.chat, fresh)
    title = now.title or short_title(now.answers[0].question)
    return replace(now, chat=chat, title=title, turns=(*now.turns, *turns))


def stopped(now: Session, asked: str, typed: str, language: Language) -> Shown:
    """What answer_stream gives, once it was stopped: the conversation as before, the question back
    in its box (unless another is typed there already)."""
    note = quiet(word("stopped", language))
    return Shown(messages(now, language), now, note, typed or asked.strip())
