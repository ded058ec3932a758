"""One visitor's conversation as it stands on the page; all that is shown follows from it."""

from dataclasses import dataclass, replace
from datetime import datetime

import gradio as gr

from rag.answer.answer import Answer
from rag.chats.chat_store import Chat, ChatHead, Chats, Verdict
from rag.errors import RagError
from rag.permissions import asker
from rag.practice.history import check_profile
from ui.answer_html import answer_html, citations_html, escape, quiet, unanswered_html
from ui.wording import Language, word

RECENT = 20  # answers that the page always shows
STEP = 10


@dataclass(frozen=True)
class Session:
    """Answers in the order they were asked for, and where they are kept.

    Attributes:
        chat: number of the kept conversation; None: nothing is kept yet.
        title: of the kept conversation.
        turns: numbers of the kept answers; fewer than answers where keeping failed.
        verdicts: what the reader thought of each kept answer when it was opened.
        unfolded: how many answers before the recent ones are shown, too.
    """

    answers: tuple[Answer, ...] = ()
    chat: int | None = None
    title: str = ""
    turns: tuple[int, ...] = ()
    verdicts: tuple[Verdict | None, ...] = ()
    unfolded: int = 0


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


def first_shown(now: Session) -> int:
    """The first answer that the page shows: a browser that is given hundreds stands still.

    It moves in steps, so that with each question the number of those shown changes, too.
    """
    hidden = max(0, len(now.answers) - RECENT) // STEP * STEP
    return max(0, hidden - now.unfolded)


def messages(now: Session, language: Language, asking: str = "") -> list[dict[str, str]]:
    """The conversation for a `gr.Chatbot`: a question and its answer for each turn shown.

    Args:
        asking: a question at its end that was not answered.
    """
    shown = []
    first = first_shown(now)
    for turn, answer in enumerate(now.answers[first:], first):
        question = escape(answer.question.strip())
        if turn == first > 0:
            question = _earlier(first, language) + question
        shown.append({"role": "user", "content": question})
        content = answer_html(answer, turn, language)
        shown.append({"role": "assistant", "content": content})
    if asking:
        shown.append({"role": "user", "content": escape(asking)})
        broken = unanswered_html(asking, language)
        shown.append({"role": "assistant", "content": broken})
    return shown


def _earlier(hidden: int, language: Language) -> str:
    label = word("earlier_turns", language, n=hidden)
    return f"<div class='earlier-line'><button class='chip earlier'>{label}</button></div>\n\n"


def thumbs(now: Session) -> list[str | None]:
    """The verdicts as `gr.Chatbot` names them, one for each answer shown."""
    names: dict[Verdict | None, str | None] = {"up": "Like", "down": "Dislike"}
    known = [names.get(verdict) for verdict in now.verdicts]
    return (known + [None] * (len(now.answers) - len(known)))[first_shown(now) :]


def judged(chats: Chats, owner: str, now: Session) -> Session:
    """The session with what its reader thinks of the answers by now, on this page or another."""
    if now.chat is None:
        return now
    try:
        turns = chats.load(owner, now.chat).turns
    except RagError:  # what was known when it was opened is shown on
        return now
    known = {turn.id: turn.feedback.verdict for turn in turns if turn.feedback}
    return replace(now, verdicts=tuple(known.get(turn) for turn in now.turns))


def turn_at(now: Session, message: object) -> int | None:
    """Number of the kept answer that a message of the chatbot shows; None: it shows none."""
    if not isinstance(message, int) or message % 2 == 0:
        return None
    turn = first_shown(now) + message // 2
    return now.turns[turn] if turn < len(now.turns) else None


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
