"""What may be asked, and what only greets."""

import re

from rag.errors import UsageError

MAX_QUESTION = 2000

_GREETING = re.compile(
    r"^\s*(?:你好|您好|嗨|哈喽|早上好|晚上好|谢谢|多谢|再见|在吗|hi|hello|hey|thanks|thank you|bye)"
    r"[\s!\uff01。.~,\uff0c?\uff1f]*$",
    re.IGNORECASE,
)


def check_question(question: str) -> str:
    """The question, trimmed.

    Raises:
        UsageError: it is empty, too long, or only punctuation.
    """
    question = question.strip()
    if not question:
        raise UsageError("The question is empty; type one. 问题为空，请输入问题。")
    if len(question) > MAX_QUESTION:
        raise UsageError(
            f"The question has {len(question)} characters; shorten it to {MAX_QUESTION}. "
            "问题太长，请缩短。"
        )
    if not any(char.isalnum() for char in question):
        raise UsageError("The question holds no word; type one. 问题里没有文字，请重新输入。")
    return question


def is_greeting(question: str) -> bool:
    """A greeting, thanks or goodbye and nothing else."""
    return _GREETING.match(question) is not None
