"""Each format's own ways: headings, lists, tables, pages, alternative text, encodings."""

import io
import json

import pytest

from rag.errors import CorpusError
from rag.evaluation.samples import WRITERS, Section, archive, epub, html, pdf, web_page
from rag.index.chunking import chunk_note
from rag.index.documents import embedding_text
from rag.limits import DEFAULT_LIMITS
from rag.notes.note import Note, Skipped
from rag.readers import read_bytes, suffixes
from rag.readers.corpus import find_note, read_corpus
from tests.places import REPOSITORY

SHARED_GUIDE = REPOSITORY.parent / "shared" / "guide"
SECTIONS = (
    Section(
        "张量并行", ("张量并行把一个矩阵乘法切到多张卡上，每层需要两次 all-reduce 通信。" * 3,)
    ),
    Section("Pipeline", ("Pipeline parallelism puts layers on different devices. " * 4,)),
)


def read(name: str, data: bytes | str) -> Note:
    return read_bytes(name, data.encode() if isinstance(data, str) else data, DEFAULT_LIMITS)


def blocks(note: Note, kind: str = "text") -> list[str]:
    return [note.text[b.start : b.end] for b in note.blocks if b.kind == kind]


# Markdown


def test_markdown_blocks_of_every_kind():
    note = read(
        "n.md",
        "---\ntitle: T\ntags: [a]\n---\n# H\ntext\n\n- one\n  - nested\n    1. deeper\n- two\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n$$\nx^2\n$$\n\n```py\n# no heading\n```\n",
    )
    assert (note.title, note.meta["tags"]) == ("T", ["a"])
    assert blocks(note, "list") == ["- one\n  - nested\n    1. deeper\n- two"]
    assert blocks(note, "table") == ["| a | b |\n|---|---|\n| 1 | 2 |"]
    assert blocks(note, "math") == ["$$\nx^2\n$$"]
    assert blocks(note, "code") == ["```py\n# no heading\n```"]
    assert {block.headings for block in note.blocks} == {("H",)}


def test_html_in_markdown_is_searched_by_its_words():
    note = read(
        "n.md",
        '# H\n<div align="center"><img src="a.png" alt="attention map"></div>\n\n'
        "H<sub>2</sub>O<br>and ![KV cache](kv.png), <think> and <|im_start|> <!-- hidden -->\n",
    )
    said = " ".join(embedding_text(chunk) for chunk in chunk_note(note, len, 400))
    assert "attention map" in said and "KV cache" in said and "H2O" in said
    assert "<think>" in said and "<|im_start|>" in said
    assert not any(mark in said for mark in ("div", "center", "<br>", "src", "hidden"))


def test_a_heading_with_nothing_below_it_is_not_lost():
    note = read("n.md", "# Questions\n## What is LoRA?\n## What is RoPE?\ntext\n## Last?\n")
    assert blocks(note) == ["## What is LoRA?", "text", "## Last?"]
    assert [block.headings for block in note.blocks] == [
        ("Questions",), ("Questions", "What is RoPE?"), ("Questions",)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "matter",
    [
        "title: *a",
        "a: &a [x]\ntitle: [*a, *a]",
        "title: [1, 2]",
        "d: 2024-13-45",
        "[" * 900,
        "a: [",
    ],
)
def test_odd_front_matter_harms_nothing(matter):
    note = read("name.md", f"---\n{matter}\n---\n\n# Heading\n\ntext\n")
    assert note.title in {"Heading", "name"}
    assert blocks(note)[-1] == "text"


# Text and encodings


def test_text_paragraphs_whatever_the_line_ends():
    for end in ("\n", "\r\n", "\r"):
        note = read("n.txt", end.join(["one", "two", "", "three", " ", "", "four"]))
        assert blocks(note) == [f"one{end}two", "three", "four"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize(
    "text",
    ["注意力", "LoRA 的秩", "什么是 KV cache？\n它保存键和值。", "大模型微调方法的总结" * 50],
)
def test_encodings_are_told_apart(encoding, text):
    note = read("n.txt", text.encode(encoding))
    assert note.text.lstrip("\ufeff") == text


def test_english_in_utf16_without_a_mark():
    assert read("n.txt", "What is attention?\r\n".encode("utf-16-be")).text.startswith("What")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)),
        bytes(range(1, 256)) * 3,
        "Das Gerät für naïve Prüfungen ähnelt ß".encode("latin-1"),
        b"\x7fELF\x02\x01\x01\0" + b"\0\x10\x22\x03" * 40,
    ],
)
def test_what_is_no_text_is_refused(data):
    with pytest.raises(CorpusError, match=r"n\.txt is not UTF-8, UTF-16 or GB18030"):
        read("n.txt", data)


