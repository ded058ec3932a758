"""Every way in which this program opens SQLite.

`Database` (database.py) is for what people wrote: WAL, migrations, sentences for what goes wrong.
These are for files that can be made again: written once, only read, or kept from run to run.
"""

import sqlite3
from pathlib import Path
from urllib.parse import quote

_BUSY_S = 30.0


def open_journalled(
    path: Path, busy_s: float = _BUSY_S, shared: bool = False
) -> sqlite3.Connection:
    """A file that several processes may read and write; made if it is missing.

    Args:
        shared: the caller sees to it that only one thread uses the connection at a time.
    """
    connection = sqlite3.connect(path, timeout=busy_s, check_same_thread=not shared)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def open_immutable(path: Path) -> sqlite3.Connection:
    """A file that is not written any more; read without locks, by one thread at a time."""
    return _unjournalled(f"file:{quote(str(path))}?mode=ro&immutable=1")


def open_scratch(path: Path | None = None, must_exist: bool = False) -> sqlite3.Connection:
    """A file that one process writes, or memory (None), for one thread at a time.

    Without a journal: whoever makes it throws a half-written one away, and syncs a whole one.
    """
    if path is None:
        return _unjournalled(":memory:")
    return _unjournalled(f"file:{quote(str(path))}?mode={'rw' if must_exist else 'rwc'}")


def _unjournalled(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, check_same_thread=False, timeout=_BUSY_S)
    try:
        for setting in ("cache_size = -4096", "journal_mode = OFF", "synchronous = OFF"):
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
