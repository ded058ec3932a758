"""The Notes page: collections, uploads, what is indexed and what is not, and notes to read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.blocks import Block

from rag.assistant import Assistant
from rag.errors import RagError
from rag.library import uploads
from rag.permissions import changeable
from ui import notes_actions
from ui.answer_html import quiet
from ui.relabel import relabelled
from ui.session import error_html, owner_of
from ui.tabs.ask_parts import LATEX
from ui.wiring import PRIVATE, SILENT, Drawn, Event, Labelled, Updates
from ui.wording import Language, word


@dataclass(frozen=True, kw_only=True)
class NotesPage:
    """The page's components that change with the language, and how it is drawn anew."""

    labelled: Labelled
    drawn: Drawn
    uploaded: Event  # ends with new notes
    chosen: gr.Dropdown  # name of the collection that is shown
    refresh: Callable[..., Updates]
    refresh_inputs: Sequence[Block]
    refresh_outputs: Sequence[Block]

    def relabel(self, language: Language) -> Updates:
        """Updates that put every component into a language."""
        named = {part: relabelled(part, key, language) for part, key in self.labelled.items()}
        return named | {part: draw(language) for part, draw in self.drawn.items()}


def lead_html(language: Language) -> str:
    """What the drop zone is for."""
    return f"<h2>{word('notes_title', language)}</h2>{quiet(word('notes_lead', language))}"


