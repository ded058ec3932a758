"""What the Ask page does: asks, stops, opens, leaves; each gives the updates that it shows."""

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from ui.answer_blocks import answer_text
from ui.answer_stream import Writing, answer_stream, begun, given_up, stopped
from ui.running import Desk, Running
from ui.session import Session, asker_of, owner_of
from ui.tabs import ask_chats as chats
from ui.tabs import ask_feedback as verdicts
from ui.wording import Language

Updates = tuple[Any, ...]
_PANEL = 5  # components of `ask_chats.ChatsPanel.shown`, which the stream leaves as they are


class AskActions:
    """The handlers over one assistant; what is being written belongs to all its pages."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._writing = Writing()
        self._desk = Desk()

    def ask(
        self, text: str, now: Session, spec: str, passages: float, names: list[str],
        interface: Language, request: gr.Request,
    ) -> Iterator[Updates]:  # fmt: skip
        """Chat, sources, session, question box and address, until the answer is kept."""
        owner = owner_of(request)
        running = self._desk.find(owner, now.chat)
        if running is None:  # else another page asks in the same conversation: theirs goes on
            now = begun(self._assistant, owner, now, text)
            updates = answer_stream(
                self._assistant, text, now, spec, int(passages), interface, owner, names,
                asker_of(request),
            )  # fmt: skip
            running = self._desk.start(owner, now.chat, updates)
        yield from self._followed(running, text, request)

    def _followed(self, running: Running, text: str, request: gr.Request) -> Iterator[Updates]:
        """What is being written, shown on this page, too."""
        shown = self._writing.to(
            request.session_hash, text, running.follow(), running.stop, running.chat
        )
        for update in shown:
            session = update[2]
            number = session.chat if isinstance(session, Session) else None
            yield (*update, str(number or "")) if len(update) == 4 else update

    def stop(
        self, now: Session, typed: str, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        """The conversation as it was before the question, which is back in its box."""
        chat, owner = self._writing.chat(request.session_hash), owner_of(request)

        def replaced(question: str | None) -> Updates:
            before = now if question is None else given_up(self._assistant, owner, now, chat)
            address = gr.skip() if question is None else str(before.chat or "")
            return (*stopped(before, question, typed, interface), address)

        return self._writing.stop(request.session_hash, replaced)

    def _leave(self, page: Callable[[], Updates], request: gr.Request) -> Updates:
        """The page of another conversation, in place of what is being written."""
        chat, owner = self._writing.chat(request.session_hash), owner_of(request)

        def replaced(question: str | None) -> Updates:
            if question is not None:
                given_up(self._assistant, owner, Session(chat=chat))
            return page()

        return self._writing.stop(
            request.session_hash, replaced,
            lambda whole: (whole[0], whole[1], whole[3], gr.skip(), whole[-1]),
        )  # fmt: skip

    def open(
        self, place: str, now: Session, interface: Language, request: gr.Request
    ) -> Iterator[Updates]:  # fmt: skip
        """The page with another conversation; what is being written in it is followed."""
        owner = owner_of(request)
        whole = self._leave(
            lambda: chats.opened(self._assistant, owner, place, now, interface), request
        )
        yield whole
        session = whole[3]
        running = self._desk.find(owner, session.chat) if isinstance(session, Session) else None
        if running is not None:
            question = self._assistant.chats().asking(owner, running.chat or 0)
            quiet = tuple(gr.skip() for _ in range(_PANEL))
            for update in self._followed(running, question, request):
                yield update[0], update[1], gr.skip(), update[2], *quiet

    def restore(
        self, place: str, now: Session, interface: Language, request: gr.Request
    ) -> Iterator[Updates]:  # fmt: skip
        """The page when it loads: with the conversation that its address names."""
        # Someone quick has asked before the page finished loading: their answer stays.
        busy = bool(now.answers) or self._writing.busy(request.session_hash)
        if busy or not place:
            listed = self.listed(now, interface, request)
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip(), *listed[:-1], gr.skip()
            return
        yield from self.open(place, now, interface, request)

    def begin(self, interface: Language, request: gr.Request) -> Updates:
        """The page with a new conversation."""
        owner = owner_of(request)
        return self._leave(
            lambda: chats.page(self._assistant, owner, Session(), interface), request
        )

    def delete(self, now: Session, interface: Language, request: gr.Request) -> Updates:
        owner = owner_of(request)
        return self._leave(lambda: chats.deleted(self._assistant, owner, now, interface), request)

    def listed(self, now: Session, interface: Language, request: gr.Request) -> Updates:
        return chats.panel(self._assistant, owner_of(request), now, interface)

    def find(self, words: str, now: Session, interface: Language, request: gr.Request) -> str:
        return chats.found(self._assistant, owner_of(request), words, now, interface)

    def rename(
        self, title: str, now: Session, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        return chats.renamed(self._assistant, owner_of(request), title, now, interface)

    def export(self, now: Session, interface: Language, request: gr.Request) -> Updates:
        return chats.exported(self._assistant, owner_of(request), now, interface)

    def judge(
        self, now: Session, interface: Language, like: gr.LikeData, request: gr.Request
    ) -> Updates:  # fmt: skip
        owner = owner_of(request)
        return verdicts.judged(self._assistant, owner, now, like.index, like.liked, interface)

    def explain(
        self, turn: int | None, reason: str, comment: str, interface: Language,
        request: gr.Request,
    ) -> Updates:  # fmt: skip
        owner = owner_of(request)
        return verdicts.explained(self._assistant, owner, turn, reason, comment, interface)


def copied(place: str, now: Session) -> str:
    """The answer of a turn (`TURN_plain` or `TURN_sources`, then anything) as text."""
    turn, _, kind = place.partition("_")
    if not turn.isdecimal() or int(turn) >= len(now.answers):
        return ""
    return answer_text(now.answers[int(turn)], kind.startswith("sources"))
