"""The last look at a collection's folder: which files lay there, and what of them was not read."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import CorpusError
from rag.library.whereabouts import NoteMark
from rag.notes.note import Note, ReadInPart, Skipped
from rag.readers.corpus import scan
from rag.storage.atomic import write_atomic

LOOK = "files.json"  # in the index's folder, beside its generations
_FEW = 3  # files; so many may vanish without a question

Stamp = tuple[int, int]  # size, time of change in ns


@dataclass(frozen=True, slots=True)
class FolderLook:
    """What was seen when the notes were last read.

    Attributes:
        files: path → stamp of every file that there is a reader for.
        gaps: path of a note → what of it was not read.
        warnings: what else in the folder was not read.
        asked: that half the notes are gone was said, and nothing was changed.
        marks: path of a note → by what it is known wherever it lies.
        moved: a path where a note was → where it is.
        others: every path that the warnings are about; not kept.
        unread: documents in formats that are not read, and closed folders; not kept.
    """

    files: Mapping[str, Stamp] = field(default_factory=dict)
    gaps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    asked: bool = False
    marks: Mapping[str, NoteMark] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    unread: tuple[Skipped, ...] = ()

    @property
    def partial(self) -> tuple[ReadInPart, ...]:
        return tuple(ReadInPart(path, gaps) for path, gaps in sorted(self.gaps.items()))

    def save(self, folder: Path) -> None:
        data = {
            "files": {path: list(stamp) for path, stamp in self.files.items()},
            "gaps": {path: list(gaps) for path, gaps in self.gaps.items()},
            "warnings": list(self.warnings),
            "asked": self.asked,
            "marks": {path: [mark.text, mark.id] for path, mark in self.marks.items()},
            "moved": dict(self.moved),
        }
        write_atomic(folder / LOOK, json.dumps(data, ensure_ascii=False, indent=1).encode())

    @classmethod
    def load(cls, folder: Path) -> "FolderLook":
        """The look kept in an index's folder; an empty one where there is none or it is damaged."""
        try:
            data = json.loads((folder / LOOK).read_text("utf-8"))
            return cls(
                {str(path): (int(size), int(at)) for path, (size, at) in data["files"].items()},
                {str(path): tuple(map(str, gaps)) for path, gaps in data["gaps"].items()},
                tuple(map(str, data["warnings"])),
                bool(data["asked"]),
                # Not there where an earlier version looked.
                {str(p): NoteMark(str(t), str(i)) for p, (t, i) in data.get("marks", {}).items()},
                {str(path): str(now) for path, now in data.get("moved", {}).items()},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()


def look_at(folder: Path) -> FolderLook:
    """What lies in a folder of notes now; nothing where it is gone."""
    try:
        found = scan(folder)
    except CorpusError:
        return FolderLook()
    files: dict[str, Stamp] = {}
    for path in found.files:
        try:
            status = path.stat()
        except OSError:  # gone since
            continue
        name = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")
        files[name] = status.st_size, status.st_mtime_ns
    return FolderLook(files, warnings=found.remarks, others=found.others, unread=found.unread)


def noting(
    entries: Iterable[Note | Skipped],
    gaps: dict[str, tuple[str, ...]],
    marks: dict[str, NoteMark],
) -> Iterator[Note | Skipped]:
    """The same entries; gaps and marks of the notes that pass by are written down."""
    for entry in entries:
        if isinstance(entry, Note):
            marks[entry.path] = NoteMark.of(entry)
            if entry.gaps:
                gaps[entry.path] = entry.gaps
        yield entry


def check_nothing_vanished(before: FolderLook, now: FolderLook) -> None:
    """Half the notes gone is more often a disk that is not there than a wish.

    Raises:
        CorpusError: it is so; index again if it is meant.
    """
    lost = before.files.keys() - now.files.keys()
    # A file that only has another place is not gone.
    stamps = {stamp for path, stamp in now.files.items() if path not in before.files}
    lost = {path for path in lost if before.files[path] not in stamps}
    if before.asked or len(lost) < _FEW or 2 * len(now.files) > len(before.files):
        return
    present = {path.rpartition("/")[0] for path in now.files}
    gone = sorted({path.rpartition("/")[0] for path in lost} - present - {""})
    shown = ", ".join(gone[:3]) + (" …" if len(gone) > 3 else "")
    where = f" with their subfolders ({shown})" if gone else ""
    raise CorpusError(
        f"{len(lost)} of {len(before.files)} notes are gone{where}; "
        "the index was left as it is. Bring them back, or index again if they are meant to be "
        f"gone. {len(lost)} 个文件{'随子文件夹' if gone else ''}消失，索引未改动；"
        "如确要删除，请再次索引。"
    )
