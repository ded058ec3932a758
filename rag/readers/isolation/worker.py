"""The process that parses: bytes of files come in, notes or refusals go out, as data only.

Run by `parent.py` as `python -m rag.readers.isolation.worker SOCKET LIMITS`. A file may hang,
crash or exhaust this process; nothing but this process is lost then.
"""

import json
import logging
import os
import select
import socket
import sys
import threading
import warnings
from contextlib import suppress

from pydantic_core import to_json

from rag.errors import CorpusError
from rag.limits import ReadLimits
from rag.readers import read_bytes
from rag.readers.isolation.protocol import (
    BUSY,
    OUT_OF_MEMORY,
    READY,
    ReadReply,
    receive_frame,
    reply_bytes,
    send_frame,
)
from rag.readers.parts.long_work import listen

_LIFELINE = 0  # stdin: nothing is ever written to it, it only ends when the parent does


def main() -> None:
    """Answer until the parent closes the connection or is gone."""
    _die_with_parent()
    connection = socket.socket(fileno=int(sys.argv[1]))
    limits = ReadLimits(**json.loads(sys.argv[2]))
    limit_memory(limits.memory_bytes)
    send_frame(connection, READY)
    listen(lambda done, total: send_frame(connection, BUSY + f"{done} {total}".encode()))
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
        reply = to_json(ReadReply(note=read_bytes(relative, data, limits)))
        if len(reply) <= reply_bytes(limits):
            return reply
        refused = (
            f"{relative} has too many paragraphs, lines or cells; split it. 内容太多，请拆分。"
        )
    except CorpusError as error:
        refused = str(error)
    return to_json(ReadReply(refused=refused))


def limit_memory(memory_bytes: int) -> None:
    """Of the address space, and no core dumps, as far as the system knows such limits."""
    import resource

    allowed = resource.getrlimit(resource.RLIMIT_AS)[1]  # by `ulimit -v`, say
    most = memory_bytes if allowed < 0 else min(memory_bytes, allowed)
    with suppress(ValueError, OSError):  # macOS refuses it
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _die_with_parent() -> None:
    """Let the kernel end this process when the parent's end of the lifeline closes.

    Whatever a parser is doing then, even without letting Python run. The parent-death signal of
    `prctl` would not do: it comes as soon as the thread that started this process ends.
    """
    import fcntl

    try:
        fcntl.fcntl(_LIFELINE, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(_LIFELINE, fcntl.F_GETFL)
        fcntl.fcntl(_LIFELINE, fcntl.F_SETFL, flags | os.O_ASYNC)  # SIGIO, which ends a process
    except OSError:  # a system where pipes send no signal: as soon as Python runs
        threading.Thread(target=_end_with_lifeline, daemon=True).start()
    if select.select([_LIFELINE], [], [], 0)[0]:  # it closed before that
        sys.exit()


def _end_with_lifeline() -> None:
    os.read(_LIFELINE, 1)
    os._exit(0)


if __name__ == "__main__":
    main()
