"""What else stands on pages: drawings, columns from top to bottom, footnotes, initials, marks."""

import io

import pypdfium2
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen import canvas

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes

SAID = "The keeper climbs the stairs at dusk and lights the amber lamp for all the ships at sea."
MORE = "The lens turns on a bath of mercury and throws nine beams over the water every night."
ZH = "灯塔的守夜人每天晚上九点点灯，天亮以后再熄灯并且记录下当晚的天气和船只的数量。"


def read(*pages):
    out = io.BytesIO()
    made = canvas.Canvas(out, pagesize=A4)
    for draw in pages:
        draw(made)
        made.showPage()
    made.save()
    return read_bytes("n.pdf", out.getvalue(), DEFAULT_LIMITS)


def prose(made, text=SAID, left=50, top=740, width=400, size=10):
    made.setFont("Helvetica", size)
    line = ""
    for word in [*text.split(), None]:
        if word is None or stringWidth(f"{line} {word}", "Helvetica", size) > width:
            made.drawString(left, top, line)
            top, line = top - 1.3 * size, ""
        line = f"{line} {word}".strip()
    return top


def bars(made):
    for number, height in enumerate((50, 80, 120, 60)):
        made.rect(100 + 60 * number, 300, 40, height, fill=1)
    made.line(90, 300, 400, 300)


def curve(made):
    path = made.beginPath()
    path.moveTo(100, 300)
    for step in range(30):
        path.lineTo(100 + 8 * step, 300 + step * step % 90)
    made.drawPath(path)


def test_drawings_are_counted_and_named():
    for draw in (bars, curve):
        note = read(prose, lambda made, draw=draw: (prose(made), draw(made)))
        assert "Page 2: a picture" in note.gaps[0]


def test_charts_in_one_place_of_several_pages_are_no_logo():
    def chart(number):
        def page(made):
            prose(made)
            path = made.beginPath()
            path.moveTo(100, 300)
            for step in range(5 + number):
                path.lineTo(100 + 200 * (step + 1) / (5 + number), 300 + 90 * (step % 2))
            made.drawPath(path)

        return page

    assert "Pages 1-4: 4 pictures" in read(*map(chart, range(4))).gaps[0]


def test_frames_tables_shades_and_rules_are_no_drawings():
    def cells(made):
        prose(made, top=780)
        for row in range(5):
            for column in range(3):
                made.drawString(60 + 90 * column, 700 - 18 * row, f"cell {row} {column}")
                made.rect(55 + 90 * column, 695 - 18 * row, 90, 18)

    def lines(made):
        made.rect(40, 400, 500, 380)
        for row in range(12):
            made.setFillGray(0.9)
            made.rect(50, 700 - 20 * row, 400, 14, fill=1, stroke=0)
            made.setFillGray(0)
            made.drawString(55, 703 - 20 * row, f"A line of text, number {row}.")
            made.line(50, 699 - 20 * row, 300, 699 - 20 * row)

    assert read(cells, lines).gaps == ()


def test_chinese_from_top_to_bottom():
    registerFont(UnicodeCIDFont("STSong-Light"))

    def columns(made):
        made.setFont("STSong-Light", 12)
        for number in range(0, len(2 * ZH), 20):
            for row, letter in enumerate((2 * ZH)[number : number + 20]):
                made.drawString(500 - 1.1 * number, 740 - 14 * row, letter)

    assert read(columns).text == 2 * ZH


def test_a_sentence_goes_on_past_the_footnotes_of_its_column():
    def page(made):
        prose(made, f"{SAID} {MORE} The wick is made of", width=230)
        prose(made, "1 See the log of 1888 for the hours.", top=600, width=230, size=8)
        prose(made, f"woven cotton. {MORE}", left=310, width=230)
        prose(made, "2 The horn was sold in 1921.", left=310, top=600, width=230, size=8)

    text = read(page).text
    assert "The wick is made of woven cotton." in text
    assert text.index("1 See the log") < text.index("2 The horn") and text.endswith("in 1921.")


def test_a_large_first_letter_belongs_to_its_word():
    def page(made):
        made.setFont("Times-Roman", 42)
        made.drawString(50, 708, SAID[0])
        made.setFont("Helvetica", 10)
        for number, line in enumerate((SAID[1:40], SAID[40:70], SAID[70:])):
            made.drawString(78, 738 - 13 * number, line.strip())
        prose(made, MORE, top=640)

    assert "The keeper climbs the stairs" in read(page).text


def test_ordinals_and_trade_marks_are_no_powers():
    def page(made):
        line = made.beginText(50, 740)
        for size, rise, words in ((12, 0, "On the 1"), (7, 5, "st"), (12, 0, " night a Lens"),
                                  (7, 5, "TM"), (12, 0, " costs O(n"), (7, 5, "2"),
                                  (12, 0, ") lamps.")):  # fmt: skip
            line.setFont("Helvetica", size)
            line.setRise(rise)
            line.textOut(words)
        made.drawText(line)

    assert read(page).text == "On the 1st night a LensTM costs O(n^2) lamps."


def test_printers_marks_outside_of_the_page_are_not_read():
    def page(made):
        made.setCropBox((50, 50, 550, 800))
        prose(made, left=60)
        made.drawString(60, 20, "beacon_v7.indd")

    assert read(page).text == SAID


def test_attached_files_and_forms_of_adobe_are_named():
    out = io.BytesIO()
    made = canvas.Canvas(out)
    prose(made)
    made.save()
    document = pypdfium2.PdfDocument(out.getvalue())
    document.new_attachment("lamp.docx").set_data(b"words")
    saved = io.BytesIO()
    document.save(saved)
    note = read_bytes("n.pdf", saved.getvalue(), DEFAULT_LIMITS)
    assert "Attached files (lamp.docx)" in note.gaps[0]
    form = out.getvalue().replace(
        b"/Type /Catalog", b"/Type /Catalog /AcroForm << /XFA [] /Fields [] >> /NeedsRendering true"
    )
    assert any("XFA" in gap for gap in read_bytes("n.pdf", form, DEFAULT_LIMITS).gaps)


def test_the_letters_of_a_ligature_stay_in_their_word():
    """As TeX writes them: one glyph, wider than a letter, that stands for several."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin begincmap /CMapName /X def 1 begincodespacerange "
        b"<00> <FF> endcodespacerange 1 beginbfchar <57> <006600660069> endbfchar endcmap end"
    )
    contents = b"BT /F1 12 Tf 72 700 Td (The oWce is eWcient, Wne and oWcial.) Tj ET"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>"
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>"
    )
    streams = [b"<< /Length %d >>\nstream\n%s\nendstream" % (len(s), s) for s in (contents, cmap)]
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               page, streams[0], font, streams[1]]  # fmt: skip
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, o) for n, o in enumerate(objects, 1))
    data = b"%PDF-1.4\n" + body + b"trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF"
    text = read_bytes("n.pdf", data, DEFAULT_LIMITS).text
    assert text == "The office is efficient, ffine and official."
