"""Books whose pages stand elsewhere or hold more than text; files of another kind than named."""

import pytest

from rag.errors import CorpusError
from rag.evaluation.samples import archive
from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes

CONTAINER = (
    b'<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    b'<rootfile full-path="O/b.opf"/></rootfiles></container>'
)


def book(body, href="c.xhtml", at="c.xhtml", more=""):
    manifest = f'<item id="a" href="{href}" media-type="application/xhtml+xml"/>{more}'
    return read_bytes("n.epub", archive({
        "META-INF/container.xml": CONTAINER,
        "O/b.opf": f'<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>{manifest}'
                   '</manifest><spine><itemref idref="a"/></spine></package>'.encode(),
        f"O/{at}": f"<html><body>{body}</body></html>".encode(),
    }), DEFAULT_LIMITS)  # fmt: skip


def test_names_may_differ_in_capitals():
    assert book("<p>The lamp.</p>", "Text/C.xhtml", "text/c.xhtml").text == "The lamp."


def test_text_that_xml_takes_word_for_word():
    assert book("<p><![CDATA[a < b & c]]></p>").text == "a < b & c"


def test_notes_that_open_in_place_are_read():
    note = book(
        '<p>Amber.</p><aside epub:type="footnote" hidden="hidden"><p>The oil.</p></aside>'
        '<aside epub:type="footnote" style="display:none"><p>The lens.</p></aside>'
    )
    assert "The oil." in note.text and "The lens." in note.text


def test_what_a_book_holds_besides_is_named():
    more = '<item id="z" href="lost.xhtml" media-type="application/xhtml+xml"/>'
    assert "lost.xhtml" in book("<p>The lamp.</p>", more=more).gaps[0]
    toc = more.replace("lost", "toc")
    assert book("<p>The lamp.</p>", more=toc).gaps == ()
    assert "recording" in book('<audio src="a.mp3"></audio><p>The lamp.</p>').gaps[0]


def test_a_formula_by_its_words():
    assert book('<p>So <math alttext="x squared"/> is.</p>').text == "So x squared is."


@pytest.mark.parametrize("name", ["n.txt", "n.md", "n.html", "n.docx"])
@pytest.mark.parametrize(("data", "kind"), [(b"{\\rtf1 x}", "RTF"), (b"%PDF-1.4 x", "PDF")])
def test_a_file_of_another_kind_is_named_as_such(name, data, kind):
    if name == "n.docx" and kind == "RTF":
        kind = "damaged"  # save it as .docx would be no help
    with pytest.raises(CorpusError, match=kind):
        read_bytes(name, data, DEFAULT_LIMITS)
