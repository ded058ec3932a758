"""Writes that either happen whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from rag.errors import RagError, os_reason


def fsync_dir(folder: Path) -> None:
    """Make a rename inside `folder` durable."""
    if os.name == "nt":  # opens no folders, and its file system keeps the order by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_file(path: Path) -> None:
    """Flush a file that somebody else has written."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write `data` to a new file beside `path`, fsync it, rename it over `path`.

    A link stays and its target is written; a pipe or a device is written to, not replaced.

    Raises:
        RagError: the disk is full or the folder cannot be written; `path` is untouched.
    """
    if path.is_symlink():
        path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        _write_through(path, data)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(mode=mode)
        with temporary.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
        fsync_dir(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise RagError(f"Cannot write {path}: {os_reason(error)}.") from error


def _write_through(path: Path, data: bytes) -> None:
    try:
        with path.open("wb", buffering=0) as handle:
            rest = memoryview(data)
            while rest:
                rest = rest[handle.write(rest) :]
    except BrokenPipeError:
        raise
    except OSError as error:
        raise RagError(f"Cannot write {path}: {os_reason(error, 'choose a file')}.") from error
