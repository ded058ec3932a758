"""The Notes page: collections, uploads, what is indexed and what is not, and notes to read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from rag.library import uploads
from rag.permissions import changeable
from ui import notes_actions as act
from ui.relabel import relabelled
from ui.session import error_html, owner_of
from ui.tabs.ask_tab import LATEX
from ui.wording import Language, word


@dataclass(frozen=True)
class NotesPage:
    """The page's components that change with the language, and how it is drawn anew."""

    labelled: dict[Any, str]  # component → key of its words
    drawn: dict[Any, Callable[[Language], str]]  # HTML in a language
    uploaded: Any  # the event that ends with new notes
    chosen: Any  # name of the collection that is shown
    refresh: Callable[..., Any]
    refresh_inputs: list[Any]
    refresh_outputs: list[Any]

    def relabel(self, language: Language) -> dict[Any, Any]:
        """Updates that put every component into a language."""
        named = {part: relabelled(part, key, language) for part, key in self.labelled.items()}
        return named | {part: draw(language) for part, draw in self.drawn.items()}


def lead_html(language: Language) -> str:
    """What the drop zone is for."""
    return (
        f"<h2>{word('notes_title', language)}</h2>"
        f"<p class='quiet'>{word('notes_lead', language)}</p>"
    )


def render(assistant: Assistant, language: Language, language_input: Any) -> NotesPage:
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
                headers=act.headers(language), datatype="str", interactive=False, wrap=True,
                max_height=320, show_search="search", elem_id="notes-table",
                column_widths=["20%", "45%", "35%"], label=word("notes_listed", language),
            )  # fmt: skip
            delete = gr.Button(
                word("delete_note", language), variant="stop", visible=False, size="sm",
                elem_id="delete-note",
            )  # fmt: skip
            note = gr.Markdown(
                f"<p class='quiet'>{word('pick_note', language)}</p>",
                latex_delimiters=LATEX, elem_id="own-note",
            )  # fmt: skip

    view = [chosen, summary, table, reindex, remove_box]

    def draw(named: str, interface: Language, user: str) -> list[Any]:
        return act.collection_view(assistant, named, interface, user)

    def refresh(named: str, interface: Language, request: gr.Request) -> list[Any]:
        return draw(named, interface, owner_of(request))

    def created(wanted: str, named: str, interface: Language, request: gr.Request) -> list[Any]:
        user = owner_of(request)
        try:
            named = act.create_collection(assistant, wanted, user)
            told = act.said(word("created", interface))
        except RagError as error:
            told = error_html(error)
        return [*draw(named, interface, user), told, ""]

    def uploaded(
        files: list[str] | None, named: str, interface: Language, request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (Gradio's way to ask for one)
    ) -> Iterator[list[Any]]:  # fmt: skip
        user = owner_of(request)
        quiet = [gr.skip() for _ in view]
        told = ""
        try:
            named = act.own_collection(assistant, named, interface, user)
            for told in act.adding_files(
                assistant, named, files or [], interface, user, act.shown(progress, interface)
            ):
                yield [*quiet, told, gr.skip(), gr.skip()]
        except RagError as error:
            told += error_html(error)
        yield [*draw(named, interface, user), told, None, gr.update(visible=False)]

    def indexed(
        named: str, interface: Language, request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> list[Any]:  # fmt: skip
        user = owner_of(request)
        try:
            found = changeable(assistant, named, user)
            told = act.report(
                assistant.library.build(found, act.shown(progress, interface)), (), interface
            )
        except RagError as error:
            told = error_html(error)
        return [*draw(named, interface, user), told]

    def removed(named: str, interface: Language, request: gr.Request) -> list[Any]:
        user = owner_of(request)
        try:
            assistant.remove_collection(changeable(assistant, named, user).name)
            named, told = assistant.chosen[0], act.said(word("removed", interface))
        except RagError as error:
            told = error_html(error)
        return [*draw(named, interface, user), told]

    def opened(
        named: str, interface: Language, request: gr.Request, event: gr.SelectData
    ) -> list[Any]:
        path = str(event.row_value[1])
        text, ours = act.read_note(assistant, named, path, interface, owner_of(request))
        return [path, text, gr.update(visible=ours)]

    def deleted(path: str, named: str, interface: Language, request: gr.Request) -> list[Any]:
        user = owner_of(request)
        back = None
        try:
            back = act.delete_note(assistant, named, path, interface, user)
            told = act.said(word("deleted", interface))
        except RagError as error:
            told = error_html(error)
        hidden, undone = gr.update(visible=False), gr.update(visible=back is not None)
        quiet = f"<p class='quiet'>{word('pick_note', interface)}</p>"
        return [*draw(named, interface, user), told, "", quiet, hidden, back, undone]

    def undone(
        back: act.Deleted | None, named: str, interface: Language, request: gr.Request
    ) -> list[Any]:  # fmt: skip
        user, told = owner_of(request), ""
        try:
            if back is not None:
                told = act.restore_note(assistant, back, interface, user)
        except RagError as error:
            told = error_html(error)
        return [*draw(named, interface, user), told, None, gr.update(visible=False)]

    def closed(interface: Language) -> list[Any]:
        quiet = f"<p class='quiet'>{word('pick_note', interface)}</p>"
        return ["", quiet, gr.update(visible=False), "", gr.update(visible=False)]

    private: dict[str, Any] = {"api_visibility": "private"}
    # One at a time: embedding takes all processors anyway.
    works = {**private, "concurrency_id": "notes", "concurrency_limit": 1}
    hand = [chosen, language_input]
    chosen.input(refresh, hand, view, show_progress="hidden", **private).then(
        closed, language_input, [reading, note, delete, message, undo],
        show_progress="hidden", **private,
    )  # fmt: skip
    gr.on([create.click, name.submit], created, [name, *hand], [*view, message, name], **works)
    added = upload.upload(
        uploaded, [upload, *hand], [*view, message, upload, undo], show_progress_on=message, **works
    )
    reindex.click(indexed, hand, [*view, message], show_progress_on=message, **works)
    drop.click(removed, hand, [*view, message], show_progress_on=message, **works)
    table.select(opened, hand, [reading, note, delete], show_progress="hidden", **private)
    delete.click(
        deleted, [reading, *hand], [*view, message, reading, note, delete, gone, undo],
        show_progress_on=message, **works,
    )  # fmt: skip
    undo.click(undone, [gone, *hand], [*view, message, gone, undo], show_progress_on=message,
               **works)  # fmt: skip
    return NotesPage(
        {
            chosen: "collection", upload: "upload", reindex: "reindex", new_box: "new_collection",
            name: "collection_name", create: "create", remove_box: "remove_collection",
            drop: "remove_collection_now", table: "notes_listed", delete: "delete_note",
            undo: "undo",
        },
        {lead: lead_html}, added, chosen,
        refresh, hand, view,
    )  # fmt: skip
