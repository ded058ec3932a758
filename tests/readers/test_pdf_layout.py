"""PDF pages as they are printed: columns, turned pages, headers, powers, letters that are none."""

import io

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS
from rag.notes.note import Note
from rag.readers import read_bytes
from rag.readers.pdf.text_health import is_text
from tests.benchmarks.pdf_pages import in_order, pages

CIPHER = (
    "a$-&3~ '~2 ~ +(23 .% $(&'3 3'.42~-# !~--$# 6.1#2K q'$ .,/+(~- &1.4/ *$$/2 (3 ~-# 1$-$62 (3 "
    "6$$*+8K b~' '(3 (2 +.&&$# ~-# .4-3$# %.1 3'$ 1$/.13K"
)
PROSE = "The acceptance rate of the draft model falls on poetry, and the queue is sorted by length."


def made(*draws) -> Note:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    for draw in draws:
        canvas.setFont("Helvetica", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return read_bytes("n.pdf", out.getvalue(), DEFAULT_LIMITS)


def text(*lines):
    return lambda c: [c.drawString(x, y, line) for x, y, line in lines]


def scan(c):
    from PIL import Image

    c.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 595, 842)


def test_thirty_pages_come_out_in_order():
    shares = [
        in_order(right, read_bytes("n.pdf", data, DEFAULT_LIMITS).text)
        for _, data, right in pages()
    ]
    assert len(shares) == 30 and sum(shares) / len(shares) >= 0.98
    assert min(shares) > 0.95


def test_powers_and_fractions_stay_what_they_are():
    note = next(
        read_bytes("n.pdf", data, DEFAULT_LIMITS) for name, data, _ in pages() if name == "powers"
    )
    assert "O(n^2 d) at 10^-5 and x_ij" in note.text
    assert "(m + 1)/(n + k)" in note.text


def test_a_table_is_a_table():
    note = next(
        read_bytes("n.pdf", data, DEFAULT_LIMITS) for name, data, _ in pages() if name == "table"
    )
    [block] = note.blocks
    assert block.kind == "table"
    assert note.text.startswith("| model | layers | width |\n|---|---|---|\n| m0 ")


def test_a_first_line_that_differs_by_its_numbers_is_text():
    note = made(*[text((72, 800, f"In {year} the lamp burned oil."), (72, 785, "It was dim."))
                  for year in range(1885, 1892)])  # fmt: skip
    for year in range(1885, 1892):
        assert f"In {year} the lamp" in note.text
    pages_ = {b.page for b in note.blocks if "1888" in note.text[b.start : b.end]}
    assert pages_ == {4}


def test_headers_that_change_and_page_numbers_are_left_out():
    def page(n):
        header = "The handbook" if n % 2 else f"{n} Chapter | {n}.1 Data mixing"
        return text((72, 810, header), (72, 700, f"Web text has the weight {n}.5 in stage {n}."),
                    (290, 30, str(n + 4)))  # fmt: skip

    note = made(*[page(n) for n in range(1, 9)])
    assert "handbook" not in note.text and "Chapter" not in note.text
    said = [note.text[b.start : b.end] for b in note.blocks]
    assert said == [f"Web text has the weight {n}.5 in stage {n}." for n in range(1, 9)]


def test_a_number_before_the_same_words_counts_the_pages():
    note = made(*[text((72, 810, f"{n} CHAPTER 2"), (72, 700, f"{PROSE} It is {n}."))
                  for n in range(11, 15)])  # fmt: skip
    assert "CHAPTER" not in note.text and "It is 14." in note.text


def test_a_title_that_slides_repeat_is_kept():
    def slide(n):
        def draw(c):
            c.setFont("Helvetica", 28)
            c.drawString(72, 790, "Attention")
            c.setFont("Helvetica", 14)
            c.drawString(72, 600, f"{PROSE} Point {n}.")

        return draw

    note = made(*[slide(n) for n in range(4)])
    assert {block.headings for block in note.blocks} == {("Attention",)}


@pytest.fixture
def no_ocr(monkeypatch):
    monkeypatch.setattr("rag.readers.formats.pdf.is_installed", lambda: False)


def test_pages_without_text_are_named(no_ocr):
    note = made(text((72, 700, PROSE)), scan, text((72, 700, PROSE)), scan, scan, lambda c: None)
    [gap] = note.gaps
    assert gap.startswith("Pages 2, 4-5 have no text")
    assert "ocrmypdf" in gap


@pytest.mark.parametrize(
    ("page", "letters", "strange", "good"),
    [
        (PROSE, 100, 0, True),
        (CIPHER, 100, 0, False),
        (PROSE.translate({n: n + 5 for n in range(97, 118)}), 100, 0, False),
        ("\ue000\ue001 a", 3, 2, False),
        ("for x in range(10): print(x * 2, f'{x}'); y = {'a': 1}; z = re.sub(p, q)", 80, 0, True),
        ("$12.50 1,000 -3% 4.5 " * 20, 100, 0, True),
        ("注意力机制让模型关注输入中最相关的部分，从而提高翻译质量。", 30, 0, True),
        ("躃躄躅躆躈躉躋躌躍躎躑躒躓躔躕躖躗躘躙躚躛", 21, 0, False),
        ("Las capas de atención se calculan en paralelo y la memoria crece.", 70, 0, True),
    ],
)  # fmt: skip
def test_a_text_layer_that_is_no_text(page, letters, strange, good):
    assert is_text(page, letters, strange) is good


def test_a_garbled_page_among_good_ones(no_ocr):
    note = made(text((72, 700, PROSE)), text((72, 700, CIPHER[:70]), (72, 680, CIPHER[70:])))
    assert CIPHER[:10] not in note.text
    assert "Page 2 has a text layer that cannot be decoded" in note.gaps[0]
    with pytest.raises(CorpusError, match="cannot be decoded"):
        made(text((72, 700, CIPHER[:70]), (72, 680, CIPHER[70:])))


def test_numbered_headings_stand_below_the_title():
    def page(c):
        c.setFont("Helvetica-Bold", 14)
        c.drawString(72, 760, "The handbook")
        c.drawString(72, 735, "1.1 Data mixing")
        c.setFont("Helvetica", 10)
        c.drawString(72, 700, PROSE)
        c.drawString(72, 687, "0.001 is its weight.")

    [block] = made(page).blocks
    assert block.headings == ("The handbook", "1.1 Data mixing")
