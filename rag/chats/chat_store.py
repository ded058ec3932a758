"""Every conversation of every user, its answers whole, and what was thought of them, in SQLite.

Each call names the owner, and only what is the owner's is read or changed: with a login that is
its name; where there is none (a loopback server, the command line) it is "", one person.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rag.answer.answer import Answer
from rag.chats.chat_tables import MIGRATIONS, matching
from rag.chats.saved_answer import answer_from_json, answer_to_json
from rag.errors import RagError, UsageError
from rag.storage.database import Database

LONGEST_TITLE = 80
LONGEST_REASON = 500
Verdict = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the reader thought of an answer. `at` is ISO 8601 in UTC."""

    verdict: Verdict
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class SavedTurn:
    """One question and its verified answer. `at` is ISO 8601 in UTC."""

    id: int
    answer: Answer
    at: str
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class ChatHead:
    """A conversation in a list. Times are ISO 8601 in UTC; `turns` counts its questions."""

    id: int
    title: str
    created: str
    updated: str
    turns: int


@dataclass(frozen=True, slots=True)
class Chat:
    """A whole conversation, oldest turn first."""

    head: ChatHead
    turns: tuple[SavedTurn, ...]


class Chats:
    """The conversations of one installation. Safe to share between threads.

    Every method raises `RagError` where the database cannot be used, and `UsageError` where the
    owner has no conversation of the given id.
    """

    def __init__(self, path: Path, busy_s: float = 5.0) -> None:
        self.path = path
        self._database = Database(path, "chat history", MIGRATIONS, busy_s)

    def begin(
        self, owner: str, chat: int | None, question: str, when: datetime | None = None
    ) -> int:
        """Keep a question before its answer is there, in a conversation or (`chat` None) in one
        that it begins and names. Returns the conversation's id; `add` replaces what is kept.
        """
        at = _iso(when)
        with self._database.open() as database:
            chat = _opened(database, owner, chat, question, at)
            database.execute("INSERT OR REPLACE INTO asking VALUES (?, ?, ?)", (chat, question, at))
        return chat

    def asking(self, owner: str, chat: int) -> str:
        """The question of a conversation whose answer never came; "" for none."""
        with self._database.open() as database:
            row = database.execute(
                "SELECT question FROM asking JOIN chats ON chats.id = chat "
                "WHERE chat = ? AND owner = ?",
                (chat, owner),
            ).fetchone()
        return str(row[0]) if row else ""

    def give_up(self, owner: str, chat: int) -> bool:
        """Forget the question that is being answered; a conversation that it began goes with it.

        Returns whether the conversation is still there.
        """
        with self._database.open() as database:
            database.execute(
                "DELETE FROM asking WHERE chat IN (SELECT id FROM chats WHERE id = ? "
                "AND owner = ?)",
                (chat, owner),
            )
            database.execute(
                "DELETE FROM chats WHERE id = ? AND owner = ? AND NOT EXISTS "
                "(SELECT 1 FROM turns WHERE chat = chats.id)",
                (chat, owner),
            )
            found = database.execute(
                "SELECT 1 FROM chats WHERE id = ? AND owner = ?", (chat, owner)
            ).fetchone()
        return found is not None

    def add(
        self, owner: str, chat: int | None, answers: Sequence[Answer], when: datetime | None = None
    ) -> tuple[int, list[int]]:
        """Append answers to a conversation, or begin one (`chat` None) that the first question
        names. Returns its id and the ids of the new turns; all are stored or none.
        """
        at = _iso(when)
        with self._database.open() as database:
            chat = _opened(database, owner, chat, answers[0].question, at)
            database.execute("DELETE FROM asking WHERE chat = ?", (chat,))
            turns = []
            for answer in answers:
                row = json.dumps(answer_to_json(answer), ensure_ascii=False)
                cursor = database.execute(
                    "INSERT INTO turns (chat, question, answer, at) VALUES (?, ?, ?, ?)",
                    (chat, answer.question, row, at),
                )
                turns.append(int(cursor.lastrowid or 0))
        return chat, turns

    def heads(self, owner: str) -> list[ChatHead]:
        """The owner's conversations, the last used first."""
        with self._database.open() as database:
            rows = database.execute(_HEADS + "ORDER BY updated DESC, id DESC", (owner,)).fetchall()
        return [ChatHead(*row) for row in rows]

    def find(self, owner: str, words: str) -> list[ChatHead]:
        """The owner's conversations in whose title, questions or answers every word stands."""
        clause, like = matching(words)
        with self._database.open() as database:
            rows = database.execute(
                f"{_HEADS}{clause}ORDER BY updated DESC, id DESC", (owner, *like)
            ).fetchall()
        return [ChatHead(*row) for row in rows]

    def load(self, owner: str, chat: int) -> Chat:
        """A whole conversation.

        Raises:
            RagError: a stored answer is damaged.
        """
        with self._database.open() as database:
            head = database.execute(_HEADS + "AND id = ?", (owner, chat)).fetchone()
            rows = database.execute(
                "SELECT turns.id, answer, turns.at, verdict, reason, feedback.at FROM turns "
                "LEFT JOIN feedback ON turn = turns.id WHERE chat = ? ORDER BY turns.id",
                (chat,),
            ).fetchall()
        _require(head is not None, chat)
        return Chat(ChatHead(*head), tuple(_turn(chat, *row) for row in rows))

    def rename(self, owner: str, chat: int, title: str) -> str:
        """Give a conversation another title (shortened, whitespace collapsed); returns it.

        Raises:
            UsageError: the title is empty.
        """
        title = short_title(title)
        if not title:
            raise UsageError("The title is empty; type one. 标题为空，请输入标题。")
        with self._database.open() as database:
            changed = database.execute(
                "UPDATE chats SET title = ? WHERE id = ? AND owner = ?", (title, chat, owner)
            )
            _require(changed.rowcount, chat)
        return title

    def delete(self, owner: str, chat: int) -> None:
        """Delete a conversation with its answers and their feedback."""
        with self._database.open() as database:
            gone = database.execute(
                "DELETE FROM chats WHERE id = ? AND owner = ?", (chat, owner)
            )  # fmt: skip
            _require(gone.rowcount, chat)

    def judge(
        self,
        owner: str,
        turn: int,
        verdict: Verdict | None,
        reason: str = "",
        when: datetime | None = None,
    ) -> None:
        """Store what the owner thinks of an answer, in place of what they thought before.

        Args:
            verdict: None takes an earlier verdict back.
            reason: free words, or a key of `rag.chats.feedback.REASONS`, or both with ": " between.
        """
        with self._database.open() as database:
            found = database.execute(
                "SELECT 1 FROM turns JOIN chats ON chats.id = chat "
                "WHERE turns.id = ? AND owner = ?",
                (turn, owner),
            ).fetchone()
            if found is None:
                raise UsageError(
                    "There is no such answer; it may have been deleted. 回答已不存在。"
                )
            if verdict is None:
                database.execute("DELETE FROM feedback WHERE turn = ?", (turn,))
            else:
                database.execute(
                    "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?)",
                    (turn, verdict, " ".join(reason.split())[:LONGEST_REASON], _iso(when)),
                )

    def judged(self, owner: str) -> list[Chat]:
        """The owner's conversations that hold a verdict."""
        with self._database.open() as database:
            rows = database.execute(
                "SELECT DISTINCT chats.id FROM chats JOIN turns ON chat = chats.id "
                "JOIN feedback ON turn = turns.id WHERE owner = ? ORDER BY chats.id",
                (owner,),
            ).fetchall()
        return [self.load(owner, row[0]) for row in rows]


