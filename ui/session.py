"""One visitor's conversation as it stands on the page; all that is shown follows from it."""

from dataclasses import dataclass
from datetime import datetime

import gradio as gr

from rag.answer.answer import Answer
from rag.chats.chat_store import Chat, ChatHead, Verdict
from rag.errors import RagError
from rag.permissions import asker
from rag.practice.history import check_profile
from ui.answer_html import answer_html, citations_html, escape, quiet, unanswered_html
from ui.wording import Language, word


@dataclass(frozen=True)
class Session:
    """Answers in the order they were asked for, and where they are kept.

    Attributes:
        chat: number of the kept conversation; None: nothing is kept yet.
        title: of the kept conversation.
        turns: numbers of the kept answers; fewer than answers where keeping failed.
        verdicts: what the reader thought of each kept answer when it was opened.
    """

    answers: tuple[Answer, ...] = ()
    chat: int | None = None
    title: str = ""
    turns: tuple[int, ...] = ()
    verdicts: tuple[Verdict | None, ...] = ()


def session_of(chat: Chat) -> Session:
    """A kept conversation, opened."""
    return Session(
        tuple(turn.answer for turn in chat.turns),
        chat.head.id,
        chat.head.title,
        tuple(turn.id for turn in chat.turns),
        tuple(turn.feedback.verdict if turn.feedback else None for turn in chat.turns),
    )


def owner_of(request: gr.Request | None) -> str:
    """The login's name where there is a login, so that nobody sees another's conversations."""
    return str(getattr(request, "username", None) or "")


def profile_of(named: str, request: gr.Request | None) -> str:
    """Whose practice it is: the login's where there is one, so that nobody reads another's.

    Raises:
        UsageError: no login, and no name in the box.
    """
    return check_profile(owner_of(request) or named)


def asker_of(request: gr.Request | None) -> str:
    """`access.asker` of a visitor: a login, else a page that is open."""
    return asker(owner_of(request), f"page {getattr(request, 'session_hash', None) or ''}")


def messages(now: Session, language: Language, asking: str = "") -> list[dict[str, str]]:
    """The conversation for a `gr.Chatbot`: a question and its answer for each turn.

    Args:
        asking: a question at its end that was not answered.
    """
    shown = []
    for turn, answer in enumerate(now.answers):
        shown.append({"role": "user", "content": escape(answer.question.strip())})
        content = answer_html(answer, turn, language)
        shown.append({"role": "assistant", "content": content})
    if asking:
        shown.append({"role": "user", "content": escape(asking)})
        broken = unanswered_html(asking, language)
        shown.append({"role": "assistant", "content": broken})
    return shown


def thumbs(now: Session) -> list[str | None]:
    """The verdicts as `gr.Chatbot` names them, one for each answer."""
    names: dict[Verdict | None, str | None] = {"up": "Like", "down": "Dislike"}
    known = [names.get(verdict) for verdict in now.verdicts]
    return known + [None] * (len(now.answers) - len(known))


def turn_at(now: Session, message: object) -> int | None:
    """Number of the kept answer that a message of the chatbot shows; None: it shows none."""
    if not isinstance(message, int) or message % 2 == 0 or message // 2 >= len(now.turns):
        return None
    return now.turns[message // 2]


def sources_of(now: Session, turn: int, language: Language) -> str:
    """The quotes of one answer (negative: from the last), under its question."""
    if not now.answers:
        return quiet(word("no_sources", language))
    answer = now.answers[turn]
    turn = turn % len(now.answers)
    head = quiet(escape(answer.question.strip()), also="asked")
    if not answer.citations:
        return head + quiet(word("cites_nothing", language))
    return head + citations_html(answer, turn, language)


def error_html(error: RagError) -> str:
    """A failure's sentence, safe to show."""
    return f"<div class='error'>{escape(str(error))}</div>"


def list_html(
    heads: list[ChatHead], current: int | None, language: Language, searched: bool = False
) -> str:
    """The conversations as buttons, the open one marked."""
    if not heads:
        key = "no_chat_found" if searched else "no_chats"
        return quiet(word(key, language))
    items = "".join(_listed(head, head.id == current, language) for head in heads)
    return f"<div class='chat-list'>{items}</div>"


def _listed(head: ChatHead, is_open: bool, language: Language) -> str:
    when = f"{datetime.fromisoformat(head.updated).astimezone():%m-%d %H:%M}"
    about = quiet(f"{when} · {word('chat_turns', language, n=head.turns)}", "span")
    return (
        f"<button type='button' class='chat-item{' current' if is_open else ''}' "
        f"data-chat='{head.id}'><span class='chat-title'>{escape(head.title)}</span>"
        f"{about}</button>"
    )
