"""EPUB and notebooks: every chapter and output is read or named."""

import io
import json
import zipfile

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes

SAID = "灯塔的旋转透镜由四百块玻璃组成，每晚要擦拭一次，这样光才不会减弱。"
PAGE = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>{}</body></html>'
)
XHTML = "application/xhtml+xml"


def book(*chapters):
    """A book of chapters (name, media type, bytes); None: it is in the spine only."""
    items = "".join(f'<item id="i{n}" href="{name}" media-type="{kind}"/>'
                    for n, (name, kind, body) in enumerate(chapters)
                    if body is not None)  # fmt: skip
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="b.opf"/></rootfiles></container>',
        )
        made.writestr(
            "b.opf",
            f'<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>{items}</manifest>'
            f"<spine>{spine}</spine></package>",
        )
        for name, _, body in chapters:
            if body is not None:
                made.writestr(name, body)
    return read_bytes("n.epub", out.getvalue(), DEFAULT_LIMITS)


def notebook(*cells):
    made = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return read_bytes("n.ipynb", json.dumps(made).encode(), DEFAULT_LIMITS)


def code(*outputs):
    return {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "df",
            "outputs": list(outputs)}  # fmt: skip


def shows(**data):
    kinds = {kind.replace("_", "/", 1): value for kind, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": kinds}


def test_chapters_of_other_kinds_are_read_or_named():
    note = book(
        ("a.xhtml", XHTML, PAGE.format(f"<h1>灯塔</h1><p>{SAID}</p>")),
        ("old.html", "text/x-oeb1-document", PAGE.format("<p>旧式章节</p>")),
        (
            "s.svg",
            "image/svg+xml",
            "<svg xmlns='http://www.w3.org/2000/svg'><text>图章</text></svg>",
        ),
        ("p.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>"),
        ("c.jpg", "image/jpeg", b"\xff\xd8"),
        ("d.xhtml", XHTML, None),
    )
    assert all(part in note.text for part in (SAID, "旧式章节", "图章"))
    said = " ".join(note.gaps)
    assert "c.jpg" in said and "A chapter (i5) is not in the book" in said and "A picture" in said
    assert "cut off" not in said


def test_a_chapter_that_lists_the_others_is_no_text():
    links = "".join(f'<p><a href="a.xhtml#{n}">第{n}章 透镜</a></p>' for n in range(4))
    chapter = ("a.xhtml", XHTML, PAGE.format(f"<h1>灯塔</h1><p>{SAID}</p>"))
    for title in ("目录", "目 录", "Contents", "Table of Contents"):
        note = book(("toc.xhtml", XHTML, PAGE.format(f"<h1>{title}</h1>{links}")), chapter)
        assert "第1章" not in note.text and SAID in note.text
    # One that says more than where things stand is text.
    note = book(("x.xhtml", XHTML, PAGE.format(f"<h1>目录</h1><p>{SAID * 9}</p>{links}")), chapter)
    assert "第1章" in note.text
    note = book(("x.xhtml", XHTML, PAGE.format(f"<h1>导读</h1>{links}")), chapter)
    assert "第1章" in note.text


def test_powers_and_pictures_of_a_book():
    body = f'<h1>灯塔</h1><p>O(n<sup>2</sup>)</p><img src="a.png"/><p>{SAID}</p>'
    note = book(("a.xhtml", XHTML, PAGE.format(body)))
    assert "O(n^2)" in note.text and "A picture" in note.gaps[0]


def test_outputs_that_are_only_html_or_tex_are_read():
    note = notebook(
        code(shows(text_html="<table><tr><th>a</th></tr><tr><td>仅表42</td></tr></table>")),
        code(shows(text_latex=["$x^2$"])),
        code(shows(text_html="<b>x</b>", text_plain="只此一次")),
    )
    assert "| 仅表42 |" in note.text and "$x^2$" in note.text
    assert "只此一次" in note.text and "\nx\n" not in note.text
    assert note.gaps == ()


def test_attachments_and_other_outputs_are_counted():
    note = notebook(
        {"cell_type": "markdown", "metadata": {}, "source": f"{SAID} ![](attachment:a.png)",
         "attachments": {"a.png": {"image/png": "AAAA"}}},
        code(shows(image_png="AAAA"), shows(audio_wav="AAAA")),
        code({"output_type": "display_data", "metadata": {}, "data": {"application/x+json": {}}}),
    )  # fmt: skip
    said = " ".join(note.gaps)
    assert "text cells (1)" in said and "drawn (1)" in said
    assert "A recording" in said and "An embedded object" in said
