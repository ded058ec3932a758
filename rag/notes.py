"""A note: its text exactly as read, its blocks, and what its front matter says of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from rag.errors import CorpusError

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
    """One file of the corpus. `path` is relative to the corpus, with forward slashes."""

    path: str
    title: str
    text: str
    blocks: tuple[Block, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content_hash(self) -> str:
        return content_hash(self.text, self.path)


def content_hash(text: str, path: str) -> str:
    return sha256(f"{path}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out, and why (one sentence)."""

    path: str
    reason: str


def note_files(corpus: Path) -> Iterator[Path]:
    """Files of the corpus that a reader exists for, sorted; links and hidden files left out.

    Raises:
        CorpusError: the folder is missing or holds no such file.
    """
    from rag.readers import suffixes

    if not corpus.exists():
        raise CorpusError(f"The notes folder {corpus} does not exist; name one with --corpus PATH.")
    if not corpus.is_dir():
        raise CorpusError(f"{corpus} is not a folder; name a folder of notes with --corpus PATH.")
    known = suffixes()
    found = False
    for path in sorted(corpus.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(corpus).parts)
        if hidden or path.is_symlink() or path.suffix.lower() not in known or not path.is_file():
            continue
        if not path.resolve().is_relative_to(corpus.resolve()):  # reached through a linked folder
            continue
        found = True
        yield path
    if not found:
        raise CorpusError(
            f"{corpus} holds no notes ({', '.join(sorted(known))}); "
            "add some or name another folder."
        )


def read_corpus(corpus: Path, max_bytes: int = 20_000_000) -> Iterator[Note | Skipped]:
    """Every note of the folder, in order of path; an unreadable one comes as `Skipped`."""
    for path in note_files(corpus):
        relative = path.relative_to(corpus).as_posix()
        try:
            yield read_note(path, relative, max_bytes)
        except CorpusError as error:
            yield Skipped(relative, str(error))


def read_note(path: Path, relative: str, max_bytes: int = 20_000_000) -> Note:
    """Read one file by the reader that its suffix names.

    Raises:
        CorpusError: too large, empty, unreadable, or in an encoding that is not recognised.
    """
    from rag.readers import reader_for

    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise CorpusError(f"{relative} has {size} bytes; the limit is {max_bytes}.")
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{relative} cannot be read: {error.strerror}.") from error
    if not data.strip():
        raise CorpusError(f"{relative} is empty.")
    return reader_for(path.suffix)(relative, data)