def render(assistant: Assistant, language: Language, language_input: gr.Radio) -> NotesPage:
    """Draw the page into the open `gr.Blocks`."""
    reading = gr.State("")  # path of the note that is shown
    gone = gr.State(None)  # the note that was deleted last
    with gr.Row(elem_id="notes-page", equal_height=False):
        with gr.Column(scale=2, min_width=0, elem_id="notes-add"):
            lead = gr.HTML(lead_html(language), padding=False, apply_default_css=False)
            upload = gr.File(
                file_count="multiple", file_types=sorted(uploads.accepted()), type="filepath",
                label=word("upload", language), height=150, elem_id="upload",
            )  # fmt: skip
            message = gr.HTML(elem_id="notes-message", padding=False, apply_default_css=False)
            undo = gr.Button(word("undo", language), visible=False, size="sm", elem_id="undo")
            chosen = gr.Dropdown(
                [assistant.chosen[0]], value=assistant.chosen[0],
                label=word("collection", language), elem_id="collection",
            )  # fmt: skip
            summary = gr.HTML(elem_id="collection-summary", padding=False, apply_default_css=False)
            reindex = gr.Button(word("reindex", language), size="sm", elem_id="reindex")
            with gr.Accordion(word("new_collection", language), open=False) as new_box:
                name = gr.Textbox(label=word("collection_name", language), elem_id="new-name")
                create = gr.Button(word("create", language), elem_id="create")
            with gr.Accordion(
                word("remove_collection", language), open=False, visible=False
            ) as remove_box:
                drop = gr.Button(
                    word("remove_collection_now", language), variant="stop", elem_id="remove"
                )
        with gr.Column(scale=3, min_width=0, elem_id="notes-list"):
            table = gr.Dataframe(
                notes_actions.table_of([], language), datatype="str", interactive=False,
                wrap=True, max_height=460, show_search="search", elem_id="notes-table",
                label=word("notes_listed", language), buttons=[],
            )  # fmt: skip
            delete = gr.Button(
                word("delete_note", language), variant="stop", visible=False, size="sm",
                elem_id="delete-note",
            )  # fmt: skip
            note = gr.Markdown(
                quiet(word("pick_note", language)), latex_delimiters=LATEX, elem_id="own-note"
            )

    view = [chosen, summary, table, reindex, remove_box]

    def draw(named: str, interface: Language, user: str) -> Updates:
        found = notes_actions.collection_view(assistant, named, interface, user)
        listed = notes_actions.table_of(found.rows, interface)
        return {
            chosen: gr.update(choices=found.names, value=found.name),
            summary: found.summary,
            table: gr.update(value=listed, column_widths=notes_actions.widths_of(listed)),
            reindex: gr.update(interactive=found.changeable),
            remove_box: gr.update(visible=found.removable),
        }

    def no_note(interface: Language) -> Updates:
        """None is open."""
        return {
            reading: "", note: quiet(word("pick_note", interface)),
            delete: gr.update(visible=False),
        }  # fmt: skip

    def refresh(named: str, interface: Language, request: gr.Request) -> Updates:
        return draw(named, interface, owner_of(request))

    def created(wanted: str, named: str, interface: Language, request: gr.Request) -> Updates:
        user = owner_of(request)
        try:
            named = notes_actions.create_collection(assistant, wanted, user)
            notice = notes_actions.notice_html(word("created", interface))
        except RagError as error:
            notice = error_html(error)
        return {**draw(named, interface, user), message: notice, name: ""}

    def uploaded(
        files: list[str] | None, named: str, interface: Language, request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (Gradio's way to ask for one)
    ) -> Iterator[Updates]:  # fmt: skip
        user, notice = owner_of(request), ""
        shown = notes_actions.as_progress(progress, interface)
        try:
            named = notes_actions.own_collection(assistant, named, interface, user)
            for notice in notes_actions.adding_files(
                assistant, named, files or [], interface, user, shown
            ):
                yield {message: notice}
        except RagError as error:
            notice += error_html(error)
        yield {
            **draw(named, interface, user), message: notice, upload: None,
            undo: gr.update(visible=False),
        }  # fmt: skip

    def indexed(
        named: str, interface: Language, request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Updates:  # fmt: skip
        user = owner_of(request)
        shown = notes_actions.as_progress(progress, interface)
        try:
            built = assistant.library.build(changeable(assistant, named, user), shown)
            notice = notes_actions.report(built, (), interface)
        except RagError as error:
            notice = error_html(error)
        return {**draw(named, interface, user), message: notice}

    def removed(named: str, interface: Language, request: gr.Request) -> Updates:
        user = owner_of(request)
        try:
            assistant.remove_collection(changeable(assistant, named, user).name)
            named = assistant.chosen[0]
            notice = notes_actions.notice_html(word("removed", interface))
        except RagError as error:
            notice = error_html(error)
        return {**draw(named, interface, user), message: notice}

    def opened(
        named: str, interface: Language, request: gr.Request, event: gr.SelectData
    ) -> Updates:
        path = event.row_value[1]
        text, ours = notes_actions.read_note(
            assistant, named, str(path), interface, owner_of(request)
        )
        return {reading: str(path), note: text, delete: gr.update(visible=ours)}

    def deleted(path: str, named: str, interface: Language, request: gr.Request) -> Updates:
        user = owner_of(request)
        back = None
        try:
            back = notes_actions.delete_note(assistant, named, path, interface, user)
            notice = notes_actions.notice_html(word("deleted", interface))
        except RagError as error:
            notice = error_html(error)
        return {
            **draw(named, interface, user), **no_note(interface), message: notice, gone: back,
            undo: gr.update(visible=back is not None),
        }  # fmt: skip

    def undone(
        back: notes_actions.Deleted | None, named: str, interface: Language, request: gr.Request
    ) -> Updates:  # fmt: skip
        user, notice = owner_of(request), ""
        try:
            if back is not None:
                notice = notes_actions.restore_note(assistant, back, interface, user)
        except RagError as error:
            notice = error_html(error)
        return {
            **draw(named, interface, user), message: notice, gone: None,
            undo: gr.update(visible=False),
        }  # fmt: skip

    def translated(path: str, interface: Language) -> object:
        """What stands in the place of a note; one that is read stays."""
        return gr.update() if path else quiet(word("pick_note", interface))

    def closed(interface: Language) -> Updates:
        return {**no_note(interface), message: "", undo: gr.update(visible=False)}

    # One at a time: embedding takes all processors anyway.
    works = {**PRIVATE, "concurrency_id": "notes", "concurrency_limit": 1}
    hand = [chosen, language_input]
    chosen.input(refresh, hand, view, **SILENT).then(
        closed, language_input, [reading, note, delete, message, undo], **SILENT
    )
    gr.on([create.click, name.submit], created, [name, *hand], [*view, message, name], **works)
    added = upload.upload(
        uploaded, [upload, *hand], [*view, message, upload, undo], show_progress_on=message, **works
    )
    reindex.click(indexed, hand, [*view, message], show_progress_on=message, **works)
    drop.click(removed, hand, [*view, message], show_progress_on=message, **works)
    language_input.change(translated, [reading, language_input], note, **SILENT)
    table.select(opened, hand, [reading, note, delete], **SILENT)
    delete.click(
        deleted, [reading, *hand], [*view, message, reading, note, delete, gone, undo],
        show_progress_on=message, **works,
    )  # fmt: skip
    undo.click(undone, [gone, *hand], [*view, message, gone, undo], show_progress_on=message,
               **works)  # fmt: skip
    return NotesPage(
        labelled={
            chosen: "collection", upload: "upload", reindex: "reindex", new_box: "new_collection",
            name: "collection_name", create: "create", remove_box: "remove_collection",
            drop: "remove_collection_now", table: "notes_listed", delete: "delete_note",
            undo: "undo",
        },
        drawn={lead: lead_html}, uploaded=added, chosen=chosen, refresh=refresh,
        refresh_inputs=hand, refresh_outputs=view,
    )  # fmt: skip
