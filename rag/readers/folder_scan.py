"""What lies in a folder of notes: files to read, other files, links, what cannot be opened."""

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from rag.notes.note import Skipped
from rag.readers.other_formats import advice, is_of_a_system, kind_of, remark, several

_CLOUD = (
    "lies in iCloud and not on this computer; download it and index again. "
    "文件在 iCloud 上，请先下载。"
)
_IN_CLOUD = re.compile(r"\.(.+)\.icloud", re.DOTALL)
SIDECAR = ".points.yaml"  # key points that a learner keeps beside a note


@dataclass(frozen=True, slots=True)
class FolderScan:
    """One walk over a folder. Hidden files and folders are nobody's notes and left out.

    Attributes:
        files: what there is a reader for, and ZIP archives, sorted.
        unread: documents in formats that are not read, and folders that cannot be opened.
        remarks: sentences about what else is not read: links, pictures, recordings, other files.
        others: every path that the remarks are about.
    """

    files: tuple[Path, ...]
    unread: tuple[Skipped, ...]
    remarks: tuple[str, ...]
    others: tuple[str, ...] = ()


def scan_folder(corpus: Path, known: frozenset[str]) -> FolderScan:
    """Look at every file of a folder once; `known` are the suffixes that are read.

    No link is followed: one that leads to a place inside the folder would give the same note twice,
    and one that leads outside is named.
    """
    files: list[Path] = []
    unread: list[Skipped] = []
    links: list[str] = []
    hidden: list[str] = []
    others: dict[str, list[str]] = {}

    def closed(error: OSError) -> None:
        path = _relative(corpus, Path(os.fsdecode(error.filename)))
        unread.append(Skipped(path, f"{path} cannot be opened: {error.strerror}; none of it is "
                                    "read. 无法打开。"))  # fmt: skip

    for root, folders, names in os.walk(corpus, onerror=closed):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in [name for name in folders if Path(root, name).is_symlink()]:
            folders.remove(name)
            names.append(name)
        for name in names:
            path = Path(root, name)
            if cloud := _IN_CLOUD.fullmatch(name):
                shown = _relative(corpus, path.with_name(cloud[1]))
                unread.append(Skipped(shown, f"{shown} {_CLOUD}"))
                continue
            if name.startswith(".") or name.endswith(SIDECAR) or is_of_a_system(name):
                continue
            if path.is_symlink():
                if _leads_away(corpus, path):
                    links.append(_relative(corpus, path))
                elif _leads_to_hidden(corpus, path):
                    hidden.append(_relative(corpus, path))
            elif path.suffix.lower() in known:
                if is_file(path):
                    files.append(path)
                else:
                    others.setdefault("other files", []).append(_relative(corpus, path))
            elif is_file(path):
                said = advice(path.suffix)
                if said:
                    shown = _relative(corpus, path)
                    unread.append(Skipped(shown, f"{shown} {said}"))
                else:
                    others.setdefault(kind_of(path.suffix), []).append(_relative(corpus, path))
    remarks = [remark(kind, paths) for kind, paths in sorted(others.items())]
    if links:
        what = "links lead" if len(links) > 1 else "link leads"
        remarks.append(
            f"{several(links)}: the {what} outside of this folder or nowhere; copy what is meant "
            "into the folder, or make it a collection of its own. 指向外部的链接不会读取。"
        )
    if hidden:
        what = "links lead" if len(hidden) > 1 else "link leads"
        remarks.append(
            f"{several(hidden)}: the {what} to a hidden file or folder, which is not read; move "
            "what is meant to a place that is not hidden. 指向隐藏位置的链接不会读取。"
        )
    return FolderScan(
        tuple(sorted(files)),
        tuple(sorted(unread, key=lambda item: item.path)),
        tuple(remarks),
        tuple(sorted([*links, *hidden, *(path for paths in others.values() for path in paths)])),
    )


def is_file(path: Path) -> bool:
    """It is one, as far as can be told."""
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long
        return False


def printable(name: str) -> str:
    """A file name as text that can be stored; bytes that are no UTF-8 come as `\\xNN`."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def spellings(path: str) -> list[str]:
    """A path as it is given and in the two ways Unicode has to write it (a Mac's and others')."""
    forms = (path, unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path))
    return list(dict.fromkeys(forms))


def _relative(corpus: Path, path: Path) -> str:
    return printable(path.relative_to(corpus).as_posix())


def _leads_away(corpus: Path, link: Path) -> bool:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):  # leads nowhere, or in a circle
        return True
    return not target.is_relative_to(corpus.resolve())


def _leads_to_hidden(corpus: Path, link: Path) -> bool:
    """To a place inside the folder that the walk passes over."""
    target = link.resolve().relative_to(corpus.resolve())
    return any(part.startswith(".") for part in target.parts)
