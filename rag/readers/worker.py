"""The process that parses: bytes of files come in, notes or refusals go out, as data only.

Run by `rag/readers/isolated.py` as `python -m rag.readers.worker SOCKET LIMITS`. A file may hang,
crash or exhaust this process; nothing but this process is lost then.
"""

import fcntl
import json
import logging
import os
import resource
import select
import socket
import struct
import sys
import time
import warnings
from dataclasses import dataclass

from pydantic_core import to_json

from rag.errors import CorpusError
from rag.limits import ReadLimits
from rag.notes import Note
from rag.readers import read_bytes

READY = b"ready"
OUT_OF_MEMORY = 77  # exit status
_LENGTH = struct.Struct(">Q")
_LIFELINE = 0  # stdin: nothing is ever written to it, it only ends when the parent does


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a file: a note, or one sentence that says why not."""

    note: Note | None = None
    refused: str = ""


class FrameError(Exception):
    """The other side announces more than it may send."""


def send_frame(connection: socket.socket, payload: bytes) -> None:
    connection.sendall(_LENGTH.pack(len(payload)))
    connection.sendall(payload)


def receive_frame(
    connection: socket.socket, most: int, begins_s: float | None = None, takes_s: float = 0.0
) -> bytes:
    """One frame of at most `most` bytes; no memory is set aside for a longer one.

    With `begins_s` it must begin within so many seconds, and then be here within `takes_s`.

    Raises:
        FrameError: the frame is longer.
        EOFError: the other side has closed.
        OSError: as sockets do; TimeoutError.
    """
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size, begins_s))
    if length > most:
        raise FrameError(f"{length} bytes announced, {most} allowed")
    return bytes(_exactly(connection, length, None if begins_s is None else takes_s))


def _exactly(connection: socket.socket, length: int, seconds: float | None) -> bytearray:
    end = None if seconds is None else time.monotonic() + seconds
    data = bytearray(length)
    place = memoryview(data)
    while place:
        if end is not None and (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
        elif end is not None:
            raise TimeoutError
        count = connection.recv_into(place)
        if not count:
            raise EOFError
        place = place[count:]
    return data


def reply_bytes(limits: ReadLimits) -> int:
    """How long a reply may be: all the text that may be drawn from a file, and its blocks."""
    return 4 * max(limits.file_bytes, limits.text_chars) + 1_000_000


def main() -> None:
    """Answer until the parent closes the connection or is gone."""
    _die_with_parent()
    connection = socket.socket(fileno=int(sys.argv[1]))
    limits = ReadLimits(**json.loads(sys.argv[2]))
    allowed = resource.getrlimit(resource.RLIMIT_AS)[1]  # by `ulimit -v`, say
    most = limits.memory_bytes if allowed < 0 else min(limits.memory_bytes, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    send_frame(connection, READY)
    # What parsers have to say about a damaged file is not for the user's terminal.
    logging.disable()
    warnings.simplefilter("ignore")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    while True:
        try:
            relative = receive_frame(connection, limits.file_bytes).decode()
            data = receive_frame(connection, limits.file_bytes)
        except (EOFError, ConnectionError):
            return
        try:
            reply = _reply(relative, data, limits)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        send_frame(connection, reply)


def _reply(relative: str, data: bytes, limits: ReadLimits) -> bytes:
    try:
        reply = to_json(Reply(note=read_bytes(relative, data, limits)))
        if len(reply) <= reply_bytes(limits):
            return reply
        refused = (
            f"{relative} has too many paragraphs, lines or cells; split it. 内容太多，请拆分。"
        )
    except CorpusError as error:
        refused = str(error)
    return to_json(Reply(refused=refused))


def _die_with_parent() -> None:
    """Let the kernel end this process when the parent's end of the lifeline closes.

    Whatever a parser is doing then, even without letting Python run. The parent-death signal of
    `prctl` would not do: it comes as soon as the thread that started this process ends.
    """
    fcntl.fcntl(_LIFELINE, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(_LIFELINE, fcntl.F_GETFL)
    fcntl.fcntl(_LIFELINE, fcntl.F_SETFL, flags | os.O_ASYNC)  # SIGIO, which ends a process
    if select.select([_LIFELINE], [], [], 0)[0]:  # it closed before that
        sys.exit()


if __name__ == "__main__":
    main()
