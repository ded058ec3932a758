"""A file that several programs change: one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from rag.errors import RagError, os_reason

LOCK_S = 10.0  # another command changes such a file in milliseconds


@contextmanager
def locked(path: Path, what: str, verb: str) -> Iterator[None]:
    """Nobody else changes `path` meanwhile.

    Args:
        what: names the file in an error, before its path.
        verb: "is" or "are", as fits it.

    Raises:
        RagError: another program keeps it, or its folder cannot be written.
    """
    lock = filelock.FileLock(path.with_suffix(".lock"), timeout=LOCK_S)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout as error:
        raise RagError(
            f"{what} {path} {verb} being changed by another program; wait for it or end it, then "
            "try again. 正被其他程序占用，请稍后再试。"
        ) from error
    except OSError as error:
        reason = os_reason(error, "set RAG_DATA_DIR to another folder")
        raise RagError(f"{what} {path} cannot be changed: {reason}.") from error
    try:
        yield
    finally:
        lock.release()
