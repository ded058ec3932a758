"""Reading in a process of its own: a file that hangs, crashes or devours memory is one left out.

The parsers behind the readers are large, some of them in C, and meet files of any origin. They run
in a worker (`worker.py` beside this) that is started from a clean interpreter, reads many files,
knows none of our secrets and is replaced when a file was too much for it. What it says is taken
as data only: JSON of limited length whose every field is checked.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rag.errors import RagError
from rag.limits import ReadLimits
from rag.notes.note import MOST_GAPS, Content, Note, Skipped
from rag.readers.isolation.protocol import (
    BUSY,
    OUT_OF_MEMORY,
    READY,
    FrameError,
    ReadReply,
    receive_frame,
    reply_bytes,
    send_frame,
)

PageProgress = Callable[[int, int], None]  # pages done, in all
WORKER = "rag.readers.isolation.worker"
_CAN_HAND_OVER = os.name == "posix"  # a socket to another process
_START_S = 60.0
_GRACE_S = 0.5
_LONGEST_REASON = 10_000  # characters; it names the file, whose path may be long
_PASSED_ON = ("LANG", "LC_ALL", "LD_LIBRARY_PATH")  # of the environment; it holds keys as well


class Worker:
    """One process that reads, started when it is needed and anew after it was lost.

    Used by one thread at a time: each `send` is followed by a `receive`.

    Args:
        module: what the process runs.
        late: is told the file that took too long, and what was said of it.
    """

    def __init__(
        self,
        limits: ReadLimits,
        module: str = WORKER,
        late: Callable[[Content, str], None] = lambda file, reason: None,
    ) -> None:
        self.limits = limits
        self._module = module
        self._late = late
        self._process: subprocess.Popen[bytes] | None = None
        self._connection = socket.socket()
        self._greeted = False
        self._reading: Content | None = None
        self._began = 0.0

    @property
    def reading(self) -> bool:
        """A file was sent whose note was not received yet."""
        return self._reading is not None

    def send(self, file: Content) -> None:
        """Hand over a file.

        Raises:
            RagError: the worker cannot be started.
        """
        if self._process is None or self._process.poll() is not None:
            self._start()
        self._reading, self._began = file, time.monotonic()
        self._connection.settimeout(_START_S)
        with suppress(OSError):  # what befell it shows when the reply is waited for
            send_frame(self._connection, file.path.encode())
            send_frame(self._connection, file.data)

    def receive(self, on_page: PageProgress = lambda done, total: None) -> Note | Skipped:
        """The note in the file that was sent, or why it is left out.

        A reader that says how far it is has its time again for every page.

        Raises:
            RagError: the worker cannot be started.
        """
        file = self._reading
        assert file is not None
        seconds = self.limits.seconds
        try:
            self._greet()
            # The caller may have been away for longer; a reply that waits for it is in time.
            left = max(self._began + seconds - time.monotonic(), _GRACE_S)
            most = reply_bytes(self.limits)
            reply = receive_frame(self._connection, most, left, seconds)
            for _ in range(self.limits.pages):  # it cannot be busy for ever
                if not reply.startswith(BUSY):
                    break
                done, total = map(int, reply.removeprefix(BUSY).split())
                on_page(done, total)
                reply = receive_frame(self._connection, most, seconds, seconds)
            read = checked_reply(file.path, reply)
            self._reading = None
            return read
        except TimeoutError:
            reason = (
                f"{file.path} took longer than {seconds:g} s to read; split it, or "
                "raise RAG_MAX_READ_S. 读取超时，请拆分。"
            )
            self._late(file, reason)
        except (EOFError, OSError):
            reason = self._lost(file.path)
        except (FrameError, ValidationError, ValueError):
            reason = _crashed(file.path)
        self.close()
        return Skipped(file.path, reason)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._connection.close()
        self._reading = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process = None

    def _start(self) -> None:
        if not _CAN_HAND_OVER:
            raise RagError(
                "Notes are read in a process of their own, which needs Linux or macOS; under "
                "Windows run this in WSL. Windows 请在 WSL 中使用。"
            )
        self.close()
        ours, theirs = socket.socketpair()
        paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path)
        known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", self._module, str(theirs.fileno()),
                     json.dumps(asdict(self.limits))],
                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=(theirs.fileno(),),
                    env={**known, "PYTHONPATH": paths}, cwd="/",
                    start_new_session=True,  # Ctrl-C is the parent's business
                )  # fmt: skip
        except OSError as error:
            ours.close()
            raise RagError(f"The process that reads notes cannot be started: {error}.") from error
        self._connection, self._greeted = ours, False

    def _greet(self) -> None:
        """Wait for a new worker; a file's time runs only from then on."""
        if self._greeted:
            return
        with suppress(FrameError, EOFError, OSError):
            self._greeted = receive_frame(self._connection, len(READY), _START_S, 1.0) == READY
        if not self._greeted:
            self.close()
            raise RagError(
                "The process that reads notes does not start; install again with `make`. "
                "读取进程无法启动，请重新安装。"
            )
        self._began = time.monotonic()

    def _lost(self, path: str) -> str:
        """Why the process has ended."""
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            status = self._process.wait(1)
            if status in {OUT_OF_MEMORY, -signal.SIGKILL}:  # SIGKILL: the kernel's, if not ours
                return (
                    f"{path} needs more than {self.limits.memory_bytes // 1_000_000} MB of memory "
                    "to read, or more than there is; split it. 读取所需内存过多，请拆分。"
                )
        return _crashed(path)


def checked_reply(path: str, reply: bytes) -> Note | Skipped:
    """What a reply says of the file at `path`, once every field of it holds.

    Raises:
        ValueError: it is no such reply.
    """
    found = _replies().validate_json(reply, strict=True)
    if found.note is None:
        if not 0 < len(found.refused) <= _LONGEST_REASON:
            raise ValueError("a reason that is none")
        return Skipped(path, found.refused)
    gaps = found.note.gaps
    if len(gaps) > MOST_GAPS or any(not 0 < len(gap) <= _LONGEST_REASON for gap in gaps):
        raise ValueError("gaps that are none")
    size, end = len(found.note.text), 0
    for block in found.note.blocks:
        inside = end <= block.start < block.end <= size
        if not inside or any(not block.start < at < block.end for at in block.breaks):
            raise ValueError("a block that is none")
        end = block.end
    return replace(found.note, path=path)


def _crashed(path: str) -> str:
    return (
        f"{path} makes its reader crash; save it again or in another format. 读取程序崩溃，请另存。"
    )


@cache
def _replies() -> TypeAdapter[ReadReply]:
    return TypeAdapter(ReadReply)
