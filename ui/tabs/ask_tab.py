"""The Ask page: a streaming chat whose citations open the passage in its note."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from rag.answer.answer import Nearest
from rag.assistant import Assistant
from rag.grounding.citation import Citation
from rag.notes.topic import Topic
from ui.relabel import relabelled
from ui.session import Session
from ui.tabs.ask_actions import AskActions, copied
from ui.tabs.ask_parts import draw
from ui.wiring import PRIVATE, SILENT, Labelled, Updates
from ui.wording import Language


@dataclass(frozen=True, kw_only=True)
class AskPage:
    """What the application wires to the rest of the page."""

    labelled: Labelled
    session: gr.State
    model: gr.Dropdown
    k: gr.Slider
    question: gr.Textbox
    practise: gr.Button  # takes the last answer's topic to the Practice page
    restore: Callable[..., object]  # when the page loads: the conversation its address names
    restore_inputs: Sequence[Block]
    restore_outputs: Sequence[Block]
    collections: gr.Dropdown  # the names of what is searched
    refresh: Callable[..., Updates]  # keeps the choice of collections up to date

    def relabel(self, language: Language) -> Updates:
        """Updates that put every component into a language."""
        return {part: relabelled(part, key, language) for part, key in self.labelled.items()}


def render(assistant: Assistant, language: Language, language_input: gr.Radio) -> AskPage:
    """Draw the page into the open `gr.Blocks`."""
    part = draw(assistant, language)
    act = AskActions(assistant, part)
    kept, why, chat, session = part.kept, part.why, part.chat, part.session
    here = [session, language_input]
    # A second question while one is answered is not taken ("once"); examples go the same way.
    running = gr.on(
        [part.send.click, part.question.submit], act.ask,
        [part.question, session, part.model, part.k, part.collections, language_input],
        part.asking, concurrency_limit=8, **SILENT,
    )  # fmt: skip
    part.question.submit(None, js="() => window.asking()", **PRIVATE)
    running.then(act.listed, here, kept.shown, **SILENT)
    language_input.change(
        act.translate, [part.note, *here],
        [part.note, part.sources, chat, part.aside, kept.head, *kept.shown], **SILENT,
    )  # fmt: skip
    part.stop.click(
        act.stop, [session, part.question, language_input], part.asking, cancels=[running],
        **SILENT,
    ).then(act.listed, here, kept.shown, **SILENT)  # fmt: skip
    # What is still being written belongs to the conversation that is left: it is cancelled.
    leaving: dict[str, Any] = {**SILENT, "cancels": [running]}
    kept.picked.change(act.open, [kept.picked, *here], part.whole, concurrency_limit=8, **leaving)
    gr.on([kept.new.click, part.fresh.click, chat.clear], act.begin, language_input, part.whole,
          **leaving)  # fmt: skip
    part.history.click(None, js="() => window.toggleChats()", **PRIVATE)
    gr.on([kept.rename.click, kept.title.submit], act.rename, [kept.title, *here],
          [session, *kept.shown], **SILENT)  # fmt: skip
    kept.search.change(act.find, [kept.search, *here], kept.listing,
                      trigger_mode="always_last", **SILENT)  # fmt: skip
    kept.delete.click(act.ask_to_delete, here, [kept.confirm, kept.notice], **SILENT)
    kept.no.click(
        lambda: {kept.confirm: gr.update(visible=False), kept.notice: ""}, None,
        [kept.confirm, kept.notice], **SILENT,
    )  # fmt: skip
    kept.yes.click(act.delete, here, part.whole, **leaving)
    kept.export.click(act.export, here, [kept.exported, kept.notice], **SILENT).then(
        None, kept.exported, js="(file) => window.saveFile(file)", **PRIVATE
    )
    part.earlier.change(act.unfold, here, [chat, session], **SILENT)
    kept.current.change(None, kept.current, js="(id) => window.keepChat(id)", **PRIVATE)
    chat.like(act.judge, here, [why.row, why.turn, why.notice], **SILENT)
    why.save.click(
        act.explain, [why.turn, why.reason, why.comment, language_input],
        [why.row, why.comment, why.notice], **SILENT,
    )  # fmt: skip
    part.copying.change(copied, [part.copying, session], part.copied, **SILENT).then(
        None, part.copied, js="(text) => window.copyText(text)", **PRIVATE
    )
    part.picked.change(
        act.cite, [part.picked, *here], [part.note, part.sources, part.page], **SILENT
    ).then(None, js="() => window.showCited()", **PRIVATE).then(
        act.draw_page, [part.picked, *here], part.page, **SILENT
    ).then(
        None,
        js="() => document.body.classList.contains('passage') && window.showCited()",
        **PRIVATE,
    )
    return AskPage(
        labelled=part.labelled, session=session, model=part.model, k=part.k,
        question=part.question, practise=part.practise,
        restore=act.restore, restore_inputs=[kept.current, *here], restore_outputs=part.whole,
        collections=part.collections, refresh=act.refresh,
    )  # fmt: skip


def last_topic(now: Session) -> Topic | None:
    """The note that the last answer rests on most, or the nearest one; None without an answer."""
    for answer in reversed(now.answers):
        found: list[Citation | Nearest] = [*answer.citations, *answer.nearest]
        if found:
            return Topic(found[0].note, found[0].title, collection=found[0].collection)
    return None
