"""Whether what is packed inside a PDF unpacks: PDFium leaves out, without a word, what does not."""

import re
import zlib

_STREAM = re.compile(rb"<<(?:[^<>]|<<[^<>]*>>|<[^<>]*>){0,2000}>>\s{0,4}stream\r?\n")
_END = re.compile(rb"\r?\n?endstream")
_PACKED = re.compile(rb"/Filter\s*(?:/FlateDecode\b|\[\s*/FlateDecode\s*\])")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_MOST = 20_000_000  # bytes unpacked of one stream; more is a picture or a bomb
_PIECE = 1_000_000


def damaged_streams(data: bytes) -> int:
    """How many packed streams of a PDF's bytes do not unpack; pictures are not looked at."""
    if b"/Encrypt" in data:  # nothing unpacks before it is decrypted
        return 0
    return sum(
        not _unpacks(data, match.end())
        for match in _STREAM.finditer(data)
        if _PACKED.search(match.group()) and not _PICTURE.search(match.group())
    )


def _unpacks(data: bytes, start: int) -> bool:
    found = _END.search(data, start)
    packed = memoryview(data)[start : found.start() if found else len(data)]
    unpacker, out, rest = zlib.decompressobj(), 0, bytes(packed)
    try:
        while rest and not unpacker.eof and out < _MOST:
            out += len(unpacker.decompress(rest, _PIECE))
            rest = unpacker.unconsumed_tail
    except zlib.error:
        return False
    # Some programs leave out the checksum at the end; a stream that is cut lacks more than that.
    return unpacker.eof or bool(found) or out >= _MOST
