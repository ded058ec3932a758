"""The same document written in every format that can be read: for measuring and for tests."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from rag.errors import UsageError

_FONT = "STSong-Light"  # every PDF reader knows it; it holds Chinese and Latin


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the paragraphs under it."""

    heading: str
    paragraphs: tuple[str, ...]


Sections = Sequence[Section]
Writer = Callable[[Sections], bytes]


def markdown(sections: Sections) -> bytes:
    parts = [f"# {part.heading}\n\n" + "\n\n".join(part.paragraphs) for part in sections]
    return "\n\n".join(parts).encode()


def text(sections: Sections) -> bytes:
    return "\n\n".join("\n\n".join((part.heading, *part.paragraphs)) for part in sections).encode()


def html(sections: Sections) -> bytes:
    """A document without navigation, as an editor exports it."""
    return f"<!DOCTYPE html><meta charset='utf-8'><body>{_body(sections)}</body>".encode()


def web_page(sections: Sections) -> bytes:
    """A page as a browser saves it: navigation, footer, scripts and cards around the article."""
    cards = "".join(
        f"<div class='c'><a href='/p/{n}'><img src='{n}.png' alt='Gadget {n}'></a>"
        f"<b>Gadget {n}</b><p>Gadget {n} saves you hours every week.</p></div>"
        for n in range(6)
    )
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Page - Site</title>"
        "<script>var tracking = 1;</script><style>p { color: red }</style></head><body>"
        "<nav><ul><li><a href='/'>Homepage</a></li><li><a href='/login'>Signup</a></li></ul></nav>"
        f"<main><article>{_body(sections)}</article><section><h3>Picked gadgets</h3>"
        f"<div>{cards}</div></section></main>"
        "<footer>Imprint <a href='/about'>Aboutus</a></footer></body></html>"
    ).encode()


def pdf(sections: Sections) -> bytes:
    """One page a section, more where it is long.

    Raises:
        UsageError: reportlab is not installed.
    """
    try:
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfbase.pdfmetrics import registerFont
        from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate
    except ImportError as error:
        raise UsageError(
            "The PDF sample needs reportlab; run `pip install -c constraints.txt "
            '-e ".[eval]"`. 评测样本要用 reportlab，请先安装。'
        ) from error

    registerFont(UnicodeCIDFont(_FONT))
    body = ParagraphStyle(
        "body", fontName=_FONT, fontSize=11, leading=15, spaceAfter=10, wordWrap="CJK"
    )
    head = ParagraphStyle("head", parent=body, fontSize=18, leading=24)
    story: list[Flowable] = []
    for part in sections:
        story.append(Paragraph(escape(part.heading), head))
        story.extend(Paragraph(escape(paragraph), body) for paragraph in part.paragraphs)
        story.append(PageBreak())
    out = io.BytesIO()
    SimpleDocTemplate(out, invariant=1).build(story)
    return out.getvalue()


def docx(sections: Sections) -> bytes:
    from docx import Document

    document = Document()
    for part in sections:
        document.add_heading(part.heading, 1)
        for paragraph in part.paragraphs:
            document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pptx(sections: Sections) -> bytes:
    """One slide a section."""
    from pptx import Presentation

    deck = Presentation()
    for part in sections:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = part.heading
        slide.placeholders[1].text_frame.text = "\n".join(part.paragraphs)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def epub(sections: Sections) -> bytes:
    """One chapter a section."""
    names = [f"c{number}.xhtml" for number in range(len(sections))]
    manifest = "".join(
        f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:'
        'container"><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Book</dc:title>'
        f"</metadata><manifest>{manifest}</manifest><spine>{spine}</spine></package>",
    }
    for name, part in zip(names, sections, strict=True):
        files[f"OEBPS/{name}"] = (
            '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
            f"<body>{_body([part])}</body></html>"
        )
    return archive({name: data.encode() for name, data in files.items()})


def notebook(sections: Sections) -> bytes:
    """A Markdown cell and a code cell with output for each section."""
    cells: list[dict[str, object]] = []
    for part in sections:
        source = markdown([part]).decode()
        cells.append({"cell_type": "markdown", "metadata": {}, "source": source, "id": "a"})
        output = {"output_type": "stream", "name": "stdout", "text": "1\n"}
        cells.append(
            {
                "cell_type": "code",
                "metadata": {},
                "source": "print(1)",
                "outputs": [output],
                "execution_count": 1,
                "id": "b",
            }
        )
    for number, cell in enumerate(cells):
        cell["id"] = f"cell{number}"
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, ensure_ascii=False).encode()


def archive(files: dict[str, bytes]) -> bytes:
    """A ZIP of files by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return out.getvalue()


def _body(sections: Sections) -> str:
    return "".join(
        f"<h1>{escape(part.heading)}</h1>"
        + "".join(f"<p>{escape(paragraph)}</p>" for paragraph in part.paragraphs)
        for part in sections
    )


# By name of the format: the suffix of its files, and what writes one.
WRITERS: dict[str, tuple[str, Writer]] = {
    "markdown": (".md", markdown),
    "text": (".txt", text),
    "html": (".html", html),
    "web page": (".html", web_page),
    "pdf": (".pdf", pdf),
    "docx": (".docx", docx),
    "pptx": (".pptx", pptx),
    "epub": (".epub", epub),
    "notebook": (".ipynb", notebook),
    "zip": (".zip", lambda sections: archive({"a/n.md": markdown(sections)})),
}
