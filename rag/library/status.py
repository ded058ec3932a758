"""What a collection holds, and how its index stands to the files."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from rag.library.registry import Collection

State = Literal["indexed", "failed", "excluded", "changed", "new", "gone"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One note of a collection and how its index stands to it."""

    path: str
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What a collection holds.

    Attributes:
        built: when it was indexed, in seconds since 1970; None: never.
    """

    collection: Collection
    entries: tuple[Entry, ...]
    chunks: int | None
    built: float | None

    def count(self, *states: State) -> int:
        return sum(1 for entry in self.entries if entry.state in states)


def stands_in_a_file(path: str, files: Container[str]) -> bool:
    """`a.zip/b.md` does where there is a file `a.zip`."""
    parts = path.split("/")
    return any("/".join(parts[:n]) in files for n in range(1, len(parts)))
