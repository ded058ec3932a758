"""The format registry: file suffix → reader. A new format is one module and one line here.

A reader takes the note's relative path and the file's bytes and gives a `Note`; it raises
`CorpusError` when the bytes are not what the suffix says.
"""

from collections.abc import Callable

from rag.errors import CorpusError
from rag.notes import Note
from rag.readers.markdown import read_markdown
from rag.readers.text import read_text

Reader = Callable[[str, bytes], Note]

_READERS: dict[str, Reader] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_text,
}


def suffixes() -> frozenset[str]:
    """The suffixes that can be read, lower-case, with their dot."""
    return frozenset(_READERS)


def reader_for(suffix: str) -> Reader:
    """The reader of a suffix.

    Raises:
        CorpusError: no reader knows the suffix.
    """
    try:
        return _READERS[suffix.lower()]
    except KeyError:
        raise CorpusError(f"No reader for '{suffix}' files.") from None
