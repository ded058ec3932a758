"""What a collection holds, and how its index stands to the files."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from rag.index.summary import IndexSummary
from rag.library.folder_look import FolderLook
from rag.library.registry import Collection
from rag.readers.archive import SUFFIX as ARCHIVE

State = Literal["indexed", "failed", "excluded", "changed", "new", "gone"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One note of a collection and how its index stands to it.

    Attributes:
        reason: why it is left out, or what of it is not read.
        partial: something of it is not read.
    """

    path: str
    state: State
    reason: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What a collection holds.

    Attributes:
        built: when it was indexed, in seconds since 1970; None: never.
        warnings: sentences about the folder as a whole.
        others: every path that they are about.
    """

    collection: Collection
    entries: tuple[Entry, ...]
    chunks: int | None
    built: float | None
    warnings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def count(self, *states: State) -> int:
        return sum(1 for entry in self.entries if entry.state in states)


def status_of(
    collection: Collection, summary: IndexSummary | None, then: FolderLook, now: FolderLook
) -> Status:
    """How an index stands to a folder: `then` is what was seen when it was built."""
    if summary is None:
        new = [Entry(path, "new") for path in now.files]
        new += [Entry(item.path, "failed", item.reason) for item in now.unread]
        new.sort(key=lambda entry: entry.path)
        return Status(collection, tuple(new), None, None, now.warnings, now.others)
    failed = {
        item.path: item
        for item in summary.skipped
        if item.path not in now.files or not _changed(item.path, then, now)
        if _there(item.path, collection, now)
    }
    # What came after the index and is not read; what was there before is told as it was then.
    failed |= {item.path: item for item in now.unread if item.path not in failed}
    archives = {path for path in now.files if path.lower().endswith(ARCHIVE)}
    opened = {_file_of(path, archives) for path in (*summary.notes, *failed)}
    entries = []
    for path in sorted({*(now.files.keys() - (archives & opened)), *failed, *summary.notes}):
        gaps = then.gaps.get(path, ())
        if path in failed:
            left_out = failed[path]
            state: State = "excluded" if left_out.by_choice else "failed"
            entries.append(Entry(path, state, left_out.reason))
        elif path not in summary.notes:
            entries.append(Entry(path, "new"))
        else:
            file = _file_of(path, archives)
            if file not in now.files:
                state = "gone"
            else:
                state = "changed" if _changed(file, then, now, summary.built) else "indexed"
            entries.append(Entry(path, state, " ".join(gaps), bool(gaps)))
    return Status(
        collection, tuple(entries), summary.chunks, summary.built, now.warnings, now.others
    )


def _changed(file: str, then: FolderLook, now: FolderLook, built: float = 0.0) -> bool:
    """By size and time of change; an index of before these were kept is judged by its own time."""
    if file in then.files:
        return then.files[file] != now.files[file]
    return not then.files and bool(built) and now.files[file][1] > built * 1e9


def _there(path: str, collection: Collection, now: FolderLook) -> bool:
    """The file that could not be read, or the archive it is in, is still there."""
    parts = path.split("/")
    tops = ("/".join(parts[:n]) for n in range(1, len(parts) + 1))
    if any(top in now.files for top in tops):
        return True
    try:
        return (collection.folder / path).exists()  # of a format that is not read
    except OSError:
        return True


def _file_of(path: str, archives: Container[str]) -> str:
    """The file a note stands in: `a.zip` for `a.zip/b.md` where there is such an archive."""
    parts = path.split("/")
    for n in range(1, len(parts)):
        if (top := "/".join(parts[:n])) in archives:
            return top
    return path
