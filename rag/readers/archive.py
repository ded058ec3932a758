"""ZIP archives of notes: every file in one is a note of its own, at `archive.zip/inner/path.md`.

Nothing is ever unpacked to disk, so a name such as `../../x` cannot write anywhere; it is refused
because such a note could not be named.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path, PurePosixPath

from rag.errors import CorpusError
from rag.limits import ReadLimits
from rag.notes.note import Content, Skipped
from rag.readers import suffixes
from rag.readers.other_formats import advice, is_of_a_system, kind_of, remark, several
from rag.readers.parts.decoding import decode_names
from rag.readers.parts.zip_container import is_link, open_package, read_member

SUFFIX = ".zip"
_UTF8_NAME = 0x800
_NAME_FIELD = 0x7075  # Info-ZIP's "Unicode path"


def archive_contents(path: Path, relative: str, limits: ReadLimits) -> Iterator[Content | Skipped]:
    """Every note's bytes, in the archive's order; what cannot be unpacked comes as `Skipped`.

    Raises:
        CorpusError: the archive itself is damaged or a bomb.
    """
    with open_package(relative, path, limits) as package:
        found = False
        for name, info in _members(package):
            found = True
            shown = f"{relative}/{name}"
            try:
                yield _content(shown, name, package, info, limits)
            except CorpusError as error:
                yield Skipped(shown, str(error))
        yield from _unread(relative, package)
        if not found:
            raise CorpusError(f"{relative} holds no notes ({', '.join(sorted(suffixes()))}).")


def archived_content(path: Path, relative: str, inner: str, limits: ReadLimits) -> Content:
    """The bytes of one note of the archive at `path`, by its path inside.

    Raises:
        CorpusError: no such file in the archive, or it cannot be unpacked.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise CorpusError(f"{relative} cannot be read: {error.strerror}.") from error
    package, members = _opened(path, relative, (status.st_mtime_ns, status.st_size), limits)
    if inner not in members:
        raise CorpusError(
            f"There is no note '{relative}/{inner[:200]}'; it may have been moved. Run `rag index`."
        )
    return _content(f"{relative}/{inner}", inner, package, members[inner], limits)


@lru_cache(maxsize=4)
def _opened(
    path: Path, relative: str, stamp: tuple[int, int], limits: ReadLimits
) -> tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]:
    """An archive kept open: reading its notes one by one must not list it again for each.

    `stamp` (time and size) tells a changed archive from the one that was opened.
    """
    package = open_package(relative, path, limits)
    return package, dict(_members(package))


def _members(package: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Names and files that readers exist for; folders, links, hidden files and copies left out."""
    seen = set()
    for name, info in _named(package):
        known = PurePosixPath(name).suffix.lower() in suffixes() | {SUFFIX}
        if name.endswith("/") or is_link(info) or _is_hidden(name) or not known or name in seen:
            continue
        seen.add(name)
        yield name, info


def _unread(relative: str, package: zipfile.ZipFile) -> Iterator[Skipped]:
    """What nobody reads: documents one by one, other files by their kind, links and copies."""
    others: dict[str, list[str]] = {}
    links: list[str] = []
    copies: list[str] = []
    seen: set[str] = set()
    for name, info in _named(package):
        suffix = PurePosixPath(name).suffix
        if (
            not name
            or name.endswith("/")
            or _is_hidden(name)
            or is_of_a_system(PurePosixPath(name).name)
        ):
            continue
        shown = f"{relative}/{name}"
        if is_link(info):
            links.append(shown)
        elif name in seen:
            copies.append(shown)
        elif said := advice(suffix):
            yield Skipped(shown, f"{shown} {said}")
        elif suffix.lower() not in suffixes() | {SUFFIX}:
            others.setdefault(kind_of(suffix), []).append(shown)
        seen.add(name)
    for kind, paths in sorted(others.items()):
        yield Skipped(several(paths), remark(kind, paths))
    for paths, why in (
        (links, "links in an archive are not followed; pack what they lead to. 链接不会读取。"),
        (copies, "of files with one name only the first is read. 重名文件只读取第一个。"),
    ):
        if paths:
            yield Skipped(several(paths), f"{several(paths)}: {why}")


def _is_hidden(name: str) -> bool:
    parts = name.split("/")
    return any((p.startswith(".") and p.strip(".")) or p == "__MACOSX" for p in parts)


def _named(package: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Every file with its name; Chinese Windows writes names in GBK or Big5 without saying so."""
    infos = package.infolist()
    unsaid = [info for info in infos if not info.flag_bits & _UTF8_NAME and not _extra_name(info)]
    # Of names in code page 437, which zipfile takes them for, every byte is a letter.
    names = decode_names([info.filename.encode("cp437", "replace") for info in unsaid])
    told = dict(zip(map(id, unsaid), names or [info.filename for info in unsaid], strict=True))
    for info in infos:
        name = told.get(id(info)) or _extra_name(info) or info.filename
        yield name.replace("\\", "/"), info


def _extra_name(info: zipfile.ZipInfo) -> str:
    """The name in UTF-8 that some programs put beside one in another encoding; "" for none."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _NAME_FIELD and len(body) > 5 and body[0] == 1:
            of = zlib.crc32(info.orig_filename.encode("cp437", "replace"))
            if body[1:5] == struct.pack("<L", of):  # else the file was renamed after it
                with suppress(UnicodeDecodeError):
                    return body[5:].decode("utf-8")
    return ""


def _content(
    shown: str, name: str, package: zipfile.ZipFile, info: zipfile.ZipInfo, limits: ReadLimits
) -> Content:
    parts = name.split("/")
    if ".." in parts or "." in parts or "" in parts or re.match(r"[A-Za-z]:", name):
        raise CorpusError(f"{shown} names a place outside of its archive; it is not read.")
    if PurePosixPath(name).suffix.lower() == SUFFIX:
        raise CorpusError(f"{shown} is an archive in an archive; unpack it.")
    if info.file_size > limits.file_bytes:
        raise CorpusError(f"{shown} has {info.file_size} bytes; the limit is {limits.file_bytes}.")
    return Content(shown, read_member(shown, package, info))