# Saved pages


ARTICLE = "\n\n".join(
    ["检索增强生成入门", "什么是 RAG？", "检索增强生成先找资料，再让模型依据资料回答。" * 4,
     "向量检索", "把段落编码成向量，用最近邻搜索找出相关段落。" * 4, "结语", "祝大家学习愉快！"]
)  # fmt: skip
CARDS = [("Quillo", "Notes that write themselves"), ("云墨", "一键排版"),
         ("Fernly", "Plants by AI"), ("译站", "实时字幕"), ("Papero", "论文润色")]  # fmt: skip


def cards_text() -> str:
    return "\n\n".join(
        f"{name}\n\n{name}\n\n{what}\n\n{name} {what}，立即体验。" for name, what in CARDS
    )


def test_the_promotion_below_a_saved_page_is_no_note():
    note = read("page.txt", f"{ARTICLE}\n\nHot picks\n\n{cards_text()}\n\n加载更多\n")
    assert blocks(note)[-2:] == ["结语", "祝大家学习愉快！"]
    assert "Quillo" in note.text  # the text itself is the file's


@pytest.mark.parametrize(
    "text",
    [
        ARTICLE,
        f"{ARTICLE}\n\n推荐阅读\n\nAttention Is All You Need\n\nLoRA\n\nQLoRA\n\nDPO\n\nRAG",
        # Flashcards: every term twice, and nothing before them.
        "\n\n".join(f"{t}\n\n{t}\n\n{t} 的定义。" for t in ("LoRA", "RoPE", "DPO", "PPO", "MoE")),
        # A glossary of what the note speaks of.
        ARTICLE + "LoRA、RoPE、DPO、PPO 都很重要。\n\n"
        + "\n\n".join(f"{t}\n\n{t}\n\n{t} 的定义。" for t in ("LoRA", "RoPE", "DPO", "PPO")),
        # Doubled lines in the middle, and a refrain at the end.
        f"{cards_text()}\n\n{ARTICLE}\n\n{ARTICLE}",
        f"{ARTICLE}\n\n" + "\n\n".join(["la la", "la la", "oh"] * 5),
    ],
)  # fmt: skip
def test_ordinary_notes_stay_whole(text):
    assert read("n.txt", text).blocks[-1].end == len(text)


@pytest.mark.skipif(not SHARED_GUIDE.is_dir(), reason="the saved page is not here")
def test_the_real_saved_page():
    for entry in read_corpus(SHARED_GUIDE):
        assert isinstance(entry, Note)
        said = "\n".join(blocks(entry))
        for heading in (
            "基础知识篇",
            "微调技术篇",
            "推理优化篇",
            "评估与应用篇",
            "结语",
            "前程似锦",
        ):
            assert heading in said
        for tail in ("编辑推荐精选", "Vora", "酷表", "TRAE", "潮际好麦", "下拉加载更多"):
            assert tail not in said


def test_main_content_of_a_web_page():
    note = read("p.html", web_page(SECTIONS))
    for word in (
        "Homepage",
        "Signup",
        "tracking",
        "color",
        "Gadget",
        "gadgets",
        "Imprint",
        "Aboutus",
    ):
        assert word not in note.text
    assert {block.headings for block in note.blocks} == {("张量并行",), ("Pipeline",)}
    assert "all-reduce" in note.text and "different devices" in note.text


def test_cards_whose_pictures_have_no_text():
    cards = "".join(f"<div><a href='/{n}'><img src='x'><b>{n}</b></a> {w}</div>" for n, w in CARDS)
    page = web_page(SECTIONS).decode().replace("<section>", f"<section><h3>More</h3>{cards}")
    note = read("p.html", page)
    assert not any(name in note.text for name, _ in CARDS)
    assert "different devices" in note.text


