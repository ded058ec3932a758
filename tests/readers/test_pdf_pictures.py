"""PDF pages: pictures are counted, fields read, tables and code kept whole."""

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader

from rag.readers.pdf.pdf_tables import with_header
from tests.readers.test_pdf_layout import PROSE, made


def noise(width=300, height=200):
    return ImageReader(Image.effect_noise((width, height), 60))


def prose(c, lines=12, x=72, y=760):
    c.setFont("Helvetica", 10)
    for n in range(lines):
        c.drawString(x, y - 14 * n, PROSE[:90])


def rows(c, table, y=700, step=14, columns=(72, 200, 300)):
    c.setFont("Helvetica", 10)
    for n, row in enumerate(table):
        for x, cell in zip(columns, row, strict=False):
            c.drawString(x, y - step * n, cell)


def test_pictures_on_a_page_with_text_are_counted():
    def figure(c):
        prose(c)
        c.drawImage(noise(), 72, 300, 300, 200)
        c.drawImage(noise(200, 30), 130, 270, 200, 30)
        c.drawImage(noise(10, 10), 500, 800, 12, 12)  # a sign

    note = made(prose, figure)
    [said] = note.gaps
    assert said.startswith("Page 2: 2 pictures (figures or formulas) are not read")
    assert made(figure, figure).gaps[0].startswith("Pages 1-2: 4 pictures")


def test_a_logo_on_every_page_is_no_figure():
    def page(c):
        prose(c)
        c.drawImage(noise(), 400, 20, 120, 60)

    assert made(page, page, page, page).gaps == ()


def test_what_is_filled_into_a_form_is_read_where_it_stands():
    def form(c):
        c.drawString(72, 760, "The keeper of the lighthouse is named in the field below this line.")
        c.acroForm.textfield(
            name="keeper", value="Old Zhou 4242", x=72, y=720, width=200, height=20
        )
        c.drawString(72, 680, "And more text stands here, so that the page is one of text.")
        c.acroForm.checkbox(name="agreed", checked=True, x=72, y=640, size=20)
        c.acroForm.checkbox(name="refused", checked=False, x=72, y=600, size=20)

    text = made(form).text
    assert text.index("below this line") < text.index("Old Zhou 4242") < text.index("And more")
    assert "agreed" in text and "refused" not in text


def test_a_cell_that_goes_on_in_a_second_line():
    table = [("model", "size", "note"), ("Dengta", "7B", "a long note that wraps"),
             ("", "", "to a second line"), ("Yuyan", "13B", "short"), ("Haima", "", "no size"),
             ("Qilin", "70B", "big")]  # fmt: skip
    note = made(lambda c: rows(c, table))
    assert "| Dengta | 7B | a long note that wraps to a second line |" in note.text
    assert "| Haima |  | no size |" in note.text and "| model | size | note |" in note.text


def test_text_below_a_table_is_no_cell():
    table = [("model", "size", "note"), *((f"m{n}", f"{n}B", "short") for n in range(4))]

    def page(c):
        rows(c, table)
        c.drawString(72, 700 - 14 * 5, "Below the table stands a sentence of the text.")

    note = made(page)
    assert "| m3 | 3B | short |" in note.text and "\n\nBelow the table" in note.text


def test_a_table_that_goes_on_over_the_page_carries_its_header():
    first = [("model", "layers", "width"), *((f"a{n}", str(n), str(9 * n)) for n in range(40))]
    second = [(f"b{n}", str(n), str(9 * n)) for n in range(9)]
    note = made(lambda c: rows(c, first, 780), lambda c: rows(c, second, 780))
    assert note.text.count("| model | layers | width |") == 2
    other = [("item", "price", "count"), *second]
    note = made(lambda c: rows(c, first, 780), lambda c: rows(c, other, 780))
    assert note.text.count("| model | layers | width |") == 1


def test_headers_of_tables():
    above, rows_ = (("a", "b"), ("x", "1")), (("y", "2"), ("z", "3"))
    assert with_header(above, rows_) == (("a", "b"), *rows_)
    assert with_header((), rows_) == rows_
    assert with_header((("a", "b", "c"),), rows_) == rows_
    assert with_header(above, above) == above


CODE = """def f(x, y):
    return x[0]**2 + y[1]*3 - self._a["k"]

for i in range(10):
    if a[i] != b[i] and not c:
        print(f"{i}: {a[i]:.3f}")
    x = {k:  v for k, v in d.items()}"""


@pytest.mark.parametrize("above", [True, False])
def test_code_keeps_its_lines_and_indents(above):
    def page(c):
        if above:
            prose(c, 4, y=820)
        c.setFont("Courier", 9)
        for n, line in enumerate(CODE.split("\n")):
            c.drawString(72, 740 - 12 * n, line)

    note = made(page)
    assert f"```\n{CODE}\n```" in note.text and (PROSE[:40] in note.text) == above
    assert "code" in {block.kind for block in note.blocks}


def test_typewritten_prose_is_prose():
    def page(c):
        c.setFont("Courier", 10)
        for n in range(6):
            c.drawString(72, 740 - 12 * n, "The keeper of the lamp trims it every evening before")

    assert "```" not in made(page).text


def test_the_upper_limit_of_a_sum_stays_with_it():
    def page(c):
        prose(c, 3)
        c.setFont("STSong-Light", 11)
        c.drawString(72, 600, "S = ")
        for size, x, y, sign in ((18, 100, 597, "Σ"), (7, 102, 590, "i=1"), (7, 104, 612, "n"),
                                 (11, 120, 600, "x")):  # fmt: skip
            c.setFont("Helvetica" if sign != "Σ" else "STSong-Light", size)
            c.drawString(x, y, sign)

    text = made(page).text
    assert "^n" in text and "\n\nn\n" not in text
