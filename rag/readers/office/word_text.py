"""The words of a Word paragraph as they are shown: hidden runs left out, powers kept."""

from collections.abc import Iterator
from typing import Any

from rag.readers.office.office_text import DGM, MC, M
from rag.readers.office.omml import formula
from rag.readers.office.word_numbers import W
from rag.readers.parts.pictures import described
from rag.text.raised import with_marks
from rag.text.symbol_font import as_letters

WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
VML = "{urn:schemas-microsoft-com:vml}"
_UNSEEN = {
    f"{W}txbxContent", f"{W}pPr", f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText",
    f"{W}rPr", f"{W}sdtPr", f"{W}rt", f"{DGM}relIds",
}  # fmt: skip
_OFF = frozenset({"0", "false", "off"})
_SHIFTS = {"superscript": "^", "subscript": "_"}
_MOST_STYLES = 10  # that build on one another


class WordText:
    """Reads paragraphs; knows which styles hide or raise what is written in them."""

    def __init__(self, styles: Any) -> None:
        self._styles = {style.get(f"{W}styleId"): style for style in styles.iter(f"{W}style")}

    def of(self, paragraph: Any) -> str:
        """What is shown: letters of formulas and pictures' descriptions as well."""
        key = _style(paragraph, f"{W}pPr/{W}pStyle")
        by_style = self._property(key, "vanish")
        return with_marks(self._pieces(paragraph, by_style is not None and _is_on(by_style)))

    def _pieces(self, paragraph: Any, hidden: bool) -> Iterator[tuple[str, str]]:
        stack = [(paragraph, "")]
        while stack:
            part, mark = stack.pop()
            tag = part.tag
            if tag == f"{W}t":
                yield mark, as_letters(part.text or "", _font(part.getparent()))
            elif tag == f"{M}oMath":
                yield "", formula(part)
            elif tag in {f"{W}tab", f"{W}br", f"{W}cr"} and part.getparent().tag == f"{W}r":
                yield "", "\t" if tag == f"{W}tab" else "\n"
            elif tag == f"{W}noBreakHyphen":
                yield mark, "-"
            elif tag == f"{W}sym":
                yield mark, _symbol(part)
            elif tag == f"{WP}docPr":
                yield "", f" {words} " if (words := described(part.get("descr"))) else ""
            elif tag == f"{W}r" and self._is_hidden(part, hidden):
                continue
            elif tag == f"{MC}AlternateContent":
                choice = part.find(f"{MC}Choice")
                version = choice if choice is not None else part.find(f"{MC}Fallback")
                if version is not None:
                    stack.append((version, mark))
            elif tag not in _UNSEEN:
                if tag == f"{W}r":
                    mark = self._shift(part)
                elif tag == f"{VML}shape" and (words := described(part.get("alt"))):
                    yield "", f" {words} "
                stack.extend((child, mark) for child in reversed(part))

    def _is_hidden(self, run: Any, hidden: bool) -> bool:
        own = run.find(f"{W}rPr/{W}vanish")
        if own is None:
            own = self._property(_style(run, f"{W}rPr/{W}rStyle"), "vanish")
        return hidden if own is None else _is_on(own)

    def _shift(self, run: Any) -> str:
        own = run.find(f"{W}rPr/{W}vertAlign")
        if own is None:
            own = self._property(_style(run, f"{W}rPr/{W}rStyle"), "vertAlign")
        return _SHIFTS.get(own.get(f"{W}val") or "", "") if own is not None else ""

    def _property(self, key: str, name: str) -> Any:
        """What a style, or one that it builds on, says of its letters."""
        for _ in range(_MOST_STYLES):
            style = self._styles.get(key)
            if style is None:
                return None
            found = style.find(f"{W}rPr/{W}{name}")
            if found is not None:
                return found
            key = _style(style, f"{W}basedOn")
        return None


def _style(element: Any, path: str) -> str:
    found = element.find(path)
    return (found.get(f"{W}val") or "") if found is not None else ""


def _is_on(element: Any) -> bool:
    return (element.get(f"{W}val") or "").lower() not in _OFF


def _font(run: Any) -> str:
    fonts = run.find(f"{W}rPr/{W}rFonts")
    return (fonts.get(f"{W}ascii") or "") if fonts is not None else ""


def _symbol(part: Any) -> str:
    """A letter of a symbol font."""
    try:
        code = int(part.get(f"{W}char") or "", 16)
    except ValueError:
        return ""
    if code < 0xD800:
        return chr(code)
    return as_letters(chr(code), part.get(f"{W}font") or "") if 0xF000 <= code <= 0xF0FF else ""