def test_structure_of_an_html_document():
    note = read(
        "n.html",
        "<title>T</title><h2>A</h2><p>短 <b>bold</b><img alt='a figure' src=x></p>"
        "<ul><li>one<ul><li>nested</li></ul></li><li>two</li></ul>"
        "<table><tr><th>m</th><th>n</th></tr><tr><td>1</td><td>2</td></tr></table>"
        "<pre class='language-py'>x\n  y</pre><h3>B</h3><div>tail<script>evil()</script></div>"
        "<p>so <span class='katex'><math><mi>x</mi><annotation encoding='application/x-tex'>x^2"
        "</annotation></math><span aria-hidden='true'>x2</span></span> is</p>",
    )
    assert note.title == "T"
    assert blocks(note) == ["短 bold a figure", "tail", "so $x^2$ is"]
    assert blocks(note, "list") == ["- one\n  - nested\n- two"]
    assert blocks(note, "table") == ["| m | n |\n|---|---|\n| 1 | 2 |"]
    assert blocks(note, "code") == ["```py\nx\n  y\n```"]
    assert note.blocks[-1].headings == ("A", "B")


def test_a_page_in_the_encoding_it_declares():
    page = "<meta charset=gb2312><p>注意力机制</p>"
    assert read("n.html", page.encode("gb18030")).text == "注意力机制"
    assert read("n.html", "<meta charset=zip><p>word</p>").text == "word"


# PDF


def test_pdf_pages_headings_and_unbroken_paragraphs():
    note = read("n.pdf", pdf(SECTIONS))
    assert [(block.headings, block.page) for block in note.blocks] == [
        (("张量并行",), 1), (("Pipeline",), 2)
    ]  # fmt: skip
    assert blocks(note) == [section.paragraphs[0].strip() for section in SECTIONS]
    chunks = chunk_note(note, len, 100)
    assert {chunk.metadata["page"] for chunk in chunks} == {1, 2}


def test_pdf_headers_and_page_numbers_are_left_out():
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    for number in range(1, 6):
        canvas.drawString(72, 820, "Proceedings of Everything")
        canvas.drawString(72, 500, f"Body {'abcdef'[number]} speaks of atten-")
        canvas.drawString(72, 486, "tion and more.")
        canvas.drawString(290, 20, f"Page {number}")
        canvas.showPage()
    canvas.save()
    note = read("n.pdf", out.getvalue())
    assert blocks(note) == [f"Body {letter} speaks of attention and more." for letter in "bcdef"]
    assert [block.page for block in note.blocks] == [1, 2, 3, 4, 5]


def test_scans_and_locked_pdfs_are_named_as_such():
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    scan = Canvas(out)
    scan.rect(10, 10, 100, 100)
    scan.save()
    with pytest.raises(
        CorpusError, match=r"no text(, as scans do; .*run OCR| that OCR recognises)"
    ):
        read("n.pdf", out.getvalue())
    out = io.BytesIO()
    locked = Canvas(out, encrypt=StandardEncryption("secret", "owner"))
    locked.drawString(72, 500, "hidden")
    locked.save()
    with pytest.raises(CorpusError, match="locked by a password"):
        read("n.pdf", out.getvalue())


# Office


