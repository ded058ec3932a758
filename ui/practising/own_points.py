"""The key points of a learner's own note, below its question: drafted, corrected, kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from gradio.blocks import Block

from rag.assistant import Assistant
from rag.errors import RagError
from rag.notes.note_key import DEFAULT
from rag.notes.topic import Topic
from rag.permissions import changeable
from rag.practice.coach import Coach
from rag.practice.own.drafted_points import DraftedPoints
from rag.practice.own.kept_beside import kept_beside, kept_points, save_beside
from rag.practice.own.note_draft import draft_of
from rag.practice.own.points_text import as_text, from_text
from ui.answer_html import escape, quiet
from ui.session import error_html, owner_of
from ui.tabs.practice_exercise import PracticeSession
from ui.wiring import Labelled, Updates
from ui.wording import Language, word


@dataclass(frozen=True)
class Offered:
    """What the area shows of a topic (by its key): the points that its text's numbers speak of."""

    topic: str
    made: DraftedPoints


@dataclass(frozen=True)
class Typed:
    """What was typed and not kept, and the points that its numbers speak of: a draft that is made
    anew meanwhile may have others."""

    text: str
    made: DraftedPoints


@dataclass(frozen=True, kw_only=True)
class OwnPointsArea:
    """The area's components; `labelled` change with the language."""

    box: gr.Accordion
    draft: gr.State  # the `Offered`, or None
    typed: gr.State  # topic → the `Typed` there
    text: gr.Textbox
    keep: gr.Button
    headings: gr.Button
    model: gr.Button
    told: gr.HTML
    labelled: Labelled

    @property
    def shown(self) -> list[Block]:
        """What another note shows anew."""
        return [self.box, self.draft, self.typed, self.text, self.told]


def draw(assistant: Assistant, language: Language) -> OwnPointsArea:
    """Draw the area, hidden until a note of the learner's own is practised."""
    with gr.Accordion(
        word("own_points", language), open=False, visible=False, elem_id="own-points",
        elem_classes="appeal",
    ) as box:  # fmt: skip
        told = gr.HTML(elem_id="own-told", padding=False, apply_default_css=False)
        text = gr.Textbox(
            label=word("own_text", language), lines=8, max_lines=24, max_length=20_000,
            elem_id="own-text",
        )  # fmt: skip
        with gr.Row():
            keep = gr.Button(
                word("own_keep", language), variant="primary", size="sm", elem_id="own-keep"
            )
            headings = gr.Button(word("own_headings", language), size="sm", elem_id="own-headings")
            model = gr.Button(
                word("own_model", language), size="sm", visible=_drafts(assistant),
                elem_id="own-model",
            )  # fmt: skip
    return OwnPointsArea(
        box=box, draft=gr.State(None), typed=gr.State({}), text=text, keep=keep,
        headings=headings, model=model, told=told,
        labelled={
            box: "own_points", text: "own_text", keep: "own_keep", headings: "own_headings",
            model: "own_model",
        },
    )  # fmt: skip


def _without(typed: dict[str, Typed], topic: str) -> dict[str, Typed]:
    return {key: value for key, value in typed.items() if key != topic}


def _language(now: PracticeSession) -> Language:
    return now.exercise.language if now.exercise else "zh"


def _drafts(assistant: Assistant) -> bool:
    """The server's model is one behind an API, which drafts a note in one call."""
    try:
        model = assistant.model()
    except RagError:  # said where it is asked for
        return False
    return model is not None and not model.local


