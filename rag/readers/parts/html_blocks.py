"""An HTML tree → headings, paragraphs, lists, tables and code of a `RichText`."""

import re
from typing import Any

from rag.readers.parts.rich_text import RichText, tidy

_SKIPPED = frozenset({
    "script", "style", "template", "noscript", "head", "svg", "canvas", "iframe", "object",
    "audio", "video", "form", "button", "select", "textarea", "input", "datalist",
})  # fmt: skip
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "math", "meter", "q", "rb", "rp", "rt",
    "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
})  # fmt: skip
_LISTS = frozenset({"ul", "ol"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS_IN_ITEM = "pre|table|h1|h2|h3|h4|h5|h6|blockquote"
_SPACE = re.compile(r"\s+")
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source)-([\w+#-]{1,20})")
_MAX_CELLS = 200  # in a row; more is layout


def parse_html(text: str) -> Any:
    """The tree of a page, as forgiving as browsers are; no entity beyond HTML's own is known.

    Returns:
        The `html` element of lxml, or None for a page without any element.
    """
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    data = text.encode("utf-8", "replace")
    try:
        return html.document_fromstring(data, parser=parser)
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
        if not isinstance(tag, str) or tag in _SKIPPED:
            return
        if tag in _HEADINGS:
            flush()
            rich.heading(_HEADINGS[tag], inline_text(element))
        elif tag in _LISTS and not _holds(element, _BLOCKS_IN_ITEM):
            flush()
            items: list[tuple[int, str]] = []
            _collect(element, items, 0)
            rich.items(items, ordered=tag == "ol")
        elif tag == "table" and _is_data(element):
            flush()
            rich.table(_rows(element))
        elif tag == "pre":
            flush()
            rich.code(preformatted(element), _language(element))
        elif tag == "br":
            inline.append("\n")
        elif tag == "img" and not _stands_in_line(element):
            flush()
            rich.paragraph(_alternative(element))
        elif tag in _INLINE:
            inline.append(_own_text(element))
            if tag != "math":
                for child in element:
                    walk(child)
                    inline.append(_squeeze(child.tail))
        else:
            flush()
            inline.append(_squeeze(element.text))
            for child in element:
                walk(child)
                inline.append(_squeeze(child.tail))
            flush()

    walk(root)
    flush()


def inline_text(element: Any) -> str:
    """The words of an element in one line, pictures by their alternative text."""
    return tidy(_words(element)).replace("\n", " ")


def _words(element: Any, items: list[tuple[int, str]] | None = None, depth: int = 0) -> str:
    """The words of an element; those of lists in it go to `items`, where that is given."""
    parts = [_own_text(element)]
    for child in element if element.tag != "math" else ():
        if items is not None and child.tag in _LISTS:
            _collect(child, items, depth + 1)
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            edge = "" if child.tag in _INLINE else " "
            parts.extend((edge, _words(child, items, depth), edge))
        parts.append(_squeeze(child.tail))
    return "".join(parts)


def _collect(element: Any, items: list[tuple[int, str]], depth: int) -> None:
    """Append (depth, text) of every item of a list and of the lists in it."""
    for child in element:
        if child.tag in _LISTS:
            _collect(child, items, depth + 1)
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            place = len(items)
            items.append((depth, ""))
            items[place] = (depth, _words(child, items, depth))


def _own_text(element: Any) -> str:
    if element.tag == "img":
        return f" {_alternative(element)} "
    if element.tag == "math":
        return f" {_formula(element)} "
    return " " if element.tag == "br" else _squeeze(element.text)


def _alternative(image: Any) -> str:
    return _squeeze(image.get("alt") or "").strip()


def _formula(math: Any) -> str:
    tex = math.xpath(".//*[local-name()='annotation' and contains(@encoding, 'tex')]/text()")
    return f"${tex[0].strip()}$" if tex else _squeeze("".join(math.itertext()))


def _stands_in_line(image: Any) -> bool:
    parent = image.getparent()
    return parent is not None and (
        parent.tag in {"p", "li", "td", "th", "dd"} or bool((image.tail or "").strip())
    )


def _squeeze(text: str | None) -> str:
    return _SPACE.sub(" ", text) if text else ""


def _holds(element: Any, tags: str) -> bool:
    return next(element.iter(*tags.split("|")), None) is not None


def _is_data(table: Any) -> bool:
    """A table of data; one that holds tables, lists or code lays out a page."""
    return not any(part is not table for part in table.iter("table", "ul", "ol", "pre", *_HEADINGS))


def _rows(table: Any) -> list[list[str]]:
    return [
        [inline_text(cell) for cell in row if cell.tag in {"td", "th"}][:_MAX_CELLS]
        for row in table.iter("tr")
    ]


def preformatted(element: Any) -> str:
    """The text of an element, its line breaks and indents kept."""
    parts = ["\n" if element.tag == "br" else element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _SKIPPED:
            parts.append(preformatted(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _language(element: Any) -> str:
    for part in element.iter("pre", "code"):
        match = _LANGUAGE.search(part.get("class") or "")
        if match:
            return match.group(1)
    return ""
