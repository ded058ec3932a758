"""A conversation as a Markdown file: answers with footnotes that name note, heading and quote.

Questions, answers and quotes are foreign text: what Markdown or HTML could act on is escaped, so
that they read as they were written and nothing in them is ever live. Formulas stay formulas,
unless they hold anything that does more than typeset.
"""

import re

from rag.answer.answer import translation_mark
from rag.chats.chat_store import Chat, SavedTurn
from rag.grounding.citation import Citation

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_INLINE = re.compile(r"[\\`*_\[\]{}#|~$^!@%]|=(?==)|:(?=//)|(?<=www)\.", re.IGNORECASE)
_BLOCK = re.compile(r"^(?:[-+=:]|\d{1,9}(?=[.)]))")
_FORMULA = re.compile(r"\$\$[^$`]{1,400}\$\$|(?<![\\$\w])\$(?! )[^$`]{1,200}(?<![ \\])\$(?![\w$])")
_LIVE = re.compile(
    r"\\(?:href|url|html|class|css|style|data|require|include|input|def|[gex]def|let|new|renew|"
    r"providecommand|unicode|bbox|mml|action|tip|text|toggle|catcode|char|cc?|mbox|hbox)|"
    r"\]\(|\[\^|!\[|://|@|javascript",
    re.IGNORECASE,
)


def chat_markdown(chat: Chat) -> str:
    """The whole conversation; footnotes are numbered through."""
    lines = [f"# {escape_markdown(chat.head.title)}", ""]
    lines += [f"{_when(chat.head.created)} – {_when(chat.head.updated)} (UTC)", ""]
    notes: list[str] = []
    for turn in chat.turns:
        lines += [f"## {escape_markdown(turn.answer.question)}", "", *_answer(turn, notes), ""]
    if notes:
        lines += ["---", "", *notes]
    return "\n".join(lines).rstrip() + "\n"


def file_name(chat: Chat) -> str:
    """A name for the file: words of the title alone, safe in every file system."""
    words = "-".join(re.findall(r"\w+", chat.head.title))[:60].strip("-_")
    return f"{words or f'chat-{chat.head.id}'}.md"


def escape_markdown(text: str) -> str:
    """One line of Markdown that shows exactly `text` (whitespace and unprintables collapsed)."""
    return _guarded(_escaped(_one_line(text)))


def with_formulas(text: str) -> str:
    """As `escape_markdown`, but `$…$` that only typesets stays live."""
    text = _one_line(text)
    out, done = [], 0
    for match in _FORMULA.finditer(text):
        if _LIVE.search(match.group()):
            continue
        formula = match.group().replace("<", r"\lt ").replace(">", r"\gt ")
        out += [_escaped(text[done : match.start()]), formula]
        done = match.end()
    return _guarded("".join(out) + _escaped(text[done:]))


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _escaped(text: str) -> str:
    text = _INLINE.sub(lambda match: f"\\{match.group()}", text)
    return "".join(_ENTITIES.get(char, char) for char in text)


def _guarded(line: str) -> str:
    """A line that cannot begin a list, a rule or an underlined heading."""
    return _BLOCK.sub(_guard, line)


def _guard(match: re.Match[str]) -> str:
    start = match.group()
    return f"&#{ord(start[0])};{start[1:]}" if start[0].isdigit() else f"\\{start}"


def _answer(turn: SavedTurn, notes: list[str]) -> list[str]:
    """The answer's lines; its footnotes are added to `notes`."""
    answer = turn.answer
    number = {item.n: len(notes) + place for place, item in enumerate(answer.citations, 1)}
    notes += [_footnote(number[item.n], item) for item in answer.citations]
    parts = [
        with_formulas(sentence.text)
        + translation_mark(sentence, answer.language)
        + "".join(f"[^{number[n]}]" for n in sentence.citations if n in number)
        for sentence in answer.sentences
    ]
    lines = [(" " if answer.language == "en" else "").join(parts)]
    if answer.nearest:
        label = "最接近的笔记：" if answer.language == "zh" else "Nearest notes:"
        lines += ["", label, ""]
        lines += [f"- {escape_markdown(f'{item.title} ({item.note})')}" for item in answer.nearest]
    return lines


def _footnote(number: int, item: Citation) -> str:
    place = item.heading_path
    page = f", p. {item.page}" if item.page is not None else ""
    return (
        f"[^{number}]: {escape_markdown(item.note)}{page} · {escape_markdown(place)}: "
        f"“{with_formulas(item.quote)}”"
    )


def _when(iso: str) -> str:
    return iso[:16].replace("T", " ")
