"""The questions of the notes as a file that Anki imports: HTML, its formulas as Anki wants them."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from html import escape

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from rag.errors import CorpusError
from rag.notes.topic import Topic
from rag.practice.cards.gaps import with_gap
from rag.practice.coach import Coach
from rag.practice.own.drafted_topic import with_draft
from rag.text.language import detect_language

DECK = "Interview notes"
_HEAD = (
    "#separator:Comma\n#html:true\n#notetype:Basic\n#deck:{deck}\n#tags column:3\n"
    "#columns:Front,Back,Tags\n"
)
_LINK = re.compile(r"</?a\b[^>]*>")
_SPACE = re.compile(r"\s+")
_FENCE = re.compile(r"^\s*(?:```|~~~)", re.M)


@dataclass(frozen=True, slots=True)
class AnkiCard:
    """One card; front, back and source are HTML.

    Attributes:
        tags: with spaces between them; none holds one.
        source: the note and the section, with a link to the file where one is known.
        guid: the same at every export, also after the note was renamed or its points edited.
    """

    front: str
    back: str
    tags: str
    source: str
    guid: str


def anki_cards(
    coach: Coach, link: Callable[[Topic], str] = lambda topic: "", recall: bool = False
) -> list[AnkiCard]:
    """The cards: the notes' own questions; of a note without any, those drafted from what it says.
    No card has an empty back, and no two ask the same: those would be one to Anki's CSV import.

    Args:
        link: address of a topic's note; "" for none.
        recall: a quick card for each key point, too.
    """
    found: dict[str, AnkiCard] = {}
    for topic in (with_draft(topic, coach.index) for topic in coach.topics):
        asked = [*_asked(coach, topic), *(_recalled(topic) if recall else ())]
        for question, texts, headings in asked:
            if not texts:
                continue
            guid = _guid(topic.origin, topic.id or topic.title, question)
            if guid in found:  # two notes of one title ask the same
                guid = _guid(topic.origin, topic.note, question)
            names = dict.fromkeys(name for name in (topic.title, *headings) if name)
            points = "".join(f"<li>{card_html(text)}</li>" for text in texts)
            found[guid] = AnkiCard(
                card_html(question),
                f"<ul>{points}</ul>",
                " ".join(_SPACE.sub("_", tag.strip()) for tag in topic.tags if tag.strip()),
                _source(f"{' › '.join(names)} ({topic.key})", link(topic)),
                guid,
            )
    return _told_apart(list(found.values()))


def anki_file(cards: Sequence[tuple[str, str, str]], deck: str = DECK) -> str:
    """The text of a CSV: front, back, tags. Every field is quoted: Anki drops a line that begins
    with #."""
    out = io.StringIO()
    out.write(_HEAD.format(deck=_SPACE.sub(" ", deck)))
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(cards)
    return out.getvalue()


def _asked(coach: Coach, topic: Topic) -> Iterator[tuple[str, list[str], list[str]]]:
    """Every question of a topic, what to say to it, and under which headings that stands."""
    for asked in topic.asked:
        language = detect_language(asked.text)
        points = topic.points_of(asked)
        english = language == "en"
        texts = [(point.text_en or point.text) if english else point.text for point in points]
        headings = [
            (point.section_en or point.section) if english else point.section for point in points
        ]
        if not all(headings) or not texts:
            cited = coach.points(topic, language, asked)
            headings = [point.hint for point in cited]
            texts = texts or [point.text for point in cited]
        yield asked.text, texts, headings
    if not topic.asked:
        try:
            exercise = coach.exercise(topic, detect_language(topic.title))
        except CorpusError:  # it says too little
            return
        headings = [point.hint for point in exercise.points]
        yield exercise.question, [point.text for point in exercise.points], headings


def _recalled(topic: Topic) -> Iterator[tuple[str, list[str], list[str]]]:
    """A quick card for each point that can be asked alone: by the question that its note has for
    it, else by a gap in it."""
    for point in topic.points:
        question = point.recall or with_gap(point.text)
        if question:
            yield question, [point.text], [point.section]


def _told_apart(cards: list[AnkiCard]) -> list[AnkiCard]:
    """Cards of the same question, each with its source, without the link, under the question."""
    times = Counter(card.front for card in cards)
    return [
        card
        if times[card.front] == 1
        else replace(card, front=f"{card.front}<br>{_LINK.sub('', card.source)}")
        for card in cards
    ]


def _guid(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _source(text: str, address: str) -> str:
    shown = escape(text, quote=False)
    if address:
        shown = f'<a href="{escape(address)}">{shown}</a>'
    return f"<small>{shown}</small>"


def card_html(text: str) -> str:
    """Markdown as the HTML of a card: emphasis and code, formulas in Anki's `\\( … \\)`."""
    if _FENCE.search(text):
        blocks: str = _markdown().render(text.strip())
        return blocks.strip()
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
