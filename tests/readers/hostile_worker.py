"""The worker that reads notes, with a reader of `.txt` that does the harm its file names."""

import os
import signal
import socket
import struct
import sys

from pydantic_core import to_json

from rag import readers
from rag.limits import ReadLimits
from rag.notes.note import Block, Note
from rag.readers.isolation import worker


def harm(relative: str, data: bytes, limits: ReadLimits) -> Note:
    """Whatever the file says."""
    word = data.decode()
    connection = socket.socket(fileno=os.dup(int(sys.argv[1])))
    note = {"path": relative, "title": "t", "text": "text", "blocks": [], "meta": {}}
    match word:
        case "abort":
            os.abort()
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "leave":
            os._exit(0)
        case "memory":
            return Note(relative, word, str(bytearray(1 << 40)), ())
        case "noise":
            connection.sendall(b"\x80\x04noise" * 100)
        case "long":
            connection.sendall(struct.pack(">Q", 1 << 40))
        case "short":
            connection.sendall(struct.pack(">Q", 1000) + b"{")
            os._exit(0)
        case "no json":
            worker.send_frame(connection, b"{'note'")
        case "types":
            worker.send_frame(connection, to_json({"note": {**note, "title": 7}, "refused": ""}))
        case "no reason":
            worker.send_frame(connection, to_json({"note": None, "refused": ""}))
        case "endless reason":
            worker.send_frame(connection, to_json({"note": None, "refused": "x" * 100_000}))
        case "extra path":
            return Note("../../etc/passwd", word, "text", ())
        case "outside":
            return Note(relative, word, "text", (Block("text", 0, 5),))
        case "break outside":
            return Note(relative, word, "text", (Block("text", 0, 4, breaks=(9,)),))
        case "environment":
            return Note(relative, word, repr(dict(os.environ)), ())
    raise ValueError(word)


if __name__ == "__main__":
    readers.READERS[".txt"] = harm
    worker.main()
