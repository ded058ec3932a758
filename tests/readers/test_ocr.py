"""Scanned pages: recognised where the extra `ocr` is installed, named with it where it is not."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from rag.errors import CorpusError
from rag.limits import ReadLimits
from rag.notes.note import Content, Skipped
from rag.readers.formats.pdf import read_pdf
from rag.readers.isolation.pool import ReaderPool
from rag.readers.parts import long_work
from rag.readers.pdf import page_pictures
from rag.readers.pdf.pdf_glyphs import Run
from rag.readers.pdf.text_health import holds_words
from tests.readers.scans import pdf

ENGLISH = ["Safety report", "The filter blocks 2.1 percent of prompts."]
CHINESE = ["灯塔的过滤器拦截百分之二点一的提示。", "人工复核每周一次。"]
OFF = ReadLimits(ocr=False)


@pytest.fixture(scope="module")
def installed():
    pytest.importorskip("rapidocr", reason="the extra `ocr` is not installed")
    pytest.importorskip("onnxruntime", reason="the extra `ocr` is not installed")


@pytest.fixture
def pool():
    made = ReaderPool()
    yield made
    made.close()


def text_of(note, page):
    return "".join(note.text[b.start : b.end] for b in note.blocks if b.page == page)


def test_a_scan_names_the_extra_where_it_is_not_installed(monkeypatch):
    monkeypatch.setattr("rag.readers.formats.pdf.is_installed", lambda: False)
    with pytest.raises(CorpusError, match=r"no text, as scans do; install the extra ocr .*\[ocr\]"):
        read_pdf("a.pdf", pdf(ENGLISH))
    note = read_pdf("a.pdf", pdf("A page with text on it.", ENGLISH))
    assert len(note.gaps) == 1 and "Page 2 has no text" in note.gaps[0]
    assert "extra ocr" in note.gaps[0] and "ocrmypdf" in note.gaps[0]
    assert note.recognised == ()


def test_pages_without_text_are_recognised_and_keep_their_numbers(installed):
    asked = []
    long_work.listen(lambda done, total: asked.append((done, total)))
    try:
        note = read_pdf("a.pdf", pdf("A page with text on it.", ENGLISH, CHINESE))
    finally:
        long_work.listen(lambda done, total: None)
    assert note.gaps == () and note.recognised == (2, 3)
    assert asked == [(0, 2), (1, 2)]
    assert text_of(note, 1) == "A page with text on it."
    assert "The filter blocks 2.1 percent of prompts." in text_of(note, 2)
    if list(Path("/usr/share/fonts").rglob("*CJK-Regular*")):
        for line in CHINESE:
            assert line in text_of(note, 3)


def test_a_picture_without_letters_is_said_to_hold_none(installed):
    note = read_pdf("a.pdf", pdf("A page with text on it.", Image.effect_mandelbrot(
        (900, 1200), (-3, -2.5, 2, 2.5), 40)))  # fmt: skip
    assert "Page 2 has no text that OCR recognises" in note.gaps[0]
    assert "ocrmypdf" not in note.gaps[0] and note.recognised == ()


def test_a_setting_turns_it_off(installed):
    with pytest.raises(CorpusError, match="ocrmypdf"):
        read_pdf("a.pdf", pdf(ENGLISH), OFF)


def test_what_was_recognised_is_kept_by_content(installed, pool, tmp_path, monkeypatch):
    limits = ReadLimits(ocr_folder=str(tmp_path / "kept"), seconds=30)
    file, pages = Content("a.pdf", pdf(ENGLISH, ENGLISH)), []
    [note] = pool.read([file], limits, lambda done, total: pages.append((done, total)))
    assert note.recognised == (1, 2) and pages == [(0, 2), (1, 2)]
    assert len(list((tmp_path / "kept").iterdir())) == 1
    pool.close()
    monkeypatch.setattr(
        "rag.readers.isolation.parent.Worker._start", lambda self: pytest.fail("read")
    )
    moved = Content("sub/b.pdf", file.data)
    assert list(pool.read([moved, file], limits)) == [replace(note, path="sub/b.pdf"), note]


def test_where_nothing_can_be_kept_it_is_read_all_the_same(installed, pool, tmp_path):
    (tmp_path / "file").write_text("in the way")
    limits = ReadLimits(ocr_folder=str(tmp_path / "file"))
    [note] = pool.read([Content("a.pdf", pdf(ENGLISH))], limits)
    assert note.recognised == (1,)


def test_a_damaged_copy_is_made_again(installed, pool, tmp_path):
    limits = ReadLimits(ocr_folder=str(tmp_path / "kept"))
    file = Content("a.pdf", pdf(ENGLISH[:1]))
    [note] = pool.read([file], limits)
    [kept] = (tmp_path / "kept").iterdir()
    for damage in (b"", b"{", kept.read_bytes().replace(b'"end":', b'"end":9')):
        kept.write_bytes(damage)
        assert list(pool.read([file], limits)) == [note]


def test_each_page_has_its_own_time(pool, tmp_path):
    """A reader that says how far it is is not taken for one that hangs; one that does not is."""
    slow = ReaderPool("tests.readers.slow_worker")
    try:
        limits, pages = ReadLimits(seconds=0.6, pages=50), []
        [read] = slow.read([Content("5.md", b"x")], limits, lambda done, total: pages.append(done))
        assert read.text == "x" and pages == [0, 1, 2, 3, 4]
        [hung] = slow.read([Content("hang.md", b"x")], limits)
        assert isinstance(hung, Skipped) and "took longer" in hung.reason
        [endless] = slow.read([Content("60.md", b"x")], limits)
        assert isinstance(endless, Skipped) and "crash" in endless.reason
    finally:
        slow.close()


def test_the_extra_is_asked_for_by_both_of_its_packages(monkeypatch):
    monkeypatch.setattr(page_pictures, "find_spec", lambda name: None if name == "rapidocr" else 1)
    assert not page_pictures.is_installed()


def cipher(*lines):
    """A page whose font draws other letters than its text layer says."""
    key = str.maketrans("etaoinshrdlu", "zqxjkvwbgpyf")
    return " ".join(lines).lower().translate(key)


@pytest.mark.parametrize("found", ["u v wx y z { | } ~ € , / f .t", "a$-&3~ '~2 ~ +(23 .% $(&", ""])
def test_what_ocr_guesses_from_a_cipher_is_no_text(monkeypatch, found):
    """The reason stays that its text layer cannot be decoded."""
    monkeypatch.setattr("rag.readers.formats.pdf.is_installed", lambda: True)
    runs = (Run(found, 11, 72, 400, 72),) if found else ()
    monkeypatch.setattr("rag.readers.formats.pdf.recognised", lambda page: (runs, 842.0))
    page = cipher("the filter of the lighthouse blocks many of the prompts", *ENGLISH)
    with pytest.raises(CorpusError, match="text layer that cannot be decoded"):
        read_pdf("a.pdf", pdf(page))
    note = read_pdf("a.pdf", pdf("A page with text on it.", page))
    assert "Page 2 has a text layer that cannot be decoded" in note.gaps[0]


def test_words_that_ocr_found():
    for text in ("Conclusion", *ENGLISH, *CHINESE, "图 1：灯塔的损失", "Loss 0.25 of 12 runs"):
        assert holds_words(text), text
    for text in ("u v wx y z", "$ & ~", "", "1 2 3", "i l | I l"):
        assert not holds_words(text), text