def test_docx_structure():
    from docx import Document

    document = Document()
    document.add_heading("调研报告", 0)
    document.add_heading("方法", 1)
    document.add_paragraph("LoRA 很省显存。")
    document.add_paragraph("first", style="List Bullet")
    document.add_paragraph("second", style="List Bullet 2")
    table = document.add_table(2, 2)
    for at, word in enumerate("abcd"):
        table.cell(at // 2, at % 2).text = word
    document.add_heading("细节", 2)
    document.add_paragraph("line one\nline two")
    out = io.BytesIO()
    document.save(out)
    note = read("n.docx", out.getvalue())
    assert note.title == "调研报告"
    assert blocks(note) == ["LoRA 很省显存。", "line one\nline two"]
    assert blocks(note, "list") == ["- first\n  - second"]
    assert blocks(note, "table") == ["| a | b |\n|---|---|\n| c | d |"]
    assert note.blocks[-1].headings == ("调研报告", "方法", "细节")


def test_docx_shows_what_a_reader_sees():
    from docx import Document
    from docx.oxml import parse_xml

    spaces = (
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    )
    document = Document()
    document.element.body.insert(0, parse_xml(
        f"<w:p {spaces}><w:r><w:t>kept </w:t></w:r><w:ins><w:r><w:t>inserted </w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>deleted </w:delText></w:r></w:del>"
        "<w:hyperlink><w:r><w:t>link </w:t></w:r></w:hyperlink>"
        "<m:oMath><m:r><m:t>E=mc</m:t></m:r></m:oMath>"
        '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="a chart"/></wp:inline>'
        "</w:drawing></w:r><w:r><mc:AlternateContent><mc:Choice Requires='x'><w:txbxContent><w:p>"
        "<w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>"
        "<w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    ))  # fmt: skip
    out = io.BytesIO()
    document.save(out)
    note = read("n.docx", out.getvalue())
    assert blocks(note) == ["kept inserted link E=mc a chart", "boxed"]


def test_pptx_slides_are_pages():
    from pptx import Presentation

    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[5])
    first.shapes.title.text = "大模型分享"
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "KV Cache"
    second.placeholders[1].text_frame.text = "point\nother point"
    second.notes_slide.notes_text_frame.text = "Say it slowly."
    table = second.shapes.add_table(2, 1, 0, 0, 9, 9).table
    table.cell(0, 0).text, table.cell(1, 0).text = "head", "cell"
    out = io.BytesIO()
    deck.save(out)
    note = read("n.pptx", out.getvalue())
    assert note.title == "大模型分享"
    said = [(b.kind, note.text[b.start : b.end], b.page) for b in note.blocks]
    assert said == [
        ("text", "大模型分享", 1),  # a slide that is its title only
        ("list", "- point\n- other point", 2),
        ("table", "| head |\n|---|\n| cell |", 2),
        ("text", "Say it slowly.", 2),
    ]


# Books, notebooks, archives


def test_epub_chapters_are_headings():
    note = read("n.epub", epub(SECTIONS))
    assert note.title == "Book"
    assert [block.headings for block in note.blocks] == [("张量并行",), ("Pipeline",)]


def test_notebook_cells_and_short_outputs():
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "intro ```` tail"]},
        {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "print('```')",
         "outputs": [{"output_type": "stream", "name": "stdout", "text": "line\n" * 1000},
                     {"output_type": "display_data", "metadata": {},
                      "data": {"image/png": "aaaa", "text/plain": "<Figure>"}}]},
        {"cell_type": "markdown", "metadata": {}, "source": "## Next\n- a\n- b"},
    ]  # fmt: skip
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}
    note = read("n.ipynb", json.dumps(book))
    assert note.title == "Title"
    code = blocks(note, "code")
    assert code[0] == "````python\nprint('```')\n````"
    assert len(code[1]) < 600 and code[1].endswith("line\n…\n```")
    assert "aaaa" not in note.text
    assert note.blocks[-1].headings == ("Title", "Next")


def test_every_note_in_an_archive_can_be_found_again(tmp_path):
    files = {f"深/{name}{suffix}": write(SECTIONS) for name, (suffix, write) in WRITERS.items()}
    del files["深/zip.zip"]
    (tmp_path / "all.zip").write_bytes(archive({**files, "picture.png": b"\x89PNG"}))
    (tmp_path / "n.md").write_text("# plain", "utf-8")
    entries = list(read_corpus(tmp_path))
    notes = [entry for entry in entries if isinstance(entry, Note)]
    assert {entry.path for entry in notes} == {f"all.zip/{name}" for name in files} | {"n.md"}
    assert [entry.path for entry in entries if entry not in notes] == ["all.zip/picture.png"]
    for entry in notes:
        assert find_note(tmp_path, entry.path) == entry


def test_a_bad_file_is_reported_and_the_rest_read(tmp_path):
    for suffix in suffixes() | {".zip"}:
        (tmp_path / f"bad{suffix}").write_bytes(b"\x93\x00\x1f\x88 broken \xff\xfe\x00")
    (tmp_path / "good.md").write_text("# fine\n\ntext", "utf-8")
    (tmp_path / "pages.html").write_bytes(html(SECTIONS))
    entries = list(read_corpus(tmp_path))
    bad = [entry for entry in entries if isinstance(entry, Skipped)]
    assert {entry.path for entry in entries if isinstance(entry, Note)} == {"good.md", "pages.html"}
    assert len(bad) == len(suffixes()) + 1
    assert all(entry.path in entry.reason and entry.reason.endswith(".") for entry in bad)


@pytest.mark.slow
def test_a_thousand_notes_and_three_hundred_pictures(tmp_path):
    for number in range(1000):
        folder = tmp_path / f"d{number % 20}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.md").write_text(f"# N{number}\n\n![图{number}](p.png) text", "utf-8")
    for number in range(300):
        (tmp_path / f"d{number % 20}" / f"p{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    entries = list(read_corpus(tmp_path))
    assert len(entries) == 1000
    assert all(isinstance(entry, Note) for entry in entries)
