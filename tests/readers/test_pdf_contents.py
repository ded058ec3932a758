"""Tables of contents in a PDF: their lines repeat the headings and are no text."""

import io

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from rag.readers.formats.pdf import read_pdf

HEADS = ["Introduction", "Data mixing", "Reward models", "Serving", "Appendix"]
HEADS_ZH = ["引言", "数据配比", "奖励模型", "推理服务", "附录"]


def book(title, entries, heads, font="Helvetica"):
    """A contents page of drawn entries, then a page a chapter."""
    if font != "Helvetica":
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    out = io.BytesIO()
    made = canvas.Canvas(out, pagesize=(595, 842))
    made.setFont(font, 18)
    made.drawString(72, 780, title)
    made.setFont(font, 11)
    for number, parts in enumerate(entries):
        for x, text in parts:
            made.drawString(x, 740 - 18 * number, text)
    made.showPage()
    for number, head in enumerate(heads):
        made.setFont(font, 16)
        made.drawString(72, 780, head)
        made.setFont(font, 11)
        said = (
            f"本章讲{head}，第 {number} 件事。"
            if font != "Helvetica"
            else (f"This chapter is about {head.lower()}, thing number {number}.")
        )
        made.drawString(72, 740, said)
        made.showPage()
    made.save()
    return read_pdf("n.pdf", out.getvalue())


@pytest.mark.parametrize("title", ["Contents", "Table of Contents"])
@pytest.mark.parametrize(
    "entry",
    [
        lambda head, page: [(72, f"{head} {'.' * 40} {page}")],
        lambda head, page: [(72, f"{head} {'. ' * 20}{page}")],
        lambda head, page: [(72, head), (500, str(page))],
        lambda head, page: [(72, f"{head}  {page}")],
    ],
)
def test_the_lines_of_a_table_of_contents_are_no_text(title, entry):
    note = book(title, [entry(f"{n} {head}", n + 1) for n, head in enumerate(HEADS, 1)], HEADS)
    assert title not in note.text and "..." not in note.text
    for number, head in enumerate(HEADS):
        assert note.text.count(head) == 1  # the heading
        assert f"thing number {number}." in note.text
    assert note.gaps == () and {block.page for block in note.blocks} == {2, 3, 4, 5, 6}


def test_in_chinese():
    entries = [[(72, f"{head}{'…' * 12}{n}")] for n, head in enumerate(HEADS_ZH, 1)]
    note = book("目 录", entries, HEADS_ZH, "STSong-Light")
    assert "目" not in note.text and "……" not in note.text
    assert all(note.text.count(head) == 2 for head in HEADS_ZH)  # the heading and its sentence


def test_what_only_looks_like_one_stays():
    """A list of results that ends in figures, two dotted lines, a sentence about contents."""
    results = [[(72, f"{head} reached {90 - 7 * n}")] for n, head in enumerate(HEADS)]
    assert "Serving reached 69" in book("Results", results, HEADS).text
    falling = book("Contents", results, HEADS).text
    assert "Serving reached 69" in falling and "Contents" in falling
    dotted = [[(72, f"{head} {'.' * 30} {n}")] for n, head in enumerate(HEADS[:2], 1)]
    assert "Data mixing ...." in book("Form", dotted, HEADS).text
