"""Word and PowerPoint: what they draw by themselves, what is hidden, and what is only repeated."""

import io
import zipfile

from docx import Document
from docx.oxml import parse_xml
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes
from rag.readers.office.word_numbers import written

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
FORMULA = (
    "<m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den>"
    "</m:f><m:sSup><m:e><m:r><m:t>n</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup>"
    "</m:sSup></m:oMath>"
)


def read(document, suffix):
    out = io.BytesIO()
    document.save(out)
    return read_bytes(f"n{suffix}", out.getvalue(), DEFAULT_LIMITS)


def word(*xml):
    document = Document()
    for part in xml:
        document.element.body.insert(-1, parse_xml(part.replace(">", f" {SPACES}>", 1)))
    return read(document, ".docx")


def run(text, properties=""):
    return f"<w:r>{properties}<w:t xml:space='preserve'>{text}</w:t></w:r>"


def test_numbers_that_word_draws():
    document = Document()
    for text in ("冻结词表", "跑回归集", "灰度百分之五"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("点", style="List Bullet")
    note = read(document, ".docx")
    assert note.text == "1. 冻结词表\n2. 跑回归集\n3. 灰度百分之五\n- 点"
    assert [written(n, "chineseCounting") for n in (1, 10, 11, 20, 21)] == [
        "一", "十", "十一", "二十", "二十一"
    ]  # fmt: skip
    assert (written(4, "lowerRoman"), written(28, "upperLetter")) == ("iv", "BB")


def test_tables_of_contents_are_no_text():
    line = "<w:p><w:pPr><w:pStyle w:val='TOC1'/></w:pPr>" + run("1 策略 11") + "</w:p>"
    field = ("<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> TOC \\o "
             "</w:instrText></w:r><w:r><w:fldChar w:fldCharType='separate'/></w:r>"
             + run("2 目录项 12") + "</w:p>")  # fmt: skip
    end = "<w:p>" + run("3 目录项 13") + "<w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>"
    end_sdt = "</w:p></w:sdtContent></w:sdt>"
    sdt = ("<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/>"
           "</w:docPartObj></w:sdtPr><w:sdtContent><w:p>" + run("目录") + end_sdt)  # fmt: skip
    typed = "<w:p>" + run("4 缓存..............14") + "</w:p>"
    note = word(line, field, end, sdt, typed, "<w:p>" + run("正文。") + "</w:p>")
    assert note.text == "正文。"


def test_hidden_deleted_and_moved_text_is_not_read():
    note = word(
        "<w:p>" + run("seen ") + run("hidden ", "<w:rPr><w:vanish/></w:rPr>")
        + run("shown ", "<w:rPr><w:vanish w:val='0'/></w:rPr>")
        + f"<w:moveFrom w:id='1'>{run('moved ')}</w:moveFrom><w:moveTo w:id='2'>{run('here ')}"
        + "</w:moveTo><w:del w:id='3'><w:r><w:delText>gone</w:delText></w:r></w:del>"
        + f"{FORMULA}</w:p>"
    )  # fmt: skip
    assert note.text == "seen shown here (a+b)/2 n^2"


def test_merged_cells_say_what_they_cover():
    def cell(text, properties=""):
        return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{run(text) if text else ''}</w:p></w:tc>"

    down = "<w:vMerge/>"
    note = word(
        "<w:tbl><w:tr>" + cell("model") + cell("speed", "<w:gridSpan w:val='2'/>") + "</w:tr><w:tr>"
        + cell("A", "<w:vMerge w:val='restart'/>") + cell("1") + cell("2") + "</w:tr><w:tr>"
        + cell("", down) + cell("3") + cell("4") + "</w:tr></w:tbl>"
    )  # fmt: skip
    assert note.text.split("\n") == [
        "| model | speed | speed |", "|---|---|---|", "| A | 1 | 2 |", "| A | 3 | 4 |"
    ]  # fmt: skip


def test_footnotes_are_read_below_their_paragraph():
    document = Document()
    document.element.body.insert(0, parse_xml(
        f"<w:p {SPACES}>" + run("see") + "<w:r><w:footnoteReference w:id='2'/></w:r></w:p>"
    ))  # fmt: skip
    out = io.BytesIO()
    document.save(out)
    notes = (
        f"<w:footnotes {SPACES}><w:footnote w:id='2'><w:p>{run('It is 42.')}</w:p></w:footnote>"
        "</w:footnotes>"
    )
    relation = (
        '<Relationship Id="rId99" Target="footnotes.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/footnotes"/></Relationships>'
    )
    made = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/_rels/document.xml.rels":
                data = data.replace(b"</Relationships>", relation.encode())
            new.writestr(name, data)
        new.writestr("word/footnotes.xml", notes)
    note = read_bytes("n.docx", made.getvalue(), DEFAULT_LIMITS)
    assert note.text == "see\n\nIt is 42."


def box(text, extra=""):
    return (
        f"<p:sp {SPACES}><p:nvSpPr><p:cNvPr id='9' name='b' {extra}/><p:cNvSpPr txBox='1'/>"
        f"<p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r>"
        f"<a14:m>{FORMULA}</a14:m></a:p></p:txBody></p:sp>"
    )


def deck():
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = "缩放"
    return made, slide


def test_boxes_with_formulas_and_hidden_shapes():
    made, slide = deck()
    slide.shapes._spTree.append(parse_xml(
        f"<mc:AlternateContent {SPACES}><mc:Choice Requires='a14'>{box('因子是 ')}</mc:Choice>"
        f"<mc:Fallback>{box(' ')}</mc:Fallback></mc:AlternateContent>"
    ))  # fmt: skip
    slide.shapes._spTree.append(parse_xml(box("secret", "hidden='1'")))
    hidden = made.slides.add_slide(made.slide_layouts[5])
    hidden.shapes.title.text = "not shown"
    hidden._element.set("show", "0")
    note = read(made, ".pptx")
    assert note.text == "# 缩放\n\n因子是 (a+b)/2 n^2"
    assert "Slide 2 is hidden" in note.gaps[0]


def test_charts_and_merged_cells_of_slides():
    made, slide = deck()
    data = CategoryChartData()
    data.categories = ["A", "B"]
    data.add_series("快", (1.5, 2))
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, Inches(3), Inches(3), data)
    table = slide.shapes.add_table(2, 2, 0, 0, 9, 9).table
    table.cell(0, 0).merge(table.cell(1, 0))
    for (row, column), text in {(0, 0): "k", (0, 1): "x", (1, 1): "y"}.items():
        table.cell(row, column).text = text
    note = read(made, ".pptx")
    tables = [note.text[b.start : b.end] for b in note.blocks if b.kind == "table"]
    assert tables == [
        "|  | 快 |\n|---|---|\n| A | 1.5 |\n| B | 2 |",
        "| k | x |\n|---|---|\n| k | y |",
    ]


def test_numbered_lists_of_slides():
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text = "步骤"
    frame = slide.placeholders[1].text_frame
    frame.text = "first\nsecond"
    for paragraph in frame.paragraphs:
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f"<a:buAutoNum {SPACES} type='arabicPeriod'/>")
        )
    assert read(made, ".pptx").text == "# 步骤\n\n1. first\n2. second"
