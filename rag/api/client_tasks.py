"""Chores that chat front ends give their model beside the user's questions: a title for the
conversation, tags, follow-up questions. They are no questions to the notes and cost nothing here.

Known by their form: Open WebUI's prompts begin with `### Task:` and say the JSON they want
(backend/open_webui/config.py, `DEFAULT_*_PROMPT_TEMPLATE`); other clients order a title of *this*
conversation. A question about titles is none.
"""

import json
import re
from collections.abc import Callable, Sequence

from rag.api.openai_wire import Message
from rag.text.language import detect_language

LONGEST_TITLE = 30  # characters
_TASK = re.compile(r"\A\s*#{2,3}\s*(?:Task|任务)\s*[:：]", re.IGNORECASE)
# Those of Open WebUI without `### Task`.
_EMOJI = re.compile(
    r"\AYour task is to reflect the speaker's likely facial expression", re.IGNORECASE
)
_TOOLS = re.compile(r"\AAvailable Tools:.*\btool_calls\b", re.IGNORECASE | re.DOTALL)
_PAST = re.compile(
    r"^#{2,3}\s*(?:Chat History|Prompt|聊天记录)\s*[:：]\s*(.*)", re.IGNORECASE | re.M | re.S
)
_HISTORY = re.compile(r"<chat_history>(.*?)</chat_history>", re.DOTALL | re.IGNORECASE)
_ASKED = re.compile(r"^\s*(?:USER|user|User|用户)\s*[:：]\s*(.+)$", re.MULTILINE)
_TALK = (
    r"(?:this|the|our|the above|the following|the users?'?s?)\s+(?:(?:above|following|chat)\s+)?"
    r"(?:chat|conversation|dialogue|discussion|thread|exchange)\b(?!\s+(?:model|template|system))"
)
_WORD = r"(?:(?!(?:of|how|why|what|that|which|about)\b)[\w-]+,?\s+)"
_BEGINS = (
    r"(?:\A|[.!:;,\n]|\bplease\b|\b(?:must|should|to|then|and)\b)\s*(?:[-*\d.]+\s+)?(?:please\s+)?"
)
_TITLE_EN = re.compile(
    rf"{_BEGINS}(?:generate|create|write|provide|give|suggest|come up with|return|make|produce)\s+"
    rf"{_WORD}{{0,7}}(?:sub)?title\b[^?\n]{{0,160}}\b{_TALK}"
    rf"|{_BEGINS}(?:summari[sz]e|turn|condense)\s+{_TALK}[^?\n]{{0,80}}\btitle\b"
    rf"|{_BEGINS}(?:give|name|title)\s+{_TALK}(?:\s*(?:$|[.!\n])|\s+(?:an?\s+)?{_WORD}{{0,4}}(?:title|name)\b)",
    re.IGNORECASE,
)
_TALK_ZH = (
    r"(?:以上|上面|上述|前面|本次|这次|这段|这个|该|当前|我们的?|用户的?|下面|以下)(?:的)?"
    r"(?:对话|聊天|会话|谈话|讨论)(?:内容|记录|历史)?"
)
_TITLE_ZH = re.compile(
    rf"(?:给|为|替|将|把|根据|基于|总结|概括|归纳|阅读){_TALK_ZH}[^。？?\n]{{0,40}}(?:标题|题目)"
    rf"|(?:生成|起|拟|取|写|想)(?:出)?(?:一?个)?[^。？?\n]{{0,16}}(?:标题|题目)[^。？?\n]{{0,20}}{_TALK_ZH}"
    rf"|(?:返回|概括|总结)(?:出)?(?:这句话|{_TALK_ZH})的?(?:简要)?(?:主题|标题)"
)
_ASKS = re.compile(
    r"[?？]\s*\Z|如何|怎么|怎样|为什么|是什么|\A\s*(?:how|what|why|when|which|who|does|do|is|are)\b",
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
    "prompt": lambda zh: "",  # of a picture that nobody here draws
    "tool_calls": lambda zh: [],
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
    if _TASK.match(text):
        return _of_open_webui(text)
    if _EMOJI.match(text):
        return "📝"
    if _TOOLS.match(steering) or _TOOLS.match(text):
        return json.dumps({"tool_calls": []})
    if (_orders_title(steering) and len(steering) < 2000) or _is_title_wish(text, len(messages)):
        earlier = [m.text(strictly=False) for m in messages[:-1] if m.role == "user"]
        return _title("\n".join(earlier) or text, text)
    return None


def _of_open_webui(text: str) -> str | None:
    held = _HISTORY.search(text) or _PAST.search(text)
    past = held[1] if held else ""
    for name, value in _KINDS.items():
        if re.search(rf"\{{\s*\\?\"{name}\\?\"", text):
            told = {name: value(detect_language(past or text) == "zh")}
            return json.dumps(told, ensure_ascii=False)
    if _JSON_TITLE.search(text):
        return _title(past, text)
    if held is None:
        return None
    if "emoji" in text.lower() and "title" not in text.lower():
        return "📝"
    return _title(past, text) if "title" in text.lower() or "标题" in text else None


def _orders_title(text: str) -> bool:
    return bool(_TITLE_EN.search(text) or _TITLE_ZH.search(text))


def _is_title_wish(text: str, count: int) -> bool:
    """The message orders a title of the conversation: beside an earlier one, or quoting it."""
    if _ASKS.search(text.strip()) and not _ASKED.search(text):
        return False
    return _orders_title(text) and (count > 2 or bool(_ASKED.search(text)))


def _title(conversation: str, prompt: str) -> str:
    asked = _ASKED.search(conversation)
    first = (asked[1] if asked else conversation.strip().split("\n")[0]).strip()
    title = first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1] + "…"
    if _JSON_TITLE.search(prompt):
        return json.dumps({"title": title}, ensure_ascii=False)
    return title
