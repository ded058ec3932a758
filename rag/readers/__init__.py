"""The format registry: file suffix → reader. A new format is one module and one line here.

A reader takes the note's relative path, the file's bytes and the limits and gives a `Note`, the
same one for the same bytes; it raises `CorpusError` when the bytes are not what the suffix says.
ZIP archives are not in the registry, since they hold many notes: see `rag/readers/archive.py`.
"""

from collections.abc import Callable
from pathlib import PurePosixPath

from rag.errors import CorpusError
from rag.limits import ReadLimits
from rag.notes.note import Note
from rag.readers.formats.docx import read_docx
from rag.readers.formats.epub import read_epub
from rag.readers.formats.html_page import read_html
from rag.readers.formats.markdown import read_markdown
from rag.readers.formats.notebook import read_notebook
from rag.readers.formats.pdf import read_pdf
from rag.readers.formats.plain_text import read_text
from rag.readers.formats.pptx import read_pptx

Reader = Callable[[str, bytes, ReadLimits], Note]

READERS: dict[str, Reader] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".mdx": read_markdown,
    ".qmd": read_markdown,
    ".rmd": read_markdown,
    ".mkd": read_markdown,
    ".mdown": read_markdown,
    ".txt": read_text,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".mhtml": read_html,
    ".mht": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".pptx": read_pptx,
    ".epub": read_epub,
    ".ipynb": read_notebook,
}


_HEAD = 64  # bytes
# What gives itself away by its first letters, and what it should be saved as.
_OTHERS = ((b"{\\rtf", "rich text (RTF)", ".docx"), (b"%PDF-", "a PDF", ".pdf"))


def suffixes() -> frozenset[str]:
    """The suffixes that can be read, lower-case, with their dot."""
    return frozenset(READERS)


def suffixes_with_front_matter() -> frozenset[str]:
    """Those of notes that may say of themselves what they teach."""
    return frozenset(suffix for suffix, read in READERS.items() if read is read_markdown)


def reader_for(suffix: str) -> Reader:
    """The reader of a suffix.

    Raises:
        CorpusError: no reader knows the suffix.
    """
    try:
        return READERS[suffix.lower()]
    except KeyError:
        raise CorpusError(f"No reader for '{suffix}' files.") from None


def read_bytes(relative: str, data: bytes, limits: ReadLimits) -> Note:
    """The note in a file's bytes, by the reader of its suffix.

    The parsers behind the readers meet files of any origin and fail in ways of their own; here, at
    the boundary, every such failure becomes one sentence about the file.

    Parsers may also hang or crash: notes are read by `rag/readers/isolation/`, which calls this
    in another process.

    Raises:
        CorpusError: empty, not what its suffix says, damaged, or over a limit.
        MemoryError: as the process may have no more.
    """
    suffix = PurePosixPath(relative).suffix
    read = reader_for(suffix)
    if not data.strip():
        raise CorpusError(f"{relative} is empty.")
    for start, name, do in _OTHERS:
        if data[:_HEAD].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(start) and suffix.lower() != do:
            raise CorpusError(
                f"{relative} holds {name}, whatever its name; save it as {do}. 文件内容与后缀不符。"
            )
    try:
        return read(relative, data, limits)
    except (CorpusError, MemoryError):
        raise
    except Exception as error:
        raise CorpusError(
            f"{relative} is damaged or no {suffix.lower()} file ({type(error).__name__}); "
            "save it again."
        ) from error
