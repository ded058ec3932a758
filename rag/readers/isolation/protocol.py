"""Frames of limited length between the process that reads files and its parent."""

import socket
import struct
import time
from dataclasses import dataclass

from rag.limits import ReadLimits
from rag.notes.note import Note

READY = b"ready"


BUSY = b"busy "  # a frame that begins so: pages done and in all, and the reply is still to come


OUT_OF_MEMORY = 77  # exit status


_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class ReadReply:
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
