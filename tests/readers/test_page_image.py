"""A PDF's page as a picture: the quote's place on it, turned pages, files that are none."""

import io

import pytest
from PIL import Image
from reportlab.pdfgen import canvas

from rag.errors import CorpusError
from rag.readers.pdf.page_image import page_image, where

QUOTE = "LoRA keeps the pretrained weights frozen, so little memory is needed."


def book(turned=0):
    out = io.BytesIO()
    made = canvas.Canvas(out, pagesize=(600, 800))
    made.drawString(60, 700, "Another page.")
    made.showPage()
    made.setPageRotation(turned)
    made.drawString(60, 500, "LoRA keeps the pre-")
    made.drawString(60, 400, "trained weights frozen, so little memory is needed.")
    made.drawString(60, 100, "What follows is something else.")
    made.save()
    return out.getvalue()


def test_the_lines_of_a_quote_are_where_they_stand_on_the_page():
    found = page_image(book(), 2, QUOTE)
    assert Image.open(io.BytesIO(found.webp)).size == (found.width, found.height)
    (left, first, across, high), (_, second, *_) = found.boxes
    assert left == pytest.approx(0.1, abs=0.01) and 0.1 < across < 0.3
    assert first + high == pytest.approx(300 / 800, abs=0.01)
    assert second == pytest.approx(400 / 800, abs=0.02)


def test_on_a_turned_page_the_mark_turns_with_it():
    found = page_image(book(turned=90), 2, "weights frozen, so little memory is needed.")
    left, top, across, down = found.boxes[0]
    assert down > across  # the line runs downwards
    assert left == pytest.approx(400 / 600, abs=0.02)
    assert top == pytest.approx(104 / 800, abs=0.02)


def test_what_is_not_on_the_page_is_not_marked():
    assert page_image(book(), 1, QUOTE).boxes == ()
    assert page_image(book(), 2, "").boxes == ()


@pytest.mark.parametrize(("data", "page"), [(b"", 1), (b"%PDF-1.4 none", 1), (book(), 3)])
def test_what_cannot_be_drawn_says_so(data, page):
    with pytest.raises(CorpusError, match=f"Page {page} cannot be drawn"):
        page_image(data, page, QUOTE)


def test_a_quote_is_found_by_its_letters():
    page = "前言\n⼤模型把知-\n识写进权重，\n再答。"  # a Kangxi radical, a hyphen, a line end
    place = where(page, "**大模型**把知识写进权重，再答。")
    assert page[place.start : place.stop] == page[3:]
    half = where(page, "大模型把知识写进权重，并且在下一页")  # goes on overleaf
    assert page[half.start : half.stop] == "⼤模型把知-\n识写进权重，"
    assert not where(page, "完全是另外一句话，与此无关")
