"""Of a damaged file everything is read, or it is said what is not."""

import io
import random
import re
import zipfile
import zlib

import pytest
from reportlab.pdfgen import canvas

from rag.errors import CorpusError
from rag.evaluation.samples import WRITERS, Section
from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes

SAID = [f"Sentence number {n} stands here alone." for n in range(6)]
SECTIONS = tuple(Section(f"Part {n}", (said,)) for n, said in enumerate(SAID))
PACKAGES = {
    suffix: write(SECTIONS)
    for suffix, write in WRITERS.values()
    if suffix in {".docx", ".pptx", ".epub"}
}


def lost(suffix, data):
    """The sentences that are not in the note although nothing is said; none where it is refused."""
    try:
        note = read_bytes(f"n{suffix}", data, DEFAULT_LIMITS)
    except CorpusError:
        return []
    said_so = note.gaps or note.recognised  # by OCR, which errs: shown as such
    return [] if said_so else [said for said in SAID if said not in note.text]


def damaged(data, part, kind):
    """The package with one of its parts damaged in one way."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == part:
                if kind == "gone":
                    continue
                body = {"half": body[: len(body) // 2], "garbage": b"\0\xff" * 50,
                        "empty": b"", "flipped": body}[kind]  # fmt: skip
            new.writestr(name, body)
    packed = bytearray(out.getvalue())
    if kind == "flipped":  # stored, not deflated: the checksum tells
        with zipfile.ZipFile(io.BytesIO(data)) as old:
            body = old.read(part)
        packed[packed.index(body) + len(body) // 2] ^= 1
    return bytes(packed)


@pytest.mark.parametrize("kind", ["half", "garbage", "gone", "empty", "flipped"])
@pytest.mark.parametrize("suffix", PACKAGES)
def test_a_damaged_part_of_a_package_is_said(suffix, kind):
    data = PACKAGES[suffix]
    assert lost(suffix, data) == []
    assert read_bytes(f"n{suffix}", data, DEFAULT_LIMITS).gaps == ()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = [info.filename for info in package.infolist() if info.file_size]
    for part in parts:
        assert lost(suffix, damaged(data, part, kind)) == [], part


def test_one_broken_chapter_does_not_lose_the_book():
    for kind in ("half", "gone", "flipped"):
        note = read_bytes(
            "n.epub", damaged(PACKAGES[".epub"], "OEBPS/c2.xhtml", kind), DEFAULT_LIMITS
        )
        assert [said in note.text for said in SAID] == [True, True, False, True, True, True]
        assert "Chapter 3 (c2.xhtml)" in note.gaps[0]


@pytest.fixture(scope="module")
def book():
    out = io.BytesIO()
    made = canvas.Canvas(out, pageCompression=1)
    for said in SAID:
        for line in range(12):
            made.drawString(72, 700 - 20 * line, said if not line else f"{said} {line}")
        made.showPage()
    made.save()
    return decoded(out.getvalue())


def decoded(data):
    """Without reportlab's second filter, ASCII85: as other programs write."""
    import base64

    def plain(match):
        raw = base64.a85decode(match[2].strip()[:-2])
        head = match[1].replace(b"[ /ASCII85Decode /FlateDecode ]", b"/FlateDecode")
        return re.sub(rb"/Length \d+", b"/Length %d" % len(raw), head) + raw + match[3]

    pattern = rb"(<<[^<>]*ASCII85Decode[^<>]*>>\s*stream\n)(.*?)(endstream)"
    made = re.sub(pattern, plain, data, flags=re.S)
    table = made.index(b"xref\n")
    return made[:table] + made[table:]  # PDFium finds the objects again where the table is wrong


def test_a_whole_pdf_has_no_gap(book):
    note = read_bytes("n.pdf", book, DEFAULT_LIMITS)
    assert note.gaps == () and all(said in note.text for said in SAID)


def test_a_pdf_whose_packed_text_is_damaged_says_so(book):
    rng = random.Random(1)
    streams = [
        m.span(1) for m in re.finditer(rb"/FlateDecode.*?stream\n(.*?)endstream", book, re.S)
    ]
    assert len(streams) >= len(SAID)
    silent = tried = 0
    for start, end in streams:
        for _ in range(8):
            data = bytearray(book)
            at = rng.randrange(start + 2, end - 6)
            data[at : at + rng.choice((1, 4, 16))] = rng.randbytes(4)
            tried += 1
            silent += bool(lost(".pdf", bytes(data)))
    assert tried and silent == 0


def test_a_cut_pdf_says_so(book):
    for share in (0.3, 0.6, 0.9):
        assert lost(".pdf", book[: int(share * len(book))]) == []


def test_what_unpacks_is_not_said_to_be_damaged():
    """Line ends before `endstream`, no checksum, pictures, encrypted files."""
    from rag.readers.pdf.stream_health import damaged_streams

    packed = zlib.compress(b"BT (text) Tj ET" * 9)

    def stream(body, head=b""):
        return b"1 0 obj\n<< /Filter /FlateDecode " + head + b" >>\nstream\n" + body + b"endstream"

    for body in (packed, packed + b"\r\n", packed + b"\n", packed[:-4] + b"\n", packed + b"  \n"):
        assert damaged_streams(stream(body)) == 0
    broken = packed[:9] + b"\xff\xff" + packed[11:]
    assert damaged_streams(stream(broken)) == 1
    assert damaged_streams(stream(broken, b"/Subtype /Image")) == 0
    assert damaged_streams(stream(broken) + b" /Encrypt 5 0 R") == 0
    assert damaged_streams(stream(broken, b"/DecodeParms << /Columns 4 >>")) == 1


def test_contents_that_are_gone_are_told_from_those_that_stand_in_a_list():
    from rag.readers.pdf.stream_health import damaged_streams

    page, drawn = b"1 0 obj << /Contents 2 0 R >> endobj\n", b"3 0 obj << >> stream\nx\nendstream"
    assert damaged_streams(page + b"2 0 obj [ 3 0 R ] endobj\n" + drawn) == 0
    assert damaged_streams(page + drawn.replace(b"3 0 obj", b"2 0 obj")) == 0
    assert damaged_streams(page + drawn) == 1
    assert damaged_streams(page + b"4 0 obj << /Type /ObjStm >> stream\nx\nendstream") == 0
