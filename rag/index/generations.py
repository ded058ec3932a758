"""Generations of an index on disk, swapped in by rename: a reader sees the old or the new one.

index_dir/CURRENT            name of the live generation, replaced atomically
index_dir/gen-000007/        manifest.json, verified.json and the index's own files
index_dir/lock               held while somebody builds

The manifest holds each file's size and SHA-256. Sizes are compared at every load, so a cut file
is always found. Digests of files up to `SMALL` bytes are too; a larger file (a million passages
take gigabytes, seconds to hash) is hashed once and then trusted for as long as its size, inode
and time of change stay what `verified.json` remembers: every write to it changes that time.
Copied to another place, it is hashed again.
"""

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rag.errors import IndexUnusable, RagError
from rag.storage.atomic import fsync_dir, fsync_file, write_atomic

FORMAT = 8
OTHER_FORMAT = "This index has another format; build it again with `rag index`."
CURRENT = "CURRENT"
MANIFEST = "manifest.json"
VERIFIED = "verified.json"
SMALL = 4_000_000
_GENERATION = re.compile(r"gen-(\d{6,})")


def current_generation(folder: Path) -> str:
    """Name of the live generation.

    Raises:
        IndexUnusable: nothing has been indexed here.
    """
    try:
        name = (folder / CURRENT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise IndexUnusable("These notes are not indexed yet; run `rag index`.") from error
    if not _GENERATION.fullmatch(name):
        raise IndexUnusable(f"The index in {folder} is damaged; run `rag index`.")
    return name


def is_outdated(generation: Path) -> bool:
    """Written whole by another version of this program, whose format this one does not read."""
    try:
        return bool(json.loads((generation / MANIFEST).read_bytes())["format"] != FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False  # damaged: said when it is read


def generations(folder: Path) -> list[Path]:
    """All that lie there, the oldest first."""
    return sorted(path for path in folder.iterdir() if _GENERATION.fullmatch(path.name))


def is_whole(generation: Path) -> bool:
    """All notes are in it, of whichever format it is; not so where that cannot be read."""
    try:
        return read_so_far(dict(json.loads((generation / MANIFEST).read_bytes()))) is None
    except (OSError, ValueError, TypeError):
        return False


def read_manifest(generation: Path) -> dict[str, Any]:
    """What a generation says of itself.

    Raises:
        IndexUnusable: it is missing, damaged, or has another format.
    """
    try:
        manifest = json.loads((generation / MANIFEST).read_text(encoding="utf-8"))
        known = manifest["format"] == FORMAT
        complete = known and all(
            isinstance(manifest[name], kind)
            for name, kind in (("embedding", str), ("notes", dict), ("files", dict))
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexUnusable(
            f"The index in {generation} is damaged; build it again with `rag index`."
        ) from error
    if not known or not complete:
        raise IndexUnusable(OTHER_FORMAT)
    return dict(manifest)


def read_so_far(manifest: Mapping[str, Any]) -> tuple[int, int] | None:
    """How many notes are in a first index that still grows, of how many; None: it is whole."""
    match manifest.get("read_so_far"):
        case [int(read), int(expected)]:
            return read, expected
    return None


def verify_files(generation: Path, manifest: dict[str, Any]) -> None:
    """Compare a generation's files with its manifest; what was hashed is remembered.

    Raises:
        IndexUnusable: a file is missing, cut short or changed.
    """
    stamps = _verified_stamps(generation)
    seen: dict[str, list[int]] = {}
    for relative, (size, digest) in manifest["files"].items():
        path = generation / relative
        if not path.is_file() or path.stat().st_size != size:
            raise _damaged(path)
        if size > SMALL:
            seen[relative] = _stamp(path)
            if stamps.get(relative) == seen[relative]:
                continue
        if file_digest(path) != digest:
            raise _damaged(path)
    if seen != stamps:
        with suppress(RagError):  # on read-only media it is hashed again next time
            write_atomic(generation / VERIFIED, json.dumps(seen).encode())


@contextmanager
def new_generation(folder: Path, manifest: dict[str, Any]) -> Iterator[Path]:
    """A folder to build in; on leaving it becomes the live generation, on an error it vanishes.

    The manifest may be filled until the end; the files' sizes and digests are added here.

    Raises:
        OSError: the disk is full.
    """
    numbers = [int(m[1]) for path in folder.iterdir() if (m := _GENERATION.fullmatch(path.name))]
    name = f"gen-{max(numbers, default=0) + 1:06d}"
    building = folder / f".building-{name}"
    _sweep(folder)
    building.mkdir()
    try:
        try:
            yield building
        except (RuntimeError, sqlite3.OperationalError) as error:
            if not _is_failed_write(error):
                raise
            raise OSError(None, "the write failed, the disk may be full") from error
        files = sorted(path for path in building.rglob("*") if path.is_file())
        manifest["files"] = {
            path.relative_to(building).as_posix(): [path.stat().st_size, file_digest(path)]
            for path in files
        }
        for path in files:
            fsync_file(path)
        large = {name: _stamp(building / name) for name, (n, _) in manifest["files"].items()
                 if n > SMALL}  # fmt: skip
        (building / VERIFIED).write_text(json.dumps(large), encoding="utf-8")
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        write_atomic(building / MANIFEST, text.encode())
        building.rename(folder / name)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    fsync_dir(folder)
    write_atomic(folder / CURRENT, f"{name}\n".encode())
    _sweep(folder, keep=2)


def _is_failed_write(error: Exception) -> bool:
    """So SQLite (by its primary code) and faiss (by its words alone) report one."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        return code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
    return re.search("write error|for writing", str(error)) is not None


def file_digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _stamp(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_ino, stat.st_mtime_ns]


def _verified_stamps(generation: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((generation / VERIFIED).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _damaged(path: Path) -> IndexUnusable:
    return IndexUnusable(f"The index file {path} is damaged; build it again with `rag index`.")


def _sweep(folder: Path, keep: int | None = None) -> None:
    """Remove what killed builds left behind and, with `keep`, all but the newest generations."""
    for path in folder.glob(".building-*"):
        shutil.rmtree(path, ignore_errors=True)
    if keep is not None:
        for path in generations(folder)[:-keep]:
            shutil.rmtree(path, ignore_errors=True)
