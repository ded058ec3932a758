"""The Read page: a shelf of notes, and the one that is read."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import gradio as gr
from gradio.blocks import Block

from rag.assistant import Assistant
from rag.errors import RagError
from ui.answer_html import quiet
from ui.home.home_html import named, topic_button
from ui.home.home_tab import PROFILE
from ui.home.standing import Standing, by_folder, standing
from ui.reading.note_page import note_page, topic_at
from ui.session import Session, error_html, owner_of
from ui.tabs.ask_parts import LATEX
from ui.wiring import Updates, only, unchanged
from ui.wording import LANGUAGES, Language, word

MOST_OFFERED = 4  # topics that are due


@dataclass(frozen=True, kw_only=True)
class ReadPage:
    """What the application wires to the rest of the page.

    Attributes:
        open: the note that a JSON object names (`note`, `lang`).
        open_cited: the note of a citation of the conversation.
        refresh: the shelf, and the open note in the interface's language.
        reshelve: the shelf alone, while the open note is being read.
    """

    open: Callable[..., Updates]
    open_cited: Callable[..., Updates]
    refresh: Callable[..., Updates]
    reshelve: Callable[..., Updates]
    reading: gr.Textbox
    shown: list[Block]
    shelved: list[Block]


def render(assistant: Assistant, language: Language) -> ReadPage:
    """Draw the page into the open `gr.Blocks`."""
    reading = gr.Textbox(visible="hidden", elem_id="reading")  # key of the note that is open
    with gr.Row(elem_id="read-page", equal_height=False):
        with gr.Column(elem_id="shelf-column", min_width=0):
            shelf = gr.HTML("", elem_id="shelf", padding=False, apply_default_css=False)
        with gr.Column(elem_id="note-column", min_width=0):
            pick = gr.HTML(_blank(language), padding=False, apply_default_css=False)
            head = gr.HTML("", elem_id="read-head", padding=False, apply_default_css=False)
            article = gr.Markdown("", latex_delimiters=LATEX, elem_id="article")
            foot = gr.HTML("", elem_id="read-foot", padding=False, apply_default_css=False)
        with gr.Column(elem_id="contents-column", min_width=0):
            contents = gr.HTML("", elem_id="contents", padding=False, apply_default_css=False)

    def stand(request: gr.Request) -> Standing:
        user = owner_of(request)
        return standing(assistant, user, user or PROFILE)

    def draw(key: str, told_in: Language | None, interface: Language, now: Standing) -> Updates:
        shelved = shelf_html(now, interface)
        topic = now.find(key) if key else None
        if topic is None:
            return {reading: "", shelf: shelved, **in_its_place(_blank(interface, now))}
        page = note_page(assistant, topic, now, interface, told_in)
        return {
            reading: topic.key, shelf: shelved, pick: "", head: page.head, article: page.article,
            foot: page.foot, contents: page.contents,
        }  # fmt: skip

    def in_its_place(sentence: str) -> Updates:
        """No note, and what is said instead (HTML)."""
        return {pick: sentence, head: "", article: "", foot: "", contents: ""}

    def explained(made: Callable[[], Updates]) -> Updates:
        try:
            return made()
        except RagError as error:
            return in_its_place(error_html(error))

    def open_note(wanted: str, interface: Language, request: gr.Request) -> Updates:
        key, told_in = _wanted(wanted)
        return explained(lambda: draw(key, told_in, interface, stand(request)))

    def open_cited(
        place: str, now: Session, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        def made() -> Updates:
            here = stand(request)
            turn, number = (int(part) for part in place.split("_")[:2])
            item = now.answers[turn].citations[number - 1]
            topic = topic_at(here, item.collection, item.note)
            told_in: Language = "en" if topic and item.note == topic.twin else "zh"
            return draw(topic.key if topic else "", told_in, interface, here)

        try:
            return explained(made)
        except (ValueError, IndexError):
            return unchanged(pick)

    def refresh(key: str, interface: Language, request: gr.Request) -> Updates:
        if key:
            return explained(lambda: draw(key, None, interface, stand(request)))
        return reshelve(key, interface, request)  # one that is opened at the same time stays

    def reshelve(key: str, interface: Language, request: gr.Request) -> Updates:
        drawn = explained(lambda: draw("", None, interface, stand(request)))
        return only(drawn, [shelf] if key else [shelf, pick]) or unchanged(shelf)

    return ReadPage(
        open=open_note, open_cited=open_cited, refresh=refresh, reshelve=reshelve,
        reading=reading, shown=[reading, shelf, pick, head, article, foot, contents],
        shelved=[shelf, pick],
    )  # fmt: skip


def shelf_html(now: Standing, language: Language) -> str:
    """All notes by folder, with a box that filters them in the browser."""
    label = word("find_note", language)
    folders = "".join(
        f"<details class='shelf-folder'><summary>{escape(named(name, language))}"
        f"{quiet(str(len(topics)), 'span')}</summary>"
        + "".join(topic_button(topic, now.state(topic), language) for topic in topics)
        + "</details>"
        for name, topics in by_folder(now.topics).items()
    )
    return (
        f"<div class='shelf'><input type='search' class='shelf-find' aria-label='{label}' "
        f"placeholder='{label}'>{folders}"
        f"<p class='quiet none' hidden>{word('nothing_found', language)}</p></div>"
    )


def _blank(language: Language, now: Standing | None = None) -> str:
    """In the place of a note: what to read, by what is due and what comes next."""
    told = quiet(word("pick_to_read", language), also="pick")
    if now is None:
        return told
    wanted = {topic.key: topic for topic in [*now.due[:MOST_OFFERED], now.upcoming] if topic}
    offered = "".join(topic_button(topic, now.state(topic), language) for topic in wanted.values())
    return f"{told}<div class='topics offered'>{offered}</div>"


def _wanted(text: str) -> tuple[str, Language | None]:
    """Key and language of `{"note": …, "lang": …}`; nothing of what is no such object."""
    try:
        data = json.loads(text)
        key, lang = str(data.get("note", "")), data.get("lang")
    except (ValueError, AttributeError):
        return "", None
    return key, next((code for code in LANGUAGES.values() if code == lang), None)
