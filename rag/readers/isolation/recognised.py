"""Files whose text was recognised in pictures, kept: that takes seconds a page.

They are read at every `rag index` and whenever one of their citations is opened.
"""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from pydantic_core import to_json

from rag.errors import RagError
from rag.limits import ReadLimits
from rag.notes.note import Content, Note
from rag.readers.isolation.protocol import ReadReply
from rag.storage.atomic import write_atomic

_VERSION = "2"  # of what is made of a page's picture


def place(file: Content, limits: ReadLimits) -> Path | None:
    """Where such a file's note is kept; None where none is."""
    if not limits.ocr or not limits.ocr_folder:
        return None
    digest = sha256(file.data).hexdigest()
    return Path(limits.ocr_folder) / f"{digest[:40]}-{_VERSION}.json"


def cache_ocr(file: Content, note: Note, limits: ReadLimits) -> None:
    """Keep a note; where it cannot be written it is recognised again."""
    path = place(file, limits)
    if path is not None and note.recognised:
        with suppress(OSError, RagError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, to_json(ReadReply(note=note)))
