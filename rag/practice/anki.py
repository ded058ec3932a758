"""The questions of the notes as a file that Anki imports: HTML, its formulas as Anki wants them."""

import csv
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from rag.errors import CorpusError
from rag.notes.topic import Topic
from rag.practice.coach import Coach
from rag.text.language import detect_language

DECK = "Interview notes"
_HEAD = (
    "#separator:Comma\n#html:true\n#notetype:Basic\n#deck:{deck}\n#tags column:3\n"
    "#columns:Front,Back,Tags\n"
)
_SPACE = re.compile(r"\s+")


def anki_cards(coach: Coach) -> list[tuple[str, str, str]]:
    """Front, back and tags of every card: the notes' own questions; of a note without any, one
    on its title with what it says. No card has an empty back."""
    return [card for topic in coach.topics for card in _cards(coach, topic) if card[1]]


def anki_file(cards: list[tuple[str, str, str]], deck: str = DECK) -> str:
    """The text of the file. Every field is quoted: Anki drops a line that begins with #."""
    out = io.StringIO()
    out.write(_HEAD.format(deck=_SPACE.sub(" ", deck)))
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(cards)
    return out.getvalue()


def _cards(coach: Coach, topic: Topic) -> Iterator[tuple[str, str, str]]:
    tags = " ".join(_SPACE.sub("_", tag.strip()) for tag in topic.tags if tag.strip())
    for asked in topic.asked:
        language = detect_language(asked.text)
        points = topic.points_of(asked)
        texts = [
            (point.text_en or point.text) if language == "en" else point.text for point in points
        ]
        headings = [
            (point.section_en or point.section) if language == "en" else point.section
            for point in points
        ]
        if not all(headings):
            cited = coach.points(topic, language, asked)
            headings = [point.hint for point in cited]
            texts = texts or [point.text for point in cited]
        yield card_html(asked.text), _back(topic, texts, headings), tags
    if not topic.asked:
        try:
            exercise = coach.exercise(topic, detect_language(topic.title))
        except CorpusError:  # it says too little
            return
        texts = [point.text for point in exercise.points]
        headings = [point.hint for point in exercise.points]
        yield card_html(exercise.question), _back(topic, texts, headings), tags


def _back(topic: Topic, texts: list[str], headings: list[str]) -> str:
    if not texts:
        return ""
    points = "".join(f"<li>{card_html(text)}</li>" for text in texts)
    names = dict.fromkeys(name for name in (topic.title, *headings) if name)
    source = f"{' › '.join(names)} ({topic.key})"
    return f"<ul>{points}</ul><small>{escape(source, quote=False)}</small>"


def card_html(text: str) -> str:
    """Markdown as the HTML of a card: emphasis and code, formulas in Anki's `\\( … \\)`."""
    rendered: str = _markdown().renderInline(text.strip())
    return rendered.replace("\r", "").replace("\n", "<br>")


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).use(
        dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True
    )

    def formula(opening: str, closing: str, content: str) -> str:
        return f"{opening}{escape(content.strip(), quote=False)}{closing}"

    parser.add_render_rule(
        "math_inline", lambda self, t, i, o, e: formula(r"\(", r"\)", t[i].content)
    )
    parser.add_render_rule(
        "math_inline_double", lambda self, t, i, o, e: formula(r"\[", r"\]", t[i].content)
    )
    parser.add_render_rule("image", lambda self, t, i, o, e: escape(t[i].content, quote=False))
    return parser
