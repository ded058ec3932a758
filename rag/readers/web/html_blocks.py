"""An HTML tree → headings, paragraphs, lists, tables and code of a `RichText`."""

import re
from typing import Any

from rag.readers.parts.rich_text import RichText
from rag.readers.web.html_shown import shown
from rag.readers.web.html_tables import rows_of
from rag.readers.web.html_words import (
    INLINE,
    LISTS,
    SKIPPED,
    alternative,
    collect,
    inline_text,
    own_text,
    preformatted,
    squeeze,
)

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS_IN_ITEM = "pre|table|h1|h2|h3|h4|h5|h6|blockquote"
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source)-([\w+#-]{1,20})")


def parse_html(text: str) -> Any:
    """The tree of a page, as forgiving as browsers are; no entity beyond HTML's own is known.

    Returns:
        The `html` element of lxml, as its reader sees it, or None for a page without any element.
    """
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    data = text.encode("utf-8", "replace")
    try:
        return shown(html.document_fromstring(data, parser=parser))
    except etree.ParserError:  # nothing in it
        return None


def write_html(rich: RichText, root: Any) -> None:
    """Append what a reader of the page would see, in reading order."""
    inline: list[str] = []

    def flush() -> None:
        rich.paragraph("".join(inline))
        inline.clear()

    def walk(element: Any) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in SKIPPED:
            return
        if tag in _HEADINGS:
            flush()
            rich.heading(_HEADINGS[tag], inline_text(element))
        elif tag in LISTS and not _holds(element, _BLOCKS_IN_ITEM):
            flush()
            items: list[tuple[int, str]] = []
            collect(element, items, 0)
            start = element.get("start") or "1"
            first = int(start) if start.isdecimal() and len(start) < 6 else 1
            rich.items(items, ordered=tag == "ol", first=first)
        elif tag == "table" and _is_data(element):
            flush()
            for caption in element.iter("caption"):
                rich.paragraph(inline_text(caption))
            rich.table(rows_of(element))
        elif tag == "pre":
            flush()
            rich.code(preformatted(element), _language(element))
        elif tag == "br":
            inline.append("\n")
        elif tag == "img" and not _stands_in_line(element):
            flush()
            rich.paragraph(alternative(element))
        elif tag in INLINE:
            inline.append(own_text(element))
            for child in element:
                walk(child)
                inline.append(squeeze(child.tail))
        else:
            flush()
            inline.append(squeeze(element.text))
            for child in element:
                walk(child)
                inline.append(squeeze(child.tail))
            flush()

    walk(root)
    flush()


def _stands_in_line(image: Any) -> bool:
    parent = image.getparent()
    return parent is not None and (
        parent.tag in {"p", "li", "td", "th", "dd"} or bool((image.tail or "").strip())
    )


def _holds(element: Any, tags: str) -> bool:
    return next(element.iter(*tags.split("|")), None) is not None


def _is_data(table: Any) -> bool:
    """A table of data; one that holds tables, lists or code lays out a page."""
    return not any(part is not table for part in table.iter("table", "ul", "ol", "pre", *_HEADINGS))


def _language(element: Any) -> str:
    for part in element.iter("pre", "code"):
        match = _LANGUAGE.search(part.get("class") or "")
        if match:
            return match.group(1)
    return ""
