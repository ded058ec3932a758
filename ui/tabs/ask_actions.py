"""What the Ask page does: asks, stops, opens, leaves; each gives the updates that it shows."""

from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import replace

import gradio as gr
from gradio.blocks import Block

from rag.assistant import Assistant
from rag.errors import RagError
from ui.answer_blocks import answer_text
from ui.answer_stream import Shown, Writing, answer_stream, begun, given_up, stopped
from ui.running import Desk, Running
from ui.session import (
    RECENT,
    Session,
    asker_of,
    judged,
    messages,
    owner_of,
    sources_of,
    thumbs,
)
from ui.tabs import collection_choice
from ui.tabs.ask_chats import ChatViews
from ui.tabs.ask_parts import AskParts, aside_html, empty_html
from ui.tabs.chats_panel import head_html
from ui.tabs.cited_note import cited, no_note, page_picture, page_waits
from ui.wiring import Updates, unchanged
from ui.wording import Language


class AskActions:
    """The handlers over one assistant and the components of one page.

    What is being written belongs to all who have the page open.
    """

    def __init__(self, assistant: Assistant, parts: AskParts) -> None:
        self._assistant = assistant
        self._parts = parts
        self._chats = ChatViews(assistant, parts)
        self._writing = Writing()
        self._desk = Desk()

    def ask(
        self, text: str, now: Session, spec: str, passages: float, names: list[str],
        interface: Language, request: gr.Request,
    ) -> Iterator[Updates]:  # fmt: skip
        """Chat, sources, session, question box and address, until the answer is kept."""
        owner = owner_of(request)
        running = self._desk.find(owner, now.chat)
        joined = running is not None
        if running is None:  # else another page asks in the same conversation: theirs goes on
            now = begun(self._assistant, owner, now, text)
            steps = answer_stream(
                self._assistant, text, now, spec, int(passages), interface, owner, names,
                asker_of(request),
            )  # fmt: skip
            running = self._desk.start(owner, now.chat, steps)
        yield from self._followed(running, text, request, self._parts.asking, joined)

    def _followed(
        self, running: Running, text: str, request: gr.Request, parts: Collection[Block],
        joined: bool,
    ) -> Iterator[Updates]:  # fmt: skip
        """What is being written, shown in these components of this page, too."""
        written = self._written(running, owner_of(request), joined)
        return self._writing.to(
            request.session_hash, text, written, parts, running.stop, running.chat
        )

    def _written(self, running: Running, owner: str, joined: bool) -> Generator[Updates]:
        with closing(running.follow()) as steps:
            for shown in steps:
                if joined and shown.thumbs is None:
                    # The page that asked may show more answers before it than this one did, and a
                    # thumb belongs to a place of what is shown.
                    before = judged(self._assistant.chats(), owner, shown.session)
                    shown = replace(shown, thumbs=thumbs(before))
                joined = False
                yield self._updates(shown)

    def _updates(self, shown: Shown) -> Updates:
        part = self._parts
        updates: Updates = {
            part.chat: shown.messages
            if shown.thumbs is None
            else gr.update(value=shown.messages, feedback_value=shown.thumbs),
            part.session: shown.session,
            part.question: shown.question,
            part.kept.current: str(shown.session.chat or ""),
        }
        return updates if shown.sources is None else updates | {part.sources: shown.sources}

    def stop(self, now: Session, typed: str, interface: Language, request: gr.Request) -> Updates:
        """The conversation as it was before the question, which is back in its box."""
        chat, owner = self._writing.chat(request.session_hash), owner_of(request)

        def replaced(question: str | None) -> Updates:
            if question is None:
                return unchanged(self._parts.question)
            before = given_up(self._assistant, owner, now, chat)
            return self._updates(stopped(before, question, typed, interface))

        return self._writing.stop(request.session_hash, replaced)

    def _leave(self, page: Callable[[], Updates], request: gr.Request) -> Updates:
        """The page of another conversation, in place of what is being written."""
        chat, owner = self._writing.chat(request.session_hash), owner_of(request)

        def replaced(question: str | None) -> Updates:
            if question is not None:
                given_up(self._assistant, owner, Session(chat=chat))
            return page()

        return self._writing.stop(request.session_hash, replaced)

    def open(
        self, place: str, now: Session, interface: Language, request: gr.Request
    ) -> Iterator[Updates]:  # fmt: skip
        """The page with another conversation; what is being written in it is followed."""
        owner = owner_of(request)
        whole = self._leave(lambda: self._chats.opened(owner, place, now, interface), request)
        yield whole
        session = whole[self._parts.session]
        running = self._desk.find(owner, session.chat) if isinstance(session, Session) else None
        if running is not None:
            question = self._assistant.chats().asking(owner, running.chat or 0)
            yield from self._followed(running, question, request, self._parts.talk, joined=True)

    def restore(
        self, place: str, now: Session, interface: Language, request: gr.Request
    ) -> Iterator[Updates]:  # fmt: skip
        """The page when it loads: with the conversation that its address names."""
        # Someone quick has asked before the page finished loading: their answer stays.
        busy = bool(now.answers) or self._writing.busy(request.session_hash)
        if busy or not place:
            listed = self.listed(now, interface, request)
            del listed[self._parts.kept.current]
            yield listed
            return
        yield from self.open(place, now, interface, request)

    def begin(self, interface: Language, request: gr.Request) -> Updates:
        """The page with a new conversation."""
        owner = owner_of(request)
        return self._leave(lambda: self._chats.page(owner, Session(), interface), request)

    def ask_to_delete(self, now: Session, interface: Language) -> Updates:
        return self._chats.asked_to_delete(now, interface)

    def delete(self, now: Session, interface: Language, request: gr.Request) -> Updates:
        owner = owner_of(request)
        return self._leave(lambda: self._chats.deleted(owner, now, interface), request)

    def listed(self, now: Session, interface: Language, request: gr.Request) -> Updates:
        return self._chats.panel(owner_of(request), now, interface)

    def find(self, words: str, now: Session, interface: Language, request: gr.Request) -> str:
        return self._chats.found(owner_of(request), words, now, interface)

    def rename(
        self, title: str, now: Session, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        return self._chats.renamed(owner_of(request), title, now, interface)

    def export(self, now: Session, interface: Language, request: gr.Request) -> Updates:
        return self._chats.exported(owner_of(request), now, interface)

    def judge(
        self, now: Session, interface: Language, like: gr.LikeData, request: gr.Request
    ) -> Updates:  # fmt: skip
        return self._parts.why.judged(
            self._assistant, owner_of(request), now, like.index, like.liked, interface
        )

    def explain(
        self, turn: int | None, reason: str, comment: str, interface: Language,
        request: gr.Request,
    ) -> Updates:  # fmt: skip
        return self._parts.why.explained(
            self._assistant, owner_of(request), turn, reason, comment, interface
        )

    def unfold(self, now: Session, interface: Language, request: gr.Request) -> Updates:
        """The page with some more of the answers before those that it shows."""
        owner = owner_of(request)
        now = judged(self._assistant.chats(), owner, now)
        now = replace(now, unfolded=now.unfolded + RECENT)
        asking = ""
        with suppress(RagError):  # an unanswered question at the end stays there
            if now.chat is not None:
                asking = self._assistant.chats().asking(owner, now.chat)
        shown = gr.update(value=messages(now, interface, asking), feedback_value=thumbs(now))
        return {self._parts.chat: shown, self._parts.session: now}

    def cite(self, place: str, now: Session, interface: Language) -> Updates:
        """The note of a citation beside the sources of its answer."""
        note, sources = cited(self._assistant, place, now, interface)
        waits = page_waits(place, now, interface)
        updates: Updates = {self._parts.note: note, self._parts.page: waits}
        return updates if sources is None else updates | {self._parts.sources: sources}

    def draw_page(self, place: str, now: Session, interface: Language) -> str:
        """The page of a cited PDF."""
        return page_picture(self._assistant, place, now, interface)

    def translate(
        self, read: str, now: Session, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        """What of the page is no label, in another language; a note that is read stays."""
        part = self._parts
        blank = read in {no_note("zh"), no_note("en")}
        return {
            **({part.note: no_note(interface)} if blank else {}),
            part.sources: sources_of(now, -1, interface),
            part.chat: gr.update(placeholder=empty_html(interface)),
            part.aside: aside_html(interface),
            part.kept.head: head_html(interface),
            **self.listed(now, interface, request),
        }

    def refresh(self, names: list[str], request: gr.Request) -> Updates:
        """What of the collections can be searched."""
        offered = collection_choice.offered(self._assistant, names, owner_of(request))
        return {self._parts.collections: offered}


def copied(place: str, now: Session) -> str:
    """The answer of a turn (`TURN_plain` or `TURN_sources`, then anything) as text."""
    turn, _, kind = place.partition("_")
    if not turn.isdecimal() or int(turn) >= len(now.answers):
        return ""
    return answer_text(now.answers[int(turn)], kind.startswith("sources"))
