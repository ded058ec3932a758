"""A folder → its notes, one after another; what cannot be read comes as `Skipped`."""

from collections.abc import Iterator
from pathlib import Path

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Content, Note, Skipped
from rag.readers.folder_scan import FolderScan, is_file, printable, scan_folder, spellings
from rag.readers.isolation.parent import PageProgress
from rag.readers.isolation.pool import ReaderPool, shared_readers


def note_files(corpus: Path) -> Iterator[Path]:
    """Files of the corpus that a reader exists for, and ZIP archives, sorted.

    Links and hidden files are left out; other files, such as pictures, are passed over: see `scan`.

    Raises:
        CorpusError: the folder is missing or holds no such file.
    """
    yield from _readable(corpus).files


def _readable(corpus: Path) -> FolderScan:
    found = scan(corpus)
    if not found.files:
        known = ", ".join(sorted(_known()))
        others = f" ({found.unread[0].reason})" if found.unread else ""
        raise CorpusError(
            f"{corpus} holds no notes ({known}); add some or name another folder.{others}"
        )
    return found


def scan(corpus: Path) -> FolderScan:
    """What lies in the folder, read or not.

    Raises:
        CorpusError: the folder is missing.
    """
    if not corpus.exists():
        raise CorpusError(f"The notes folder {corpus} does not exist; name one with --corpus PATH.")
    if not corpus.is_dir():
        raise CorpusError(f"{corpus} is not a folder; name a folder of notes with --corpus PATH.")
    return scan_folder(corpus, _known())


def _known() -> frozenset[str]:
    from rag.readers import suffixes
    from rag.readers.archive import SUFFIX

    return suffixes() | {SUFFIX}


def _belongs(corpus: Path, path: Path) -> bool:
    """Inside the corpus, neither hidden nor a link nor reached through one."""
    hidden = any(part.startswith(".") for part in path.relative_to(corpus).parts)
    return not hidden and not path.is_symlink() and path.resolve().is_relative_to(corpus.resolve())


def read_corpus(
    corpus: Path,
    limits: ReadLimits = DEFAULT_LIMITS,
    readers: ReaderPool | None = None,
    on_page: PageProgress = lambda done, total: None,
) -> Iterator[Note | Skipped]:
    """Every note of the folder, in order of path; an unreadable one comes as `Skipped`.

    Args:
        readers: the processes that read; None: those that all share.
        on_page: is told of the pages of a file that takes long.

    Raises:
        CorpusError: as `note_files`.
        RagError: as `ReaderPool.read`.
    """

    found = _readable(corpus)
    contents = (
        content
        for path in found.files
        for content in contents_of(path, path.relative_to(corpus).as_posix(), limits)
    )
    yield from found.unread
    for entry in (readers or shared_readers()).read(contents, limits, on_page):
        if isinstance(entry, Note) and entry.meta.get("index") is False:
            yield Skipped(entry.path, "Its front matter says `index: false`.", by_choice=True)
        else:
            yield entry


def read_file(
    path: Path, relative: str, limits: ReadLimits = DEFAULT_LIMITS
) -> Iterator[Note | Skipped]:
    """The note in a file, or all notes in an archive; what cannot be read comes as `Skipped`."""
    yield from shared_readers().read(contents_of(path, relative, limits), limits)


def contents_of(path: Path, relative: str, limits: ReadLimits) -> Iterator[Content | Skipped]:
    """What a file or an archive holds, not parsed; what cannot be taken out comes as `Skipped`."""
    from rag.readers.archive import SUFFIX, archive_contents

    try:
        if path.suffix.lower() == SUFFIX:
            _check(path, relative, limits.unpacked_bytes)
            yield from archive_contents(path, relative, limits)
        else:
            yield _content(path, relative, limits)
    except CorpusError as error:
        yield Skipped(printable(relative), str(error))


def _content(path: Path, relative: str, limits: ReadLimits) -> Content:
    """What a file holds.

    Raises:
        CorpusError: it cannot be read, is too large, or has a name that is not UTF-8.
    """
    _check(path, relative, limits.file_bytes)
    try:
        return Content(relative, path.read_bytes())
    except OSError as error:
        raise CorpusError(f"{relative} cannot be read: {error.strerror}.") from error


def find_note(
    corpus: Path,
    path: str,
    limits: ReadLimits = DEFAULT_LIMITS,
    readers: ReaderPool | None = None,
) -> Note:
    """One note of a corpus, by the path that citations give; it may lie in a ZIP archive.

    Raises:
        CorpusError: no such note inside the corpus, or unreadable.
        RagError: as `ReaderPool.read_one`.
    """

    content = find_content(corpus, path, limits)
    return (readers or shared_readers()).read_one(content, limits)


def find_content(corpus: Path, path: str, limits: ReadLimits = DEFAULT_LIMITS) -> Content:
    """The file of one note, not parsed.

    Raises:
        CorpusError: no such note inside the corpus, or its file cannot be read.
    """
    missing = CorpusError(
        f"There is no note '{path[:200]}'; it may have been moved. Run `rag index`."
    )
    corpus = corpus.expanduser().resolve()
    for spelling in spellings(path):
        try:
            return _find_content(corpus, spelling, limits)
        except _Missing:
            continue
    raise missing


class _Missing(CorpusError):
    """No such note."""


def _find_content(corpus: Path, path: str, limits: ReadLimits) -> Content:
    from rag.readers.archive import SUFFIX, archived_content

    missing = _Missing(path)
    parts = path.split("/")
    if "\0" in path or "\\" in path or any(part in {"", ".", ".."} for part in parts):
        raise missing
    for depth in range(1, len(parts) + 1):
        target = corpus.joinpath(*parts[:depth])
        if not is_file(target):
            continue
        if not _belongs(corpus, target):
            break
        if depth == len(parts) and target.suffix.lower() != SUFFIX:
            return _content(target, path, limits)
        if depth < len(parts) and target.suffix.lower() == SUFFIX:
            _check(target, path, limits.unpacked_bytes)
            archive, inner = "/".join(parts[:depth]), "/".join(parts[depth:])
            return archived_content(target, archive, inner, limits)
        break
    raise missing


def _check(path: Path, relative: str, most: int) -> None:
    """The name and the size of a file.

    Raises:
        CorpusError: the name is not UTF-8, or the file holds more than `most` bytes.
    """
    if relative != printable(relative):
        raise CorpusError(f"{printable(relative)} has a name that is not UTF-8; rename it.")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise CorpusError(f"{relative} cannot be read: {error.strerror}.") from error
    if size > most:
        raise CorpusError(f"{relative} has {size} bytes; the limit is {most}.")
