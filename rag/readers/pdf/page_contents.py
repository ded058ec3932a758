"""Whether a PDF holds text that its pages, as PDFium gives them, do not: where a page's dictionary
or the table of objects is damaged PDFium gives a blank page, without a word.

Only what surely says something is counted: contents that unpack and show more than a few letters,
of pages that a list of pages names, and of streams that nothing names any more.
"""

import base64
import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(?<!\d)(\d{1,9})\s+\d{1,5}\s+obj\b")
_STREAM = re.compile(rb"(?<!end)stream\r?\n?")
_KIDS = re.compile(rb"/Kids\s*\[([^\]]*)\]")
_REFERENCE = re.compile(rb"(\d{1,9})\s+\d{1,5}\s+R\b")
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_CONTENTS = re.compile(rb"/Contents\s*(?:(\d{1,9})\s+\d{1,5}\s+R\b|\[([^\]]*)\])")
_SHOWN = re.compile(
    rb"(?:\((?P<letters>(?:[^()\\]|\\.){0,5000})\)|<(?P<hex>[0-9A-Fa-f\s]{0,5000})>)"
    rb"|(?P<show>T[jJ]\b|'|\")", re.DOTALL
)  # fmt: skip
_OTHER = re.compile(rb"/(?:Subtype|Type|Length1|FunctionType|ShadingType|PatternType|N)\b")
_HEAD = 1_000  # bytes of an object in which its kind is named
_FILTERS = re.compile(rb"/(\w+Decode|Crypt)\b")
_READ = frozenset({b"FlateDecode", b"ASCII85Decode"})
_KNOWN = _READ | {b"LZWDecode", b"ASCIIHexDecode", b"RunLengthDecode", b"DCTDecode", b"JPXDecode",
                  b"JBIG2Decode", b"CCITTFaxDecode", b"Crypt"}  # fmt: skip
_OPERATOR = re.compile(rb"(?<!\S)(?:BT|ET|Do|re|cm|gs|sh|BI|q|Q|m|l|h|f|S|n|W|EMC|BMC|BDC)(?!\S)")
_SHORT, _FEWEST_OPERATORS = 30, 2  # bytes of contents; operators of longer ones
_TABLE = re.compile(rb"(?<!start)xref\s+(?=\d)")
_SECTION = re.compile(rb"(\d{1,9})\s+(\d{1,7})\s+(?=\d)")
_ENTRY = re.compile(rb"(\d{10}) \d{5} n")
_ENTRY_SIZE = 20
_FEWEST = 12  # letters that a page shows; a blank page may hold a blank or a number
_MOST = 2_000_000  # bytes unpacked of one stream
_MOST_PAGES = 5_000


def has_lost_text(data: bytes, with_letters: int, blank: int) -> bool:
    """Text stands in the file that is on none of its pages.

    Args:
        with_letters: how many pages PDFium finds letters on.
        blank: how many it finds nothing on.
    """
    if b"/Encrypt" in data:  # nothing unpacks before it is decrypted
        return False
    if _is_astray(data):
        return True
    objects = dict(_objects(data))
    listed = {number for body in objects.values() for kids in _KIDS.findall(body)
              for number in _REFERENCE.findall(kids)}  # fmt: skip
    pages = [objects[number] for number in listed if _PAGE.search(objects.get(number, b""))]
    if len(pages) > _MOST_PAGES:
        return False
    contents = [_contents(page, objects) for page in pages]
    says = [any(_says(number, objects) for number in numbers) for numbers in contents]
    if sum(says) > with_letters:
        return True
    listing = [number for numbers in contents for number in numbers]
    named = set(listing)
    if not blank and len(named) == len(listing):
        return False
    if any(number in objects and _is_garbled(objects[number]) for number in named):
        return True
    # What is saved over an older version keeps the older contents, which no page names: so this
    # is asked only where a page is blank, or two have the same contents.
    return any(_says(number, objects) for number, body in objects.items()
               if number not in named and not _OTHER.search(body, 0, _HEAD))  # fmt: skip


def _is_astray(data: bytes) -> bool:
    """The table of objects gives the place of one object as that of another."""
    for table in _TABLE.finditer(data):
        at = table.end()
        while section := _SECTION.match(data, at):
            first, count = int(section[1]), int(section[2])
            at = section.end() + _ENTRY_SIZE * count
            entries = data[section.end() : at]
            for number in range(len(entries) // _ENTRY_SIZE):
                entry = _ENTRY.match(entries, _ENTRY_SIZE * number)
                found = _OBJECT.match(data, int(entry[1])) if entry else None
                if found is not None and int(found[1]) != first + number:
                    return True
    return False


def _contents(page: bytes, objects: dict[bytes, bytes]) -> list[bytes]:
    """The numbers of a page's contents; they may stand in a list of their own."""
    match = _CONTENTS.search(page)
    if not match:
        return []
    numbers = [match[1]] if match[1] else _REFERENCE.findall(match[2])
    if len(numbers) == 1 and objects.get(numbers[0], b"").lstrip()[:1] == b"[":
        return _REFERENCE.findall(objects[numbers[0]])
    return numbers


def _objects(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(number, bytes) of every object, the last of each number holding; packed ones as well."""
    found = list(_OBJECT.finditer(data))
    ends = [match.start() for match in found[1:]] + [len(data)]
    for match, end in zip(found, ends, strict=True):
        body = data[match.end() : end]
        yield match[1], body
        if b"/ObjStm" in body[:500]:
            yield from _packed(body)


def _packed(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The objects in a stream of objects: numbers and places first, then one after another."""
    text = _unpacked(body) or b""
    first = re.search(rb"/First\s+(\d{1,9})", body)
    if not first:
        return
    start = int(first[1])
    head = [int(figure) for figure in text[:start].split() if figure.isdigit()]
    places = list(zip(head[::2], head[1::2], strict=False))
    for at, (number, place) in enumerate(places):
        end = places[at + 1][1] if at + 1 < len(places) else len(text)
        yield str(number).encode(), text[start + place : start + end]


def _unpacked(body: bytes) -> bytes | None:
    """What is packed in an object's stream; None where that is damaged, b"" where not read."""
    opened = _STREAM.search(body)
    if not opened:
        return None
    head, packed = body[: opened.start()], body[opened.end() : opened.end() + _MOST]
    packed = packed.partition(b"endstream")[0]
    filters = _FILTERS.findall(head)
    if not set(filters) <= _KNOWN or (not filters and b"/Filter" in head):
        return None
    if not set(filters) <= _READ:
        return b""
    try:
        if b"ASCII85Decode" in filters:
            packed = base64.a85decode(packed.partition(b"~>")[0].strip())
        if b"FlateDecode" in filters:
            packed = zlib.decompressobj().decompress(packed, _MOST)
    except (zlib.error, ValueError):
        return None
    return packed


def _is_garbled(body: bytes) -> bool:
    """Contents that do not unpack, or in which nothing is drawn that PDF knows."""
    found = _unpacked(body)
    if found is None:
        return True
    return len(found.strip()) > _SHORT and len(_OPERATOR.findall(found)) < _FEWEST_OPERATORS


def _says(number: bytes, objects: dict[bytes, bytes]) -> bool:
    """A stream shows more than a few letters."""
    letters = pending = 0
    for shown in _SHOWN.finditer(_unpacked(objects.get(number, b"")) or b""):
        if shown["show"]:
            letters, pending = letters + pending, 0
            if letters >= _FEWEST:
                return True
        elif shown["letters"] is not None:
            pending += len(b"".join(shown["letters"].split()))
        else:
            pending += len(b"".join(shown["hex"].split())) // 4
    return False
