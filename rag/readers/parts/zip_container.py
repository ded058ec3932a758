"""Zip containers (DOCX, PPTX, EPUB, ZIP): opened only after their table of contents is checked."""

import io
import stat
import zipfile
from pathlib import Path

from rag.errors import CorpusError
from rag.limits import ReadLimits

_OLE = b"\xd0\xcf\x11\xe0"  # how Office packs locked files
_SMALL = 1_000_000  # bytes; below this any ratio is harmless
_PER_FILE = 1_000  # bytes of a file's line in the table of contents
_TAIL = 65_557  # bytes; zipfile looks for the end of a package in so many
# bzip2 and LZMA may ask for gigabytes of memory before the first byte comes.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _Source(io.BufferedReader):
    """The bytes of a package. Opening it reads its end and its table of contents, each at once: a
    longer read than `longest` is refused with `refusal` before anything is read."""

    longest: int | None = None
    refusal = ""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.longest is not None and size is not None and size > self.longest:
            raise CorpusError(self.refusal)
        return super().read(size)


class _Package(zipfile.ZipFile):
    """A zip file that closes what it was opened over."""

    def __init__(self, file: _Source, relative: str, limits: ReadLimits) -> None:
        self._source = file
        file.longest = max(_PER_FILE * limits.files, _TAIL)
        file.refusal = f"{relative} holds too many files; the limit is {limits.files}."
        try:
            super().__init__(file)
        except BaseException:
            file.close()
            raise
        file.longest = None

    def close(self) -> None:
        super().close()
        self._source.close()


def open_package(relative: str, source: bytes | Path, limits: ReadLimits) -> zipfile.ZipFile:
    """A zip file that unpacks to no more than the limits allow.

    `zipfile` never unpacks more of a file than its header states, so the stated sizes can be
    trusted as limits even where they lie.

    Raises:
        CorpusError: not a zip file, or a bomb: too many files, too large or too densely packed.
    """
    if isinstance(source, bytes) and source.startswith(_OLE):
        raise CorpusError(
            f"{relative} is locked by a password or in an old Office format; save it again without."
        )
    try:
        file = _Source(io.BytesIO(source) if isinstance(source, bytes) else source.open("rb", 0))
        package = _Package(file, relative, limits)
    except CorpusError:
        raise
    except Exception as error:  # BadZipFile, struct.error, OverflowError, ValueError, …
        raise CorpusError(f"{relative} is damaged; save it again.") from error
    try:
        _check(relative, package, limits)
    except CorpusError:
        package.close()
        raise
    return package


def _check(relative: str, package: zipfile.ZipFile, limits: ReadLimits) -> None:
    infos = package.infolist()
    if len(infos) > limits.files:
        raise CorpusError(f"{relative} holds {len(infos)} files; the limit is {limits.files}.")
    unpacked = sum(info.file_size for info in infos)
    if unpacked > limits.unpacked_bytes:
        raise CorpusError(
            f"{relative} unpacks to {unpacked} bytes; the limit is {limits.unpacked_bytes}."
        )
    for info in infos:
        if info.file_size > _SMALL and info.file_size > limits.ratio * info.compress_size:
            raise CorpusError(
                f"{relative} holds a file packed more than {limits.ratio} times, as zip bombs do."
            )


def read_member(relative: str, package: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of one file of a checked package.

    Raises:
        CorpusError: encrypted, damaged, or packed by a method other than deflate.
    """
    if info.flag_bits & 0x1:
        raise CorpusError(f"{relative} is encrypted; save it without a password.")
    if info.compress_type not in _METHODS:
        raise CorpusError(f"{relative} is packed by an unusual method; pack it as plain ZIP.")
    try:
        return package.read(info)
    except Exception as error:  # zlib.error, BadZipFile, EOFError, struct.error, …
        raise CorpusError(f"{relative} is damaged; pack it again.") from error


def check_markup(relative: str, package: zipfile.ZipFile, limits: ReadLimits) -> None:
    """Refuse what office parsers would choke on: huge or entity-defining XML parts.

    Raises:
        CorpusError: a part is larger than a file may be, has a DTD, or cannot be unpacked.
    """
    for info in package.infolist():
        if not info.filename.lower().endswith((".xml", ".rels")):
            if info.compress_type not in _METHODS or info.flag_bits & 0x1:
                raise CorpusError(f"{relative} is damaged or encrypted; save it again.")
            continue
        if info.file_size > limits.file_bytes:
            raise CorpusError(
                f"{relative} holds a part of {info.file_size} bytes; "
                f"the limit is {limits.file_bytes}."
            )
        data = read_member(relative, package, info)
        # A DTD in UTF-16 has a NUL between its letters.
        if b"<!DOCTYPE" in (plain := data.replace(b"\0", b"")) or b"<!ENTITY" in plain:
            raise CorpusError(f"{relative} defines XML entities, which office files never do.")


def is_link(info: zipfile.ZipInfo) -> bool:
    """A symbolic link packed by a Unix archiver."""
    return stat.S_ISLNK(info.external_attr >> 16)
