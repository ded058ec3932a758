"""What the Notes page does: each action gives the updates or the safe HTML that the page shows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from rag.index.build_report import BuildProgress, BuildReport
from rag.library import uploads
from rag.library.status import Status
from rag.notes.note import Skipped
from rag.permissions import changeable, collection_for, readable
from ui.answer_html import note_html, quiet
from ui.session import error_html
from ui.wording import Language, word

LONGEST_SHOWN = 200_000  # characters of a note that a browser is given at once


@dataclass(frozen=True, slots=True)
class CollectionView:
    """What is shown of one collection.

    Attributes:
        names: of all that this login may read.
        rows: of the table of its notes, under `headers`.
        changeable: this login may change it.
        removable: it is made of uploads, too, so that nothing else is lost with it.
    """

    names: list[str]
    name: str
    summary: str
    rows: list[list[str]]
    changeable: bool
    removable: bool


def collection_view(
    assistant: Assistant, name: str, language: Language, user: str
) -> CollectionView:
    """What is shown of a collection; of the server's own choice where nobody may read it."""
    items = readable(assistant, user)
    names = [item.name for item in items]
    if name not in names:
        name = assistant.chosen[0]
    found = collection_for(assistant, name, user)
    ours = found.changeable_by(user)
    status = assistant.library.status(found)
    rows = [
        [word("file_part" if e.partial else f"state_{e.state}", language), e.path, e.reason]
        for e in status.entries
    ]
    summary = _summary(status, language, ours)
    return CollectionView(names, name, summary, rows, ours, found.uploaded and ours)


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
    progress: BuildProgress,
) -> str:
    """Store uploads and index them; a refused file does not keep the others out.

    Raises:
        UsageError: this login may not change the collection.
        RagError: indexing failed.
    """
    return list(adding_files(assistant, name, files, language, user, progress))[-1]


def adding_files(
    assistant: Assistant,
    name: str,
    files: Iterable[str],
    language: Language,
    user: str,
    progress: BuildProgress,
) -> Iterator[str]:
    """As `add_files`: where every file stands after each step, as safe HTML."""
    found = changeable(assistant, name, user)
    paths = [Path(file) for file in files]
    states: list[tuple[str, str, str]] = [(path.name, "waits", "") for path in paths]
    refused = []
    stored: dict[int, str] = {}
    for place, path in enumerate(paths):
        try:
            stored[place] = uploads.save(found, path.name, path, assistant.library.limits)
            states[place] = (path.name, "stored", "")
        except RagError as error:
            refused.append(uploads.skipped_of(error, path.name))
            states[place] = (path.name, "refused", str(error))
        yield files_html(states, language)
    built = assistant.library.build(found, progress)
    skipped = {item.path: item.reason for item in built.skipped}
    partial = {item.path: " ".join(item.gaps) for item in built.partial}
    for place, path_there in stored.items():
        name_here = states[place][0]
        if path_there in skipped:
            states[place] = (name_here, "refused", skipped[path_there])
        elif path_there in partial:
            states[place] = (name_here, "part", partial[path_there])
        else:
            states[place] = (name_here, "ready", "")
    yield files_html(states, language) + report(built, refused, language)


def files_html(states: Sequence[tuple[str, str, str]], language: Language) -> str:
    """Uploads as a list: the name, where it stands in words, and why."""
    rows = "".join(
        f"<li class='file {state}'><b>{escape(name)}</b> <span>"
        f"{word(f'file_{state}', language)}</span>"
        f"{f'<p>{escape(why)}</p>' if why else ''}</li>"
        for name, state, why in states
    )
    return f"<ul class='files'>{rows}</ul>"


def own_collection(assistant: Assistant, name: str, language: Language, user: str) -> str:
    """Where this login's uploads go: the chosen collection if it may be changed, else its own
    one, made when it is first needed."""
    found = collection_for(assistant, name, user)
    if found.uploaded and found.changeable_by(user):
        return name
    wanted = word("own_notes", language)
    for item in readable(assistant, user):
        if item.uploaded and item.changeable_by(user) and item.name.endswith(wanted):
            return item.name
    return create_collection(assistant, wanted, user)


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
    cut = "" if text == note.text else quiet(word("note_cut", language))
    head = quiet(f"{escape(found.name)} · {escape(path)}", "div")
    return head + note_html(text, 0, 0) + cut, ours


@dataclass(frozen=True, slots=True)
class Deleted:
    """A deleted upload, until the page is left: enough to bring it back."""

    collection: str
    name: str
    data: bytes


def delete_note(
    assistant: Assistant, name: str, path: str, language: Language, user: str
) -> Deleted:
    """Delete the uploaded file that a note stands in, and index again.

    Raises:
        UsageError: this login may not change the collection.
        CorpusError: the file is not one that was uploaded here.
    """
    found = changeable(assistant, name, user)
    file = path.split("/")[0]
    stored = next((item for item in uploads.files_of(found) if item.name == file), None)
    data = stored.read_bytes() if stored else b""
    uploads.delete(found, file)
    assistant.library.build(found)
    return Deleted(found.name, file, data)


def restore_note(assistant: Assistant, gone: Deleted, language: Language, user: str) -> str:
    """Bring a deleted upload back, and index again. Errors as in `delete_note`."""
    found = changeable(assistant, gone.collection, user)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "note"
        file.write_bytes(gone.data)
        uploads.save(found, gone.name, file, assistant.library.limits)
    assistant.library.build(found)
    return notice_html(word("restored", language))


def table_of(rows: Sequence[Sequence[str]], language: Language) -> dict[str, list[object]]:
    """The table of notes as `gr.Dataframe` takes it; no column of reasons where there is none."""
    width = 3 if any(reason for _, _, reason in rows) else 2
    heads = [word(key, language) for key in ("state", "note_path", "failed_why")]
    return {"headers": [*heads[:width]], "data": [list(row[:width]) for row in rows]}


def widths_of(table: Mapping[str, Sequence[object]]) -> list[str]:
    """Of its columns."""
    return ["24%", "76%"] if len(table["headers"]) == 2 else ["20%", "45%", "35%"]


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
    said = "".join(quiet(escape(warning), "div") for warning in found.warnings)
    return f"<div>{escape(line)}</div>{quiet(escape(whose), 'div')}{said}"


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
    return notice_html(line) + (f"<ul class='error'>{failed}</ul>" if failed else "")


def notice_html(text: str) -> str:
    """A message, as safe HTML."""
    return f"<div>{escape(text)}</div>"


def as_progress(progress: gr.Progress, language: Language) -> BuildProgress:
    """`build_index`'s progress as Gradio's bar."""

    def update(stage: str, done: int, total: int) -> None:
        progress((done, total or None), desc=word(f"stage_{stage}", language), unit="")

    return update
