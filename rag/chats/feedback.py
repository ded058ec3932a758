"""Verdicts on answers → questions that `rag eval answers` can ask again.

A verdict says whether the notes hold an answer only in some cases: a cited answer that was good
(they do, in the cited words), an abstention that was right (they do not), and the two reasons that
say so outright. What is merely "wrong" tells nothing about the notes and makes no question.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from rag.chats.chat_store import Chat, SavedTurn

# Why an answer is bad; the keys are stored, so they never change.
REASONS = ("wrong", "wrong-citation", "beside-the-point", "is-in-notes", "not-in-notes", "other")


def feedback_rows(chats: Iterable[Chat]) -> Iterator[dict[str, Any]]:
    """Every verdict as it is stored, with its question and answer."""
    for chat in chats:
        for turn in chat.turns:
            if turn.feedback is not None:
                yield {
                    "chat": chat.head.id,
                    "turn": turn.id,
                    "verdict": turn.feedback.verdict,
                    "reason": turn.feedback.reason,
                    "at": turn.feedback.at,
                    "question": turn.answer.question,
                    "answer": turn.answer.text,
                    "abstained": turn.answer.abstained,
                    "llm": turn.answer.llm,
                }


def eval_questions(chats: Iterable[Chat]) -> Iterator[dict[str, Any]]:
    """The verdicts that make a question, in the form of `rag/evaluation/answer_set.py`."""
    for chat in chats:
        asked: list[str] = []
        for turn in chat.turns:
            answerable = _answerable(turn)
            if answerable is not None and turn.feedback is not None:
                good = turn.feedback.verdict == "up"
                yield {
                    "id": f"chat-{chat.head.id}-{turn.id}",
                    "question": turn.answer.question,
                    "answerable": answerable,
                    "kind": f"feedback-{turn.feedback.verdict}",
                    "gold": [
                        {"note": item.note, "quote": item.quote} for item in turn.answer.citations
                    ]
                    if good
                    else [],
                    "history": list(asked),
                    "reason": turn.feedback.reason,
                }
            asked.append(turn.answer.question)


def _answerable(turn: SavedTurn) -> bool | None:
    """Whether the notes hold the answer, as far as the verdict tells; None: it does not."""
    if turn.feedback is None:
        return None
    if turn.feedback.verdict == "up":
        if turn.answer.abstained:
            return False if turn.answer.nearest else None  # a greeting answers nothing
        return True if turn.answer.citations else None
    return {"is-in-notes": True, "not-in-notes": False}.get(turn.feedback.reason.split(":")[0])
