"""A PDF whose pages' dictionaries or table of objects are damaged: PDFium gives blank pages."""

import re
import zlib

import pytest

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes
from rag.readers.pdf.page_contents import has_lost_text
from tests.readers.test_nothing_silent import SAID, book, lost  # noqa: F401

LIMITS = DEFAULT_LIMITS
KINDS = {
    "the key of the contents": (rb"/Contents (\d+ 0 R)", rb"/Cxntents \1"),
    "the number of the contents": (rb"/Contents \d+ 0 R", rb"/Contents 99 0 R"),
    "the contents of another page": (rb"/Contents 13 0 R", rb"/Contents 14 0 R"),
    "a reference that is none": (rb"/Contents (\d+) 0 R", rb"/Contents \1 0 X"),
    "the filter": (rb"/Filter /FlateDecode", rb"/Filter /FlbteDecode"),
    "the key of the filter": (rb"/Filter /FlateDecode", rb"/Fjlter /FlateDecode"),
    "the box of the page": (rb"/MediaBox \[ 0 0 \d+", b"/MediaBox [ 0 0 9"),
    "the place in the table": None,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_that_is_blank_by_damage_is_said(kind, book):  # noqa: F811
    if KINDS[kind] is None:
        places = re.findall(rb"(\d{10}) 00000 n", book)
        hurt = book.replace(places[13], places[14], 1)  # one page's contents for another's
    else:
        pattern, instead = KINDS[kind]
        assert re.search(pattern, book)
        hurt = re.sub(pattern, instead, book, count=1)
    assert hurt != book
    assert lost(".pdf", hurt) == []


def stream(body, head=b""):
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(body), body)


def file_of(objects):
    return b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, body) for n, body in objects.items())


TEXT = b"BT /F1 12 Tf (A sentence that is there.) Tj ET"
PAGES = {
    1: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>",
    2: b"<< /Type /Page /Contents 4 0 R >>",
    3: b"<< /Type /Page /Contents [5 0 R] >>",
    4: stream(TEXT),
    5: stream(b"q Q"),
}


def test_a_blank_page_and_older_contents_are_no_damage():
    assert not has_lost_text(file_of(PAGES), with_letters=1, blank=1)
    older = {**PAGES, 5: stream(TEXT), 6: stream(TEXT.replace(b"is", b"was"))}
    assert not has_lost_text(file_of(older), with_letters=2, blank=0)  # saved over an older one
    assert not has_lost_text(file_of(older) + b"/Encrypt 9 0 R", with_letters=0, blank=2)


def test_contents_in_lists_and_packed_objects_are_followed():
    listed = {**PAGES, 2: b"<< /Type /Page /Contents 6 0 R >>", 6: b"[ 4 0 R ]"}
    assert not has_lost_text(file_of(listed), with_letters=1, blank=1)
    assert has_lost_text(file_of(listed), with_letters=0, blank=2)
    inner = [PAGES[1], PAGES[2], PAGES[3]]
    starts = [sum(len(body) + 1 for body in inner[:at]) for at in range(3)]
    head = b" ".join(b"%d %d" % (at + 1, start) for at, start in enumerate(starts)) + b"\n"
    packed = stream(zlib.compress(head + b"\n".join(inner)),
                    b"/Type /ObjStm /N 3 /First %d /Filter /FlateDecode" % len(head))  # fmt: skip
    made = file_of({4: PAGES[4], 5: PAGES[5], 9: packed})
    assert not has_lost_text(made, with_letters=1, blank=1)
    assert has_lost_text(made, with_letters=0, blank=2)


def test_a_whole_book_says_nothing(book):  # noqa: F811
    note = read_bytes("n.pdf", book, LIMITS)
    assert note.gaps == () and all(said in note.text for said in SAID)
