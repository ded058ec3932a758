"""How much of a file is read, checked before a parser sees the bytes, and how long it may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """A file beyond one of these is reported and left out, never read in part."""

    file_bytes: int = 20_000_000  # of a file, and of one file inside an archive
    unpacked_bytes: int = 200_000_000  # of all files in an archive, DOCX, PPTX or EPUB together
    ratio: int = 200  # unpacked : packed, for what unpacks to more than a megabyte
    pages: int = 2_000  # PDF pages, slides, EPUB chapters
    files: int = 5_000  # in an archive
    text_chars: int = 10_000_000  # of text drawn from one file
    seconds: float = 60.0  # to parse one file
    memory_bytes: int = 4_000_000_000  # of the process that parses
    ocr: bool = True  # pages that are pictures are recognised, where the extra `ocr` is installed
    ocr_folder: str = ""  # where what was recognised is kept; "" nowhere


DEFAULT_LIMITS = ReadLimits()
