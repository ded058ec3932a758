"""One SQLite file: WAL, migrations, one transaction a block, every failure in one sentence."""

import errno
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from rag.errors import RagError, os_reason
from rag.storage.sqlite import open_journalled

_SENTENCES = {
    sqlite3.SQLITE_IOERR: "ran into an error of its disk; free some space or check the disk, then "
    "try again. 磁盘出错，请释放空间或检查磁盘",
    sqlite3.SQLITE_BUSY: "is being written by another program; wait for it or end it, then try "
    "again. 正被其他程序占用，请稍后再试",
    sqlite3.SQLITE_LOCKED: "is being written by another program; wait for it or end it, then try "
    "again. 正被其他程序占用，请稍后再试",
    sqlite3.SQLITE_FULL: "cannot grow because the disk is full; free some space, then try again. "
    "磁盘已满，请先清理空间",
    sqlite3.SQLITE_READONLY: "may not be written; correct its permissions, then try again. "
    "没有写入权限",
    sqlite3.SQLITE_CORRUPT: "is damaged; move it away and a new one is begun. 文件已损坏，请移走",
    sqlite3.SQLITE_NOTADB: "is damaged; move it away and a new one is begun. 文件已损坏，请移走",
}


class Database:
    """A SQLite file of one kind. Safe to share between threads; opened anew for each block.

    Args:
        what: what the file holds, as the sentences of errors name it.
        migrations: one list of statements a version; `PRAGMA user_version` counts those run.
        busy_s: seconds to wait for another writer.
    """

    def __init__(
        self, path: Path, what: str, migrations: Sequence[Sequence[str]], busy_s: float = 10.0
    ) -> None:
        self.path = path
        self._what = what
        self._migrations = migrations
        self._busy_s = busy_s
        self._lock = threading.Lock()

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one transaction: committed at the end, undone by an exception.

        Raises:
            RagError: the file is locked, damaged, of a newer version, or the disk is full.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                self.path.touch(mode=0o600)  # what people ask is theirs alone
            with closing(open_journalled(self.path, self._busy_s)) as database:
                database.execute("PRAGMA foreign_keys=ON")
                database.execute("PRAGMA secure_delete=ON")  # deleted means gone
                self._migrate(database)
                with database:
                    yield database
        except (sqlite3.Error, OSError) as error:
            raise RagError(f"The {self._what} {self.path} {_reason(error)}.") from error

    def _migrate(self, database: sqlite3.Connection) -> None:
        if _version(database) == len(self._migrations):
            return  # looked up each time: the file may have been moved away since the last
        with self._lock:
            database.isolation_level = None
            database.execute("BEGIN IMMEDIATE")
            try:
                done = _version(database)
                if done > len(self._migrations):
                    raise RagError(
                        f"The {self._what} {self.path} was written by a newer version; "
                        "update this program."
                    )
                for statements in self._migrations[done:]:
                    for statement in statements:
                        database.execute(statement)
                database.execute(f"PRAGMA user_version = {len(self._migrations)}")
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:  # a full disk has undone it already
                    database.execute("ROLLBACK")
                raise
            finally:
                database.isolation_level = "DEFERRED"


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _reason(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            advice = os_reason(error, "set RAG_DATA_DIR to another folder")
            return f"cannot be used: {advice}. 无法使用，请检查位置和权限"
        code = sqlite3.SQLITE_FULL
    else:
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF  # the extended codes' kind
    return _SENTENCES.get(
        code, f"cannot be used ({error}); correct its permissions or set RAG_DATA_DIR to another "
        "folder, then try again. 无法使用，请检查位置和权限",
    )  # fmt: skip
