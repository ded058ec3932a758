"""An HTML tree as its reader sees it: nothing hidden, formulas and powers written as text.

Done to the tree, before anybody picks a page's main content, lest that pass flatten a power.
"""

import re
from typing import Any

from rag.readers.web.html_opened import opened
from rag.readers.web.mathml import formula_of
from rag.text.raised import raised

_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.I)
_WHOLE = frozenset({"html", "body", "main", "article"})  # shown later, by a script
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TEXT = ("p", "table", "pre", "li", "blockquote", *_HEADINGS)
_FORM = 200  # characters; a form that says no more is one for a search
_MATHJAX = re.compile(r"\bMathJax")
_SPACE = re.compile(r"\s+")


def shown(root: Any) -> Any:
    """The same tree, changed: what is hidden dropped, forms opened, drawings and formulas told."""
    for element in list(root.iter()):
        if isinstance(element.tag, str) and ":" in element.tag:
            element.tag = element.tag.rpartition(":")[2]  # `m:math` of a book
    opened(root)
    _drop(element for element in list(root.iter()) if _is_hidden(element))
    _katex(root)
    for script in list(root.iter("script")):
        if (script.get("type") or "").startswith("math/tex") and (script.text or "").strip():
            _mathjax(script)
    for math in list(root.iter("math")):
        _tell(math, f" {formula_of(math)} ")
    for drawing in list(root.iter("svg")):
        words = " ".join(_words(text) for text in drawing.iter("text", "foreignobject"))
        if words.strip():
            _tell(drawing, f" {words} ")
    _drop(list(root.iter("rt", "rp")))
    for element in reversed(list(root.iter("sup", "sub"))):  # the innermost first
        inner = "".join(element.itertext())
        if not len(element) or element.find(".//img") is None:
            _tell(element, _raised(element, inner))
    _forms(root)
    return root


def _is_hidden(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in _WHOLE:
        return False
    hidden = element.get("hidden")
    return (hidden is not None and hidden != "until-found") or bool(
        _UNSEEN.search(element.get("style") or "")
    )


def _katex(root: Any) -> None:
    """KaTeX shows a formula twice, as MathML and as spans: keep its TeX."""
    for found in root.xpath("//span[contains(concat(' ', @class, ' '), ' katex ')]"):
        source = found.xpath(".//*[local-name()='annotation'][contains(@encoding, 'tex')]/text()")
        if source:
            _tell(found, f"${source[0].strip()}$")


def _mathjax(script: Any) -> None:
    """MathJax 2 keeps a formula's TeX in a script, below what it has drawn of it."""
    while (before := script.getprevious()) is not None and _MATHJAX.search(
        before.get("class") or ""
    ):
        before.drop_tree()
    _tell(script, f" ${script.text.strip()}$ ")


def _raised(element: Any, inner: str) -> str:
    mark = "^" if element.tag == "sup" else "_"
    words = inner.strip()
    if element.find(".//a[@href]") is not None or _is_reference(element):
        return f"[{words}]" if words.isalnum() else inner
    return raised(mark, _SPACE.sub(" ", inner), _before(element))


def _is_reference(element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag == "a" and (parent.get("href") or "").startswith("#")


def _before(element: Any) -> str:
    """What stands right before an element."""
    previous = element.getprevious()
    if previous is not None:
        return previous.tail or "".join(previous.itertext())
    parent = element.getparent()
    return (parent.text or "") if parent is not None else ""


def _forms(root: Any) -> None:
    """ASP.NET wraps whole pages into a form; only one that is nothing but controls is dropped."""
    for button in list(root.iter("button")):
        if any(parent.tag in _HEADINGS for parent in button.iterancestors()):
            button.tag = "span"  # a heading that folds what stands below it
    for form in reversed(list(root.iter("form"))):
        if next(form.iter(*_TEXT), None) is not None or len(_words(form)) >= _FORM:
            form.tag = "div"
        else:
            form.drop_tree()


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _tell(element: Any, text: str) -> None:
    """Put text in the place of an element."""
    for child in list(element):
        element.remove(child)
    element.text = text
    if element.getparent() is not None:
        element.drop_tag()


def _drop(elements: Any) -> None:
    for element in list(elements):
        if element.getparent() is not None:
            element.drop_tree()
