"""What a build of an index did, and how it tells of its progress."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from rag.notes.note import ReadInPart, Skipped

BuildProgress = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, in notes and chunks.

    Attributes:
        skipped: files that were not read, and why.
        partial: notes of which something was not read.
        warnings: sentences about the folder as a whole.
    """

    notes: int
    chunks: int
    added: int
    changed: int
    removed: int
    embedded: int
    skipped: tuple[Skipped, ...]
    partial: tuple[ReadInPart, ...] = ()
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        before: Mapping[str, str],
        notes: Mapping[str, str],
        skipped: Sequence[Skipped],
        chunks: int,
        embedded: int,
    ) -> Self:
        """Compare the notes (path → content hash) before and after."""
        return cls(
            notes=len(notes),
            chunks=chunks,
            added=len(notes.keys() - before.keys()),
            changed=sum(1 for path in notes.keys() & before.keys() if notes[path] != before[path]),
            removed=len(before.keys() - notes.keys()),
            embedded=embedded,
            skipped=tuple(skipped),
        )
