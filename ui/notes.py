"""The Notes page: collections, uploads, what is indexed and what is not, and notes to read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from rag import uploads
from rag.assistant import Assistant
from rag.errors import RagError
from rag.index_build import BuildReport, Progress
from rag.library import Status
from rag.notes import Skipped
from ui import html
from ui.access import changeable, collection_for, readable
from ui.ask import LATEX
from ui.labels import relabelled
from ui.session import owner_of
from ui.text import Language, word

LONGEST_SHOWN = 200_000  # characters of a note that a browser is given at once


@dataclass(frozen=True)
class NotesPage:
    """The page's components that change with the language, and how it is drawn anew."""

    labelled: dict[Any, str]  # component → key of its words
    refresh: Callable[..., Any]
    refresh_inputs: list[Any]
    refresh_outputs: list[Any]

    def relabel(self, language: Language) -> dict[Any, Any]:
        """Updates that put every component into a language."""
        return {part: relabelled(part, key, language) for part, key in self.labelled.items()}


def render(assistant: Assistant, language: Language, language_input: Any) -> NotesPage:
    """Draw the page into the open `gr.Blocks`."""
    reading = gr.State("")  # path of the note that is shown
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=320):
            chosen = gr.Dropdown(
                [assistant.chosen[0]], value=assistant.chosen[0],
                label=word("collection", language), elem_id="collection",
            )  # fmt: skip
            summary = gr.HTML(elem_id="collection-summary")
            upload = gr.File(
                file_count="multiple", file_types=sorted(uploads.accepted()), type="filepath",
                label=word("upload", language), height=150, visible=False, elem_id="upload",
            )  # fmt: skip
            reindex = gr.Button(word("reindex", language), elem_id="reindex")
            message = gr.HTML(elem_id="notes-message")
            with gr.Accordion(word("new_collection", language), open=False) as new_box:
                name = gr.Textbox(label=word("collection_name", language), elem_id="new-name")
                create = gr.Button(word("create", language), elem_id="create")
            with gr.Accordion(
                word("remove_collection", language), open=False, visible=False
            ) as remove_box:
                gone = gr.Button(
                    word("remove_collection_now", language), variant="stop", elem_id="remove"
                )
        with gr.Column(scale=3, min_width=320):
            table = gr.Dataframe(
                headers=_headers(language), datatype="str", interactive=False, wrap=True,
                max_height=320, show_search="search", elem_id="notes-table",
                column_widths=["20%", "40%", "40%"], label=word("notes_listed", language),
            )  # fmt: skip
            delete = gr.Button(
                word("delete_note", language), variant="stop", visible=False, elem_id="delete-note"
            )
            with gr.Row(visible=False) as sure:
                confirm = gr.Button(
                    word("note_delete_sure", language), variant="stop", elem_id="delete-sure"
                )
                keep = gr.Button(word("cancel", language))
            note = gr.Markdown(
                f"<p class='quiet'>{word('pick_note', language)}</p>",
                latex_delimiters=LATEX, elem_id="own-note",
            )  # fmt: skip

    view = [chosen, summary, table, upload, reindex, remove_box]

    def draw(named: str, interface: Language, user: str) -> list[Any]:
        return collection_view(assistant, named, interface, user)

    def refresh(named: str, interface: Language, request: gr.Request) -> list[Any]:
        return draw(named, interface, owner_of(request))

    def created(wanted: str, named: str, interface: Language, request: gr.Request) -> list[Any]:
        user = owner_of(request)
        try:
            named = create_collection(assistant, wanted, user)
            told = _said(word("created", interface))
        except RagError as error:
            told = _failed(error)
        return [*draw(named, interface, user), told, ""]

    def uploaded(
        files: list[str] | None, named: str, interface: Language, request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (Gradio's way to ask for one)
    ) -> list[Any]:  # fmt: skip
        user = owner_of(request)
        try:
            told = add_files(
                assistant, named, files or [], interface, user, _shown(progress, interface)
            )
        except RagError as error:
            told = _failed(error)
        return [*draw(named, interface, user), told, None]

    def indexed(
        named: str, interface: Language, request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> list[Any]:  # fmt: skip
        user = owner_of(request)
        try:
            found = changeable(assistant, named, user)
            told = _report(
                assistant.library.build(found, _shown(progress, interface)), (), interface
            )
        except RagError as error:
            told = _failed(error)
        return [*draw(named, interface, user), told]

    def removed(named: str, interface: Language, request: gr.Request) -> list[Any]:
        user = owner_of(request)
        try:
            assistant.library.remove(changeable(assistant, named, user).name)
            named, told = assistant.chosen[0], _said(word("removed", interface))
        except RagError as error:
            told = _failed(error)
        return [*draw(named, interface, user), told]

    def opened(
        named: str, interface: Language, request: gr.Request, event: gr.SelectData
    ) -> list[Any]:
        path = str(event.row_value[1])
        text, ours = read_note(assistant, named, path, interface, owner_of(request))
        return [path, text, gr.update(visible=ours), gr.update(visible=False)]

    def deleted(path: str, named: str, interface: Language, request: gr.Request) -> list[Any]:
        user = owner_of(request)
        try:
            told = delete_note(assistant, named, path, interface, user)
        except RagError as error:
            told = _failed(error)
        hidden = gr.update(visible=False)
        quiet = f"<p class='quiet'>{word('pick_note', interface)}</p>"
        return [*draw(named, interface, user), told, "", quiet, hidden, hidden]

    def closed(interface: Language) -> list[Any]:
        quiet = f"<p class='quiet'>{word('pick_note', interface)}</p>"
        return ["", quiet, gr.update(visible=False), gr.update(visible=False), ""]

    private: dict[str, Any] = {"api_visibility": "private"}
    # One at a time: embedding takes all processors anyway.
    works = {**private, "concurrency_id": "notes", "concurrency_limit": 1}
    hand = [chosen, language_input]
    chosen.input(refresh, hand, view, show_progress="hidden", **private).then(
        closed, language_input, [reading, note, delete, sure, message],
        show_progress="hidden", **private,
    )  # fmt: skip
    gr.on([create.click, name.submit], created, [name, *hand], [*view, message, name], **works)
    upload.upload(
        uploaded, [upload, *hand], [*view, message, upload], show_progress_on=message, **works
    )
    reindex.click(indexed, hand, [*view, message], show_progress_on=message, **works)
    gone.click(removed, hand, [*view, message], show_progress_on=message, **works)
    table.select(opened, hand, [reading, note, delete, sure], show_progress="hidden", **private)
    delete.click(lambda: gr.update(visible=True), None, sure, show_progress="hidden", **private)
    keep.click(lambda: gr.update(visible=False), None, sure, show_progress="hidden", **private)
    confirm.click(
        deleted, [reading, *hand], [*view, message, reading, note, delete, sure],
        show_progress_on=message, **works,
    )  # fmt: skip
    return NotesPage(
        {
            chosen: "collection", upload: "upload", reindex: "reindex", new_box: "new_collection",
            name: "collection_name", create: "create", remove_box: "remove_collection",
            gone: "remove_collection_now", table: "notes_listed", delete: "delete_note",
            confirm: "note_delete_sure", keep: "cancel",
        },
        refresh, hand, view,
    )  # fmt: skip


def collection_view(assistant: Assistant, name: str, language: Language, user: str) -> list[Any]:
    """Updates of: choice, summary, table, upload box, re-index button, removal box."""
    items = readable(assistant, user)
    names = [item.name for item in items]
    if name not in names:
        name = assistant.chosen[0]
    found = collection_for(assistant, name, user)
    ours = found.changeable_by(user)
    status = assistant.library.status(found)
    rows = [[word(f"state_{e.state}", language), e.path, e.reason] for e in status.entries]
    named = found.uploaded and ours
    return [
        gr.update(choices=names, value=name),
        _summary(status, language, ours),
        gr.update(value={"headers": _headers(language), "data": rows}),
        gr.update(visible=named),
        gr.update(interactive=ours),
        gr.update(visible=named),
    ]


def create_collection(assistant: Assistant, name: str, user: str) -> str:
    """Make an empty collection and index it, so that it can be asked; gives its full name."""
    made = assistant.library.registry.create(name, user)
    assistant.library.build(made)
    return made.name


def add_files(
    assistant: Assistant,
    name: str,
    files: Iterable[str],
    language: Language,
    user: str,
    progress: Progress,
) -> str:
    """Store uploads and index them; a refused file does not keep the others out.

    Raises:
        UsageError: this login may not change the collection.
        RagError: indexing failed.
    """
    found = changeable(assistant, name, user)
    refused = []
    for file in files:
        path = Path(file)
        try:
            uploads.save(found, path.name, path, assistant.library.limits)
        except RagError as error:
            refused.append(uploads.skipped_of(error, path.name))
    return _report(assistant.library.build(found, progress), refused, language)


def read_note(
    assistant: Assistant, name: str, path: str, language: Language, user: str
) -> tuple[str, bool]:
    """A note as safe HTML, and whether this login may delete its file."""
    ours = False
    try:
        found = collection_for(assistant, name, user)
        ours = found.uploaded and found.changeable_by(user)
        note = assistant.note(path, found.name)
    except RagError as error:  # a file that no reader understands can still be deleted
        return _failed(error), ours
    text = note.text[:LONGEST_SHOWN]
    cut = "" if text == note.text else f"<p class='quiet'>{word('note_cut', language)}</p>"
    head = f"<div class='quiet'>{escape(found.name)} · {escape(path)}</div>"
    return head + html.note_html(text, 0, 0) + cut, ours


def delete_note(assistant: Assistant, name: str, path: str, language: Language, user: str) -> str:
    """Delete the uploaded file that a note stands in, and index again.

    Raises:
        UsageError: this login may not change the collection.
        CorpusError: the file is not one that was uploaded here.
    """
    found = changeable(assistant, name, user)
    uploads.delete(found, path.split("/")[0])
    assistant.library.build(found)
    return _said(word("deleted", language))


def _headers(language: Language) -> list[str]:
    return [word(key, language) for key in ("state", "note_path", "failed_why")]


def _summary(found: Status, language: Language, ours: bool) -> str:
    """Counts, when it was indexed, where it lies, and whether it can be changed here."""
    item = found.collection
    if found.built is None:
        line = word("not_indexed", language)
    else:
        line = word(
            "collection_line", language, notes=found.count("indexed", "changed"),
            failed=found.count("failed"), stale=found.count("new", "changed", "gone"),
            when=f"{datetime.fromtimestamp(found.built):%Y-%m-%d %H:%M}",
        )  # fmt: skip
    if not ours:
        whose = word("read_only", language)
    elif item.uploaded:
        whose = word("your_uploads", language)
    else:
        whose = word("own_folder", language, folder=item.folder)
    return f"<div>{escape(line)}</div><div class='quiet'>{escape(whose)}</div>"


def _report(report: BuildReport, refused: Sequence[Skipped], language: Language) -> str:
    line = word(
        "build_done", language, notes=report.notes, added=report.added, changed=report.changed,
        removed=report.removed,
    )  # fmt: skip
    failed = "".join(
        f"<li>{escape(item.path)}: {escape(item.reason)}</li>"
        for item in [*refused, *report.skipped]
    )
    return _said(line) + (f"<ul class='error'>{failed}</ul>" if failed else "")


def _said(text: str) -> str:
    return f"<div>{escape(text)}</div>"


def _failed(error: RagError) -> str:
    return f"<div class='error'>{escape(str(error))}</div>"


def _shown(progress: gr.Progress, language: Language) -> Progress:
    """`build_index`'s progress as Gradio's bar."""

    def update(stage: str, done: int, total: int) -> None:
        progress((done, total or None), desc=word(f"stage_{stage}", language), unit="")

    return update
