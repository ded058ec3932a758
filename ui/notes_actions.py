"""What the Notes page does: each action gives the updates or the safe HTML that the page shows."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from rag.index.build_report import BuildReport, Progress
from rag.library import uploads
from rag.library.status import Status
from rag.notes.note import Skipped
from rag.permissions import changeable, collection_for, readable
from ui import answer_html as html
from ui.session import error_html
from ui.wording import Language, word

LONGEST_SHOWN = 200_000  # characters of a note that a browser is given at once


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
        gr.update(value={"headers": headers(language), "data": rows}),
        gr.update(visible=named),
        gr.update(interactive=ours),
        gr.update(visible=named),
    ]


def create_collection(assistant: Assistant, name: str, user: str) -> str:
    """Make an empty collection and index it, so that it can be asked; gives its full name."""
    made = assistant.library.registry.create(name, user)
    # Versions before 0.2 left a removed collection's past to the next one of its name.
    assistant.history().collection_removed(made.name, datetime.now(UTC))
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
    return report(assistant.library.build(found, progress), refused, language)


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
        return error_html(error), ours
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
    return said(word("deleted", language))


def headers(language: Language) -> list[str]:
    """Column heads of the table of notes."""
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


def report(built: BuildReport, refused: Sequence[Skipped], language: Language) -> str:
    """What an indexing run changed, and what it left out and why, as safe HTML."""
    line = word(
        "build_done", language, notes=built.notes, added=built.added, changed=built.changed,
        removed=built.removed,
    )  # fmt: skip
    failed = "".join(
        f"<li>{escape(item.path)}: {escape(item.reason)}</li>"
        for item in [*refused, *built.skipped]
    )
    failed += "".join(
        f"<li>{escape(part.path)}: {escape(' '.join(part.gaps))}</li>" for part in built.partial
    )
    failed += "".join(f"<li>{escape(warning)}</li>" for warning in built.warnings)
    return said(line) + (f"<ul class='error'>{failed}</ul>" if failed else "")


def said(text: str) -> str:
    """A message, as safe HTML."""
    return f"<div>{escape(text)}</div>"


def shown(progress: gr.Progress, language: Language) -> Progress:
    """`build_index`'s progress as Gradio's bar."""

    def update(stage: str, done: int, total: int) -> None:
        progress((done, total or None), desc=word(f"stage_{stage}", language), unit="")

    return update