_HEADS = (
    "SELECT id, title, created, updated, (SELECT count(*) FROM turns WHERE chat = chats.id) "
    "FROM chats WHERE owner = ? "
)


def short_title(text: str) -> str:
    """One line of at most `LONGEST_TITLE` characters, nothing unprintable in it."""
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1].rstrip()}…"


def _opened(
    database: sqlite3.Connection, owner: str, chat: int | None, question: str, at: str
) -> int:
    """The conversation to write to: the one of that id, or a new one that the question names."""
    if chat is None:
        cursor = database.execute(
            "INSERT INTO chats (owner, title, created, updated) VALUES (?, ?, ?, ?)",
            (owner, short_title(question), at, at),
        )
        return int(cursor.lastrowid or 0)
    changed = database.execute(
        "UPDATE chats SET updated = ? WHERE id = ? AND owner = ?", (at, chat, owner)
    )
    _require(changed.rowcount, chat)
    return chat


def _require(found: int, chat: int) -> None:
    if not found:
        raise UsageError(
            f"There is no conversation {chat}; it may have been deleted. 对话 {chat} 不存在。"
        )


def _turn(
    chat: int,
    turn: int,
    answer: str,
    at: str,
    verdict: Verdict | None,
    reason: str,
    judged_at: str,
) -> SavedTurn:
    try:
        restored = answer_from_json(json.loads(answer))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RagError(
            f"An answer of conversation {chat} is damaged and cannot be shown; delete the "
            "conversation. 对话已损坏，请删除。"
        ) from error
    feedback = Feedback(verdict, reason, judged_at) if verdict else None
    return SavedTurn(turn, restored, at, feedback)


def _iso(when: datetime | None) -> str:
    return (when or datetime.now(UTC)).astimezone(UTC).isoformat()
