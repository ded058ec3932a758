"""The words of HTML elements: in a line, in lists, in code."""

import re
from typing import Any

from rag.readers.parts.pictures import described
from rag.readers.parts.rich_text import tidy
from rag.readers.web.html_opened import drawn_formulas

SKIPPED = frozenset({
    "script", "style", "template", "noscript", "head", "svg", "canvas", "iframe", "object",
    "audio", "video", "button", "select", "textarea", "input", "datalist",
})  # fmt: skip
INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "meter", "q", "rb", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
LISTS = frozenset({"ul", "ol"})
_SPACE = re.compile(r"\s+")
_LINES = frozenset({"div", "p", "li", "tr"})  # in code, each is one
_LARGE = 100  # pixels; a smaller drawing is a sign
_FILMS = re.compile(r"youtu\.?be|vimeo|bilibili|youku|v\.qq\.com", re.IGNORECASE)
_TINY = 32  # pixels; less is a sign, or counts visitors


def inline_text(element: Any) -> str:
    """The words of an element in one line, pictures by their alternative text."""
    return tidy(words_of(element)).replace("\n", " ")


def words_of(element: Any, items: list[tuple[int, str]] | None = None, depth: int = 0) -> str:
    """The words of an element; those of lists in it go to `items`, where that is given."""
    parts = [own_text(element)]
    for child in element:
        if items is not None and child.tag in LISTS:
            collect(child, items, depth + 1)
        elif isinstance(child.tag, str) and child.tag not in SKIPPED:
            edge = "" if child.tag in INLINE else " "
            parts.extend((edge, words_of(child, items, depth), edge))
        parts.append(squeeze(child.tail))
    return "".join(parts)


def collect(element: Any, items: list[tuple[int, str]], depth: int) -> None:
    """Append (depth, text) of every item of a list and of the lists in it."""
    for child in element:
        if child.tag in LISTS:
            collect(child, items, depth + 1)
        elif isinstance(child.tag, str) and child.tag not in SKIPPED:
            place = len(items)
            items.append((depth, ""))
            items[place] = (depth, words_of(child, items, depth))


def own_text(element: Any) -> str:
    """What stands in an element before its first child."""
    if element.tag == "img":
        return f" {alternative(element)} "
    return " " if element.tag == "br" else squeeze(element.text)


def alternative(image: Any) -> str:
    """What describes a picture; the name of its file does not."""
    return described(squeeze(image.get("alt")))


def undescribed(root: Any) -> int:
    """How many pictures of some size nothing describes."""
    return sum(
        not alternative(image) and not _is_tiny(image) and image.get("role") != "presentation"
        for image in root.iter("img")
    )


def _is_tiny(image: Any) -> bool:
    sizes = [re.match(r"\s*(\d+)", image.get(side) or "") for side in ("width", "height")]
    return any(size is not None and int(size[1]) <= _TINY for size in sizes)


def squeeze(text: str | None) -> str:
    return _SPACE.sub(" ", text) if text else ""


def preformatted(element: Any) -> str:
    """The text of an element, its line breaks and indents kept; each block in it is a line."""
    parts = ["\n" if element.tag == "br" else element.text or ""]
    for child in element:
        block = child.tag in _LINES or "display:block" in (child.get("style") or "").replace(
            " ", ""
        )
        if block and parts[-1] and not parts[-1].endswith("\n"):
            parts.append("\n")
        if isinstance(child.tag, str) and child.tag not in SKIPPED:
            parts.append(preformatted(child))
        if block and not parts[-1].endswith("\n") and not (child.tail or "").startswith("\n"):
            parts.append("\n")
        if child.tail:
            parts.append(child.tail)
    return "".join(parts)


def unread_things(root: Any) -> tuple[int, int]:
    """How many drawings of some size say nothing, and how many films and sounds there are."""
    drawings = sum(
        all(_side(drawing, side) >= _LARGE for side in ("width", "height"))
        for drawing in root.iter("svg")
    )
    recordings = sum(
        bool(part.get("src")) or part.find(".//source") is not None
        for part in root.iter("video", "audio")
    )
    frames = sum(bool(_FILMS.search(frame.get("src") or "")) for frame in root.iter("iframe"))
    return drawings + drawn_formulas(root), recordings + frames


def _side(element: Any, name: str) -> int:
    size = re.match(r"\s*(\d{1,5})(?:\.\d+)?(?:px|pt)?\s*$", element.get(name) or "")
    return int(size[1]) if size else 0
