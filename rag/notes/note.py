"""A note: its text exactly as read, its blocks, and what its front matter says of it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, Literal

_NOTION = re.compile(r"[ _-][0-9a-f]{32}$")  # Notion's number for a page, in names of its exports
MOST_GAPS = 50  # sentences about what of one file was not read
BlockKind = Literal["text", "list", "table", "code", "math"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a note that stands together: `note.text[start:end]`.

    `breaks` are offsets where the block may be cut without harm if it is too long for one chunk
    (between sentences, list items, table rows, code lines).
    """

    kind: BlockKind
    start: int
    end: int
    headings: tuple[str, ...] = ()
    breaks: tuple[int, ...] = ()
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """One file of the corpus. `path` is relative to the corpus, with forward slashes.

    Attributes:
        gaps: what of the file was not read, one sentence each, and what to do about it.
        recognised: pages whose text was recognised in a picture, and may hold errors.
    """

    path: str
    title: str
    text: str
    blocks: tuple[Block, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()
    recognised: tuple[int, ...] = ()

    @property
    def content_hash(self) -> str:
        return content_hash(self.text, self.path)


def file_title(path: str) -> str:
    """A title for a note that has none: its file's name, spelt as most keyboards do."""
    stem = unicodedata.normalize("NFC", PurePosixPath(path).stem)
    return _NOTION.sub("", stem) or stem


def content_hash(text: str, path: str) -> str:
    return sha256(f"{path}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out, and why (one sentence).

    Attributes:
        by_choice: its author wants it so; nobody need be told at every build.
    """

    path: str
    reason: str
    by_choice: bool = False


@dataclass(frozen=True, slots=True)
class ReadInPart:
    """A note of which something was not read: what, one sentence each (`Note.gaps`)."""

    path: str
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file, or of one in an archive, and the path of the note in it."""

    path: str
    data: bytes


def heading_path(parts: Iterable[str]) -> str:
    """A note's title and the headings above a place in it, in one text; none twice."""
    return " > ".join(dict.fromkeys(parts))
