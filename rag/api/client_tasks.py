"""Chores that chat front ends give their model beside the user's questions: a title for the
conversation, tags, follow-up questions. They are no questions to the notes and cost nothing here.

Known by their wording: Open WebUI's prompts begin with `### Task:` and hold `<chat_history>`
(backend/open_webui/config.py, `DEFAULT_*_PROMPT_TEMPLATE`); other clients ask for a title.
"""

import json
import re
from collections.abc import Callable, Sequence

from rag.api.openai_wire import Message
from rag.text.language import detect_language

LONGEST_TITLE = 30  # characters
_TASK = re.compile(r"\A\s*#{2,3}\s*Task\s*:", re.IGNORECASE)
_HISTORY = re.compile(r"<chat_history>(.*?)</chat_history>", re.DOTALL | re.IGNORECASE)
_ASKED = re.compile(r"^\s*(?:USER|user|User|用户)\s*[:：]\s*(.+)$", re.MULTILINE)
_TITLE = re.compile(
    r"(?:generate|create|write|provide|come up with|summari[sz]e)\b[^.\n]{0,120}\btitle\b"
    r"[^\n]{0,160}\b(?:chat|conversation|dialogue|discussion)\b|"
    r"\btitle\b[^.\n]{0,60}\b(?:for|of) (?:this|the|our|a) (?:chat|conversation|dialogue)\b|"
    r"(?:生成|总结|起|拟|概括)[^。\n]{0,40}标题",
    re.IGNORECASE,
)
_JSON_TITLE = re.compile(r"\{\s*\"title\"")
_KINDS: dict[
    str, Callable[[bool], object]
] = {  # what the JSON that a task asks for is called → what we give
    "tags": lambda zh: ["学习笔记" if zh else "Study notes"],
    "follow_ups": lambda zh: [],
    "queries": lambda zh: [],
    "text": lambda zh: "",
}


def task_reply(messages: Sequence[Message]) -> str | None:
    """What such a task gets; None for a question of the user."""
    last = messages[-1]
    if last.role != "user":
        return None
    text = last.text(strictly=False)
    steering = "\n".join(
        m.text(strictly=False) for m in messages if m.role in {"system", "developer"}
    )
    held = _HISTORY.search(text)
    if _TASK.match(text) and held:
        for name, value in _KINDS.items():
            if re.search(rf"\{{\s*\\?\"{name}\\?\"", text):
                return json.dumps(
                    {name: value(detect_language(held[1]) == "zh")}, ensure_ascii=False
                )
        if "emoji" in text.lower() and "title" not in text.lower():
            return "📝"
        if "title" in text.lower():
            return _title(held[1], text)
        return None
    if (_TITLE.search(steering) and len(steering) < 2000) or _is_title_wish(text, len(messages)):
        earlier = [m.text(strictly=False) for m in messages[:-1] if m.role == "user"]
        return _title("\n".join(earlier) or text, text)
    return None


def _is_title_wish(text: str, count: int) -> bool:
    """The message orders a title of the conversation: beside an earlier one, or quoting it."""
    return bool(_TITLE.search(text)) and (count > 2 or bool(_ASKED.search(text)))


def _title(conversation: str, prompt: str) -> str:
    asked = _ASKED.search(conversation)
    first = (asked[1] if asked else conversation.strip().split("\n")[0]).strip()
    title = first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1] + "…"
    if _JSON_TITLE.search(prompt):
        return json.dumps({"title": title}, ensure_ascii=False)
    return title
