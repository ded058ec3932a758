"""A note to read: its head, its text with a table of contents, and its key points to recall."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rag.assistant import Assistant
from rag.notes.topic import Topic, original_of
from ui.answer_html import quiet
from ui.home.home_html import glyph, named
from ui.home.standing import Standing
from ui.note_html import inline, note_html
from ui.wording import Language, known, word

LONGEST_SHOWN = 200_000  # characters of a note that a browser is given at once
_HEADING = re.compile(r"<h([2-4])>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_TITLE = re.compile(r"\s*<h1>.*?</h1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NotePage:
    """A note as safe HTML: head, text, contents, and where to go from there."""

    head: str
    article: str
    contents: str
    foot: str


def note_page(
    assistant: Assistant,
    topic: Topic,
    now: Standing,
    language: Language,
    told_in: Language | None = None,
) -> NotePage:
    """The page of a topic's note.

    Args:
        told_in: language of the note, where it is told in both; the interface's if None.

    Raises:
        RagError: the note cannot be read.
    """
    english = (told_in or language) == "en" and bool(topic.twin)
    note = assistant.note(topic.twin if english else topic.note, topic.collection or None)
    text = note.text[:LONGEST_SHOWN]
    html = _TITLE.sub("", note_html(text, 0, 0), count=1)
    cut = "" if text == note.text else quiet(word("note_cut", language))
    article, contents = _with_contents(html, language)
    return NotePage(
        _head(topic, now, language, english),
        f"<div class='reading'>{_recall(topic, english, language)}{article}{cut}</div>",
        contents,
        _foot(topic, now, language),
    )


def _with_contents(html: str, language: Language) -> tuple[str, str]:
    """The text with its headings named, and the links to them."""
    links: list[str] = []

    def name(match: re.Match[str]) -> str:
        level, inner = match.groups()
        number = len(links)
        plain = _TAG.sub("", inner)
        links.append(
            f"<a class='level-{level}' href='#part-{number}' data-part='part-{number}'>{plain}</a>"
        )
        return f'<h{level} id="part-{number}">{inner}</h{level}>'

    article = _HEADING.sub(name, html)
    if len(links) < 2:
        return article, ""
    label = word("contents", language)
    return (
        article,
        f"<nav class='contents' aria-label='{label}'><b>{label}</b>{''.join(links)}</nav>",
    )


def _head(topic: Topic, now: Standing, language: Language, english: bool) -> str:
    note_language: Language = "en" if english else "zh"
    name = topic.title_en if english and topic.title_en else topic.title
    state = now.state(topic)
    facts = [f"{glyph(state, language, '')}{word(state, language)}"]
    key = f"difficulty_{topic.difficulty}"
    if known(key):
        facts.append(word(key, language))
    facts += [escape(tag) for tag in topic.tags[:3]]
    twin = ""
    if topic.twin:
        other = "zh" if english else "en"
        label = word("other_language", "zh" if other == "en" else "en")
        twin = (
            f"<button type='button' class='go chip' data-go='read' data-note='{escape(topic.key)}' "
            f"data-lang='{other}'>{label}</button>"
        )
    asked = word("ask_note_text", note_language, topic=name)
    return (
        f"<div class='note-head'><p class='quiet crumbs'><button type='button' class='to-shelf'>"
        f"{word('all_notes', language)}</button> › {escape(named(topic.folder, language))}</p>"
        f"<h1>{escape(name)}</h1><p class='facts'>{' · '.join(facts)}</p>"
        f"{_before(topic, now, language)}<div class='chips'>"
        f"<button type='button' class='go chip primary' data-go='practise' "
        f"data-topic='{escape(topic.key)}'>{word('practise_note', language)}</button>"
        f"<button type='button' class='go chip' data-go='ask' data-text='{escape(asked)}'>"
        f"{word('ask_note', language)}</button>{twin}</div></div>"
    )


def _before(topic: Topic, now: Standing, language: Language) -> str:
    """Links to what should be read first."""
    found = [now.find(topic.key_of(path)) for path in topic.prerequisites]
    links = [
        f"<button type='button' class='go link' data-go='read' data-note='{escape(item.key)}'>"
        f"{glyph(now.state(item), language)}{escape(item.name(language))}</button>"
        for item in found
        if item is not None
    ]
    return f"<p class='facts'>{word('before_this', language)}{' '.join(links)}</p>" if links else ""


def _recall(topic: Topic, english: bool, language: Language) -> str:
    """The key points, folded away: the learner says each before looking."""
    points = [
        (point.text_en, point.section_en) if english else (point.text, point.section)
        for point in topic.points
    ]
    points = [(text, section) for text, section in points if text]
    if not points:
        return ""
    items = "".join(
        f"<li><details class='point-fold'><summary>{_cue(number, section, language)}</summary>"
        f"<p>{inline(text)}</p></details></li>"
        for number, (text, section) in enumerate(points, 1)
    )
    return (
        f"<details class='recall'><summary>{word('self_test', language)}</summary>"
        f"<ol>{items}</ol></details>"
    )


def _cue(number: int, section: str, language: Language) -> str:
    return escape(section) if section else word("point_n", language, n=number)


def _foot(topic: Topic, now: Standing, language: Language) -> str:
    """The notes before and after this one."""
    keys = [item.key for item in now.topics]
    place = keys.index(topic.key) if topic.key in keys else -1
    around: Sequence[tuple[int, str]] = ((place - 1, "previous"), (place + 1, "following"))
    links = "".join(
        f"<button type='button' class='go around {key}' data-go='read' "
        f"data-note='{escape(now.topics[at].key)}'>{quiet(word(key, language), 'span')}"
        f"<b>{escape(now.topics[at].name(language))}</b></button>"
        if place >= 0 and 0 <= at < len(now.topics)
        else "<span></span>"
        for at, key in around
    )
    return f"<nav class='note-foot' aria-label='{word('all_notes', language)}'>{links}</nav>"


def topic_at(now: Standing, collection: str, path: str) -> Topic | None:
    """The topic of a note, by the collection and path that a citation names."""
    for topic in now.topics:
        if path in {topic.note, topic.twin, original_of(path)} and (
            topic.collection == collection or topic.origin == collection
        ):
            return topic if path in {topic.note, topic.twin} else None
    return None