class OwnPointsActions:
    """The handlers over one assistant and one area."""

    def __init__(self, assistant: Assistant, area: OwnPointsArea) -> None:
        self._assistant, self.area = assistant, area

    def follow(
        self, text: str, shown: Offered | None, typed: dict[str, Typed], now: PracticeSession,
        interface: Language, request: gr.Request,
    ) -> Updates:  # fmt: skip
        """The points of the note that is practised; nothing where it is none of the learner's.
        What was typed and not kept is still there, with a further question on the note and when
        it comes back."""
        area = self.area
        if shown is not None:
            typed = _without(typed, shown.topic)
            if text != as_text(shown.made):
                typed[shown.topic] = Typed(text, shown.made)
        hidden: Updates = {area.box: gr.update(visible=False), area.draft: None, area.typed: typed}
        if now.exercise is None:
            return hidden
        key = now.exercise.topic
        if shown is not None and shown.topic == key:
            return {area.box: gr.update(visible=True), area.typed: typed}
        try:
            topic, folder = self._own(now, request)
            unkept = typed.get(key)
            made = (
                unkept.made
                if unkept is not None
                else kept_points(topic, folder) or draft_of(self._coach(now, "none"), topic)
            )
        except (RagError, LookupError):  # it may be practised, and not be changed
            return hidden
        told = word("own_is_draft", interface) if now.exercise.draft else ""
        if unkept is not None:
            told = word("own_unkept", interface)
        updates = self._showing(key, made, interface, told)
        if unkept is not None:
            updates[area.text] = unkept.text
        return {area.box: gr.update(visible=True), area.typed: typed, **updates}

    def by_headings(
        self,
        typed: dict[str, Typed],
        now: PracticeSession,
        interface: Language,
        request: gr.Request,
    ) -> Iterator[Updates]:
        """A draft from headings and sentences in the place of the text; nothing is kept by it."""
        yield from self._redraft("none", typed, now, interface, request)

    def by_model(
        self,
        typed: dict[str, Typed],
        now: PracticeSession,
        interface: Language,
        request: gr.Request,
    ) -> Iterator[Updates]:
        """The same by the server's model."""
        yield from self._redraft(None, typed, now, interface, request)

    def _redraft(
        self, spec: str | None, typed: dict[str, Typed], now: PracticeSession,
        interface: Language, request: gr.Request,
    ) -> Iterator[Updates]:  # fmt: skip
        yield {self.area.told: quiet(word("own_drafting", interface))}
        try:
            topic, _ = self._own(now, request)
            made = draft_of(self._coach(now, spec), topic, _language(now))
            yield {
                self.area.typed: _without(typed, topic.key),
                **self._showing(topic.key, made, interface, word("own_is_draft", interface)),
            }
        except RagError as error:
            yield {self.area.told: error_html(error)}
        except LookupError:
            yield {self.area.told: ""}

    def keep(
        self, text: str, shown: Offered | None, typed: dict[str, Typed], now: PracticeSession,
        interface: Language, request: gr.Request,
    ) -> Updates:  # fmt: skip
        """The text kept beside the note, as the learner corrected it."""
        try:
            topic, folder = self._own(now, request)
            if shown is None or shown.topic != topic.key:
                return self.follow(text, shown, typed, now, interface, request)
            made = from_text(shown.made, text)
            path = save_beside(folder, made)
        except RagError as error:
            return {self.area.told: error_html(error)}
        except LookupError:
            return {self.area.told: ""}
        kept = word("own_kept", interface, file=path.name)
        left = _without(typed, topic.key)
        return {self.area.typed: left, **self._showing(topic.key, made, interface, kept)}

    def _own(self, now: PracticeSession, request: gr.Request) -> tuple[Topic, Path]:
        """The topic that is practised and the folder of its note.

        Raises:
            LookupError: it is no note, or the note names its points itself.
            UsageError: the visitor may not change its collection.
        """
        key = now.exercise.topic if now.exercise else ""
        found = next((t for t in self._coach(now, "none").topics if t.key == key), None)
        if found is None:
            raise LookupError(key)
        collection = changeable(self._assistant, found.origin or DEFAULT, owner_of(request))
        if (found.points or found.asked) and not kept_beside(collection.folder, found.note):
            raise LookupError(key)
        return found, collection.folder

    def _coach(self, now: PracticeSession, spec: str | None) -> Coach:
        return self._assistant.coach(spec, now.collections)

    def _showing(self, key: str, made: DraftedPoints, interface: Language, told: str) -> Updates:
        remarks = [told]
        if made.by not in {"", "headings"}:
            remarks.append(word("own_by", interface, by=made.by))
        if made.left_out:
            remarks.append(word("own_left_out", interface, n=made.left_out))
        if made.unread:
            remarks.append(word("own_unread", interface, n=made.unread))
        area = self.area
        said = quiet(escape(" ".join(part for part in remarks if part))) if any(remarks) else ""
        return {area.draft: Offered(key, made), area.text: as_text(made), area.told: said}
