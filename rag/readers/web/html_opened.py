"""What a page folds, packs away or shows twice, opened: before anybody asks what of it is hidden.

Panels of tabs and notes that open on a click, roots of web components, frames packed into the page,
formulas that a site has drawn as pictures, numbers beside the lines of code.
"""

import re
from typing import Any

_TEX_PICTURE = re.compile(r"\{\\(?:display|text)style\s*(?P<tex>.*)\}", re.DOTALL)
_DRAWN = "MathJax mjx-container MathJax_SVG mwe-math-element"
_NUMBERS = re.compile(r"\s*\d+(?:\s+\d+)*\s*")
_FEWEST = 2  # numbers of lines


def opened(root: Any) -> Any:
    """The same tree, changed."""
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            continue
        if element.tag == "template" and element.get("shadowrootmode") is not None:
            element.tag = "div"
        elif element.tag == "textarea" and (element.text or "").strip():
            element.tag = "pre"
        elif element.tag == "iframe" and (element.get("srcdoc") or "").strip():
            _frame(element)
        elif _is_panel(element):
            _show(element)
        elif element.tag == "del" and not (element.tail or "").strip():
            after = element.getnext()
            if after is not None and after.tag == "ins":
                element.drop_tree()  # what is put in its place follows
    for element in list(root.iter("img", "span")):
        if tex := _tex_of(element):
            _tell(element, f" ${tex}$ ")
    for code in list(root.iter("pre")):
        if _counts_lines(code):
            code.drop_tree()
    return root


def _is_panel(element: Any) -> bool:
    """A panel that a click shows, or a footnote that opens in place."""
    kind = f"{element.get('epub:type') or element.get('type') or ''} {element.get('role') or ''}"
    return bool({"tabpanel", "region", "footnote", "doc-footnote", "rearnote", "endnote"}
                & set(kind.split()))  # fmt: skip


def _show(element: Any) -> None:
    for name in ("hidden", "aria-hidden"):
        if name in element.attrib:
            del element.attrib[name]
    style = re.sub(r"(?:display|visibility)\s*:[^;]*;?", "", element.get("style") or "")
    if "style" in element.attrib:
        element.set("style", style)


def _frame(frame: Any) -> None:
    """A page packed into an attribute, as some programs save frames."""
    from lxml import etree, html

    try:
        inner = html.fragment_fromstring(frame.get("srcdoc"), create_parent="div")
    except (etree.ParserError, ValueError):
        return
    for child in list(frame):
        frame.remove(child)
    frame.text, frame.tag = None, "div"
    frame.attrib.clear()
    frame.append(inner)


def _tex_of(element: Any) -> str:
    """The TeX that stands behind a formula drawn as a picture (Wikipedia, Zhihu)."""
    if element.tag == "span":
        return (element.get("data-tex") or "").strip()
    words = (element.get("alt") or "").strip()
    if element.get("eeimg") or "/equation?tex=" in (element.get("src") or ""):
        return words
    found = _TEX_PICTURE.fullmatch(words)
    return found["tex"].strip() if found else ""


def drawn_formulas(root: Any) -> int:
    """Formulas that are drawn and bring no words along."""
    return sum(
        not "".join(element.itertext()).strip()
        for element in root.iter("mjx-container", "span")
        if element.tag == "mjx-container" or "MathJax_SVG" in (element.get("class") or "").split()
    )


def _counts_lines(code: Any) -> bool:
    """Numbers of lines that stand in a cell of their own beside the code."""
    cell = next(code.iterancestors("td"), None)
    if cell is None or next(cell.itersiblings("td"), None) is None:
        return False
    text = " ".join(code.itertext())
    if not _NUMBERS.fullmatch(text):
        return False
    found = [int(figure) for figure in text.split()]
    return len(found) >= _FEWEST and found == list(range(found[0], found[0] + len(found)))


def _tell(element: Any, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text, element.tag = text, "span"
    element.drop_tag()
