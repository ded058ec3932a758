"""Whether what is packed inside a PDF unpacks: PDFium leaves out, without a word, what does not."""

import base64
import re
import zlib
from collections.abc import Set

_STREAM = re.compile(rb"<<(?:[^<>]|<<[^<>]*>>|<[^<>]*>){0,2000}>>\s{0,4}stream\r?\n")
_END = re.compile(rb"\r?\n?endstream")
_PACKED = re.compile(rb"/Filter\s*\[?\s*(?P<letters>/ASCII85Decode\s*)?/FlateDecode\b\s*\]?")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_MOST = 20_000_000  # bytes unpacked of one stream; more is a picture or a bomb
_PIECE = 1_000_000
_TAIL = 2048
_CONTENTS = re.compile(rb"/Contents\s*(\d+\s+\d+\s+R|\[[^\]]{0,4000}\])")
_REFERENCE = re.compile(rb"(\d+)\s+\d+\s+R")
_OBJECT = re.compile(rb"\b(\d+)\s+\d+\s+obj\s*")


def damaged_streams(data: bytes) -> int:
    """How many streams of a PDF's bytes do not unpack (pictures are not looked at), or are named
    as a page's contents and are none any more."""
    streams = list(_STREAM.finditer(data))
    damaged = _lost_contents(data, {match.start() for match in streams})
    if b"/Encrypt" in data:  # nothing unpacks before it is decrypted
        return damaged
    for match in streams:
        packed = _PACKED.search(match.group())
        if packed and not _PICTURE.search(match.group()):
            damaged += not _unpacks(data, match.end(), in_letters=packed["letters"] is not None)
    return damaged


def _unpacks(data: bytes, start: int, in_letters: bool) -> bool:
    found = _END.search(data, start)
    rest = data[start : found.start() if found else len(data)]
    unpacker, out = zlib.decompressobj(), 0
    try:
        if in_letters:
            rest = base64.a85decode(rest.strip().removesuffix(b"~>"))
        packed = rest
        while rest and not unpacker.eof and out < _MOST:
            out += len(unpacker.decompress(rest, _PIECE))
            rest = unpacker.unconsumed_tail
    except (zlib.error, ValueError):
        return False
    return unpacker.eof or out >= _MOST or _ends(packed)


def _ends(packed: bytes) -> bool:
    """Its last block is there: some programs leave out the checksum after it."""
    bare = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        rest = packed[2:]
        while rest and not bare.eof:
            bare.decompress(rest, _PIECE)
            rest = bare.unconsumed_tail
    except zlib.error:
        return False
    return bare.eof


def _lost_contents(data: bytes, streams: Set[int]) -> int:
    """How many objects that pages name as their contents are neither a stream (known by where its
    dictionary begins) nor a list of streams. In a file that packs objects they may be anywhere."""
    named = {
        number for found in _CONTENTS.finditer(data) for number in _REFERENCE.findall(found[1])
    }
    if not named or b"/ObjStm" in data:
        return 0
    there = {
        match[1] for match in _OBJECT.finditer(data)
        if match.end() in streams or data[match.end() : match.end() + 1] in {b"[", b"("}
    }  # fmt: skip
    return len(named - there)


def is_cut_off(data: bytes) -> bool:
    """Its end is missing: PDFium repairs it without a word, and leaves out what it lacks."""
    return b"%%EOF" not in data[-_TAIL:] or b"startxref" not in data[-_TAIL:]
