"""Files that people upload: safe names, limits, and deletion, in folders of ours alone."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.errors import CorpusError, RagError
from rag.library.registry import Collection
from rag.notes.note import Skipped
from rag.readers import suffixes
from rag.readers.archive import SUFFIX as ARCHIVE
from rag.readers.other_formats import advice
from rag.storage.atomic import write_atomic

LONGEST_NAME = 150  # bytes of UTF-8 before the suffix; file systems allow 255 in all
_UNFIT = re.compile(r'[<>:"|?*`$\\/]')


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much one collection may hold."""

    file_bytes: int
    all_bytes: int
    files: int


def accepted() -> frozenset[str]:
    """The suffixes of files that may be uploaded."""
    return suffixes() | {ARCHIVE}


def safe_name(name: str) -> str:
    """A plain file name out of whatever a browser sent: no folder, no control character.

    Raises:
        CorpusError: no reader knows the suffix.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    name = PurePosixPath(name).name
    # Cc, Cf: control and formatting characters (right-to-left marks disguise a suffix).
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    name = "".join(char if char.isprintable() else " " for char in name)  # odd blanks
    name = _UNFIT.sub("_", name).strip(" .")
    path = PurePosixPath(name if "." in name else f"note.{name}")
    suffix = path.suffix.lower()
    if suffix not in accepted():
        if advice(suffix):
            raise CorpusError(f"'{name[:80]}' {advice(suffix)}")
        known = ", ".join(sorted(accepted()))
        raise CorpusError(
            f"'{name[:80]}' is of no known format; these are read: {known}. 不支持这种格式。"
        )
    stem = path.stem.encode()[:LONGEST_NAME].decode("utf-8", "ignore").strip(" .")
    return f"{stem or 'note'}{suffix}"


def files_of(collection: Collection) -> list[Path]:
    """The uploaded files, sorted; empty for a collection that is a user's own folder."""
    if not collection.uploaded or not collection.folder.is_dir():
        return []
    return sorted(
        path
        for path in collection.folder.iterdir()
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
    )


def save(collection: Collection, name: str, source: Path, limits: UploadLimits) -> str:
    """Copy `source` into the collection and give the name it has there.

    A file with the same content is not stored twice; one of the same name but another content
    gets a number.

    Raises:
        CorpusError: the folder is not ours, the format unknown, or a limit is exceeded.
        RagError: the disk is full; nothing is left behind.
    """
    _require_ours(collection)
    name = safe_name(name)
    try:
        size = source.stat().st_size
        present = files_of(collection)
        if size > limits.file_bytes:
            raise CorpusError(
                f"{name} has {size} bytes; the limit is {limits.file_bytes}. 文件太大。"
            )
        if len(present) >= limits.files:
            raise CorpusError(
                f"The collection holds {len(present)} files, which is the limit; delete some. "
                "文件数已达上限。"
            )
        if size + sum(path.stat().st_size for path in present) > limits.all_bytes:
            raise CorpusError(
                f"With {name} the collection would exceed {limits.all_bytes} bytes; delete some "
                "notes. 笔记集总大小已达上限。"
            )
        data = source.read_bytes()
        for other in _same_stem(name):
            target = collection.folder / other
            try:
                target.touch(exist_ok=False)  # the name is ours now, whoever else uploads
            except FileExistsError:
                if not target.is_symlink() and target.read_bytes() == data:
                    return other
                continue
            try:
                write_atomic(target, data)
            except RagError:
                target.unlink(missing_ok=True)
                raise
            return other
    except OSError as error:
        raise RagError(f"{name} cannot be stored: {error.strerror or error}.") from error
    raise CorpusError(f"Too many files are called {name}; rename it. 同名文件太多，请改名。")


def delete(collection: Collection, name: str) -> None:
    """Delete one uploaded file.

    Raises:
        CorpusError: the folder is a user's own, or holds no such file.
    """
    _require_ours(collection)
    for path in files_of(collection):
        if path.name == name:
            path.unlink(missing_ok=True)
            return
    raise CorpusError(f"There is no uploaded file '{name}' here. 没有这个文件。")


def skipped_of(error: RagError, name: str) -> Skipped:
    """What became of an upload that was refused."""
    return Skipped(PurePosixPath(name.replace("\\", "/")).name[:120], str(error))


def _same_stem(name: str) -> list[str]:
    path = PurePosixPath(name)
    return [name, *(f"{path.stem}-{number}{path.suffix}" for number in range(2, 100))]


def _require_ours(collection: Collection) -> None:
    if not collection.uploaded:
        raise CorpusError(
            f"'{collection.name}' is your own folder {collection.folder}, which is only read; "
            "add or delete files there yourself, then index again. "
            "这是你自己的文件夹，程序不会改动。"
        )
