"""Word and PowerPoint: powers stay powers; what cannot be read is said."""

import io
import zipfile

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes
from rag.readers.office.omml import formula
from rag.readers.parts.pictures import described
from tests.readers.test_office import SPACES, read, run, word

VML = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"


def png():
    out = io.BytesIO()
    Image.new("RGB", (40, 40), (255, 0, 0)).save(out, "PNG")
    return io.BytesIO(out.getvalue())


def shifted(text, how):
    return run(text, f'<w:rPr><w:vertAlign w:val="{how}"/></w:rPr>')


def math(inside):
    letters = "".join(f"<m:r><m:t>{part}</m:t></m:r>" if part.isalnum() else part
                      for part in inside.split("|"))  # fmt: skip
    return formula(parse_xml(f"<m:oMath {SPACES}>{letters}</m:oMath>"))


def test_raised_and_lowered_runs_of_word():
    note = word(
        f"<w:p>{run('O(n')}{shifted('2', 'superscript')}{run(' d), H')}"
        f"{shifted('2', 'subscript')}{run('O, 3×10')}{shifted('-', 'superscript')}"
        f"{shifted('5', 'superscript')}</w:p>"
    )
    assert note.text == "O(n^2 d), H_2O, 3×10^(-5)"


def test_a_style_that_raises_or_hides():
    document = Document()
    raised = document.styles.add_style("Up", WD_STYLE_TYPE.CHARACTER)
    raised.font.superscript = True
    hidden = document.styles.add_style("Secret", WD_STYLE_TYPE.CHARACTER)
    hidden.font.hidden = True
    child = document.styles.add_style("Child", WD_STYLE_TYPE.CHARACTER)
    child.base_style = hidden
    secret = document.styles.add_style("SecretLine", WD_STYLE_TYPE.PARAGRAPH)
    secret.font.hidden = True
    line = document.add_paragraph("n")
    line.add_run("2", style="Up")
    line.add_run("秘密", style="Secret")
    line.add_run("秘密", style="Child")
    shown = line.add_run("可见", style="Secret")
    shown.font.hidden = False
    document.add_paragraph("秘密", style="SecretLine")
    assert read(document, ".docx").text == "n^2可见"


def test_raised_runs_of_slides():
    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    line = slide.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.paragraphs[0]
    for text, baseline in (("O(n", 0), ("2", 30000), (" d), x", 0), ("i", -25000)):
        added = line.add_run()
        added.text = text
        added.font._element.set("baseline", str(baseline))
    assert "O(n^2 d), x_i" in read(slides, ".pptx").text


def test_formulas_of_office():
    rows = (f"<m:mr><m:e>|{a}|</m:e><m:e>|{b}|</m:e></m:mr>" for a, b in ("12", "34"))
    matrix = f"<m:m>{''.join(rows)}</m:m>"
    assert math(matrix) == "[1, 2; 3, 4]"
    assert math(f'<m:d><m:dPr><m:begChr m:val="["/></m:dPr><m:e>|{matrix}|</m:e></m:d>') == (
        "[1, 2; 3, 4]"
    )
    assert math('<m:acc><m:accPr><m:chr m:val="\u0302"/></m:accPr><m:e>|x|</m:e></m:acc>') == (
        "x\u0302"
    )
    assert math('<m:acc><m:accPr><m:chr m:val="\u20d7"/></m:accPr><m:e>|ab|</m:e></m:acc>') == (
        "vec(ab)"
    )
    assert math('<m:bar><m:barPr><m:pos m:val="top"/></m:barPr><m:e>|x|</m:e></m:bar>') == (
        "x\u0304"
    )
    assert math("<m:func><m:fName>|log|</m:fName><m:e>|x|</m:e></m:func>") == "log x"
    assert math("<m:limLow><m:e>|lim|</m:e><m:lim>|x|</m:lim></m:limLow>") == "lim_x"
    assert math("<m:f><m:num>|a|</m:num><m:den>|2|</m:den></m:f>|n|") == "a/2 n"


def test_what_word_holds_of_other_programs_is_said():
    document = Document()
    line = document.add_paragraph("有批注")
    document.add_comment(line.runs, text="批注内容", author="x")
    document.add_picture(png())  # described by nothing but its file's name
    for inside in (
        f'<w:pict><v:shape><v:imagedata r:id="rId99" {R}/></v:shape></w:pict>',
        '<w:pict><v:shape alt="一座灯塔"><v:imagedata/></v:shape></w:pict>',
        '<w:object><v:shape><v:imagedata/></v:shape><o:OLEObject ProgID="Excel"/></w:object>',
    ):
        document.add_paragraph()._p.append(parse_xml(f"<w:r {SPACES} {VML}>{inside}</w:r>"))
    document.element.body.insert(-1, parse_xml(f'<w:altChunk {SPACES} {R} r:id="rId77"/>'))
    note = read(document, ".docx")
    said = " ".join(note.gaps)
    assert "2 pictures" in said and "2 embedded objects" in said and "A comment" in said
    assert "一座灯塔" in note.text and "批注内容" not in note.text


def test_footnotes_and_numbers_in_cells():
    document = Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).text = "头"
    cell = table.cell(1, 0).paragraphs[0]
    cell.add_run("格")
    for key in "39":
        mark = f'<w:r {SPACES}><w:footnoteReference w:id="{key}"/></w:r>'
        cell._p.append(parse_xml(mark))
    item = table.cell(1, 1).paragraphs[0]
    item.add_run("第一项")
    item.style = document.styles["List Number"]
    made, out = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "[Content_Types].xml":
                part = (
                    f'<Override PartName="/word/footnotes.xml" ContentType="{FOOTNOTES}"/></Types>'
                )
                body = body.replace(b"</Types>", part.encode())
            elif name == "word/_rels/document.xml.rels":
                part = f'<Relationship Id="rIdF" Type="{KIND}" Target="footnotes.xml"/>'
                part += "</Relationships>"
                body = body.replace(b"</Relationships>", part.encode())
            new.writestr(name, body)
        notes = f'<w:footnote w:id="3"><w:p>{run("表内脚注")}</w:p></w:footnote>'
        new.writestr("word/footnotes.xml", f"<w:footnotes {SPACES}>{notes}</w:footnotes>")
    note = read_bytes("n.docx", out.getvalue(), DEFAULT_LIMITS)
    assert "| 格 | 1. 第一项 |" in note.text and "表内脚注" in note.text
    assert "Footnotes (1)" in note.gaps[0]


def test_what_slides_hold_of_other_programs_is_said():
    slides = Presentation()
    shapes = slides.slides.add_slide(slides.slide_layouts[6]).shapes
    shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "灯塔"
    size = Inches(1)
    shapes.add_ole_object(io.BytesIO(b"x" * 100), "Excel.Sheet.12", 0, 0, size, size)
    shapes.add_movie(io.BytesIO(b"x"), 0, 0, size, size)
    shapes.add_picture(png(), 0, 0)._element.nvPicPr.cNvPr.set("descr", "IMG_2.jpg")
    said = " ".join(read(slides, ".pptx").gaps)
    assert "A picture" in said and "An embedded object" in said and "A recording" in said


def test_the_name_of_a_file_describes_nothing():
    for words in ("a.png", "C:\\x y.png", "图片 1", "image", "Picture 3", "https://a.b/c", " "):
        assert described(words.replace(" y", "y")) == "", words
    for words in ("一座灯塔", "Loss falls from 3 to 1.", "灯塔.png 的说明", "图 1：损失"):
        assert described(words) == words
