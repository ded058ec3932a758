"""The worker that reads notes; its reader of `.md` takes as long as the file's name says."""

import time
from pathlib import PurePosixPath

from rag import readers
from rag.limits import ReadLimits
from rag.notes.note import Note
from rag.readers.isolation import worker
from rag.readers.parts.long_work import going_on


def slow(relative: str, data: bytes, limits: ReadLimits) -> Note:
    """`5.md`: five pages, each within the time of a file; `hang.md`: no word, and no end."""
    name = PurePosixPath(relative).stem
    if name == "hang":
        time.sleep(600)
    pages = int(name)
    for page in range(pages):
        going_on(page, pages)
        time.sleep(0.3 if pages < 50 else 0)
    return Note(relative, name, data.decode(), ())


if __name__ == "__main__":
    readers.READERS[".md"] = slow
    worker.main()
