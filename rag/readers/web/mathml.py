"""MathML → one line of text, powers, fractions and roots kept as such."""

import re
from typing import Any

from rag.readers.parts.formula_text import accented, beside, fraction, matrix
from rag.text.raised import grouped

_MOST_DEEP = 60
_SPACE = re.compile(r"\s+")
_UNSEEN = frozenset({"annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark"})
_BELOW = frozenset({"msub", "munder"})
_ABOVE = frozenset({"msup", "mover"})
_BOTH = frozenset({"msubsup", "munderover"})


def formula_of(math: Any) -> str:
    """What a `math` element says: its TeX in `$`, where it brings that along, else a line."""
    tex = math.xpath(".//*[local-name()='annotation' and contains(@encoding, 'tex')]/text()")
    if tex:
        return f"${tex[0].strip()}$"
    return _line(math, 0).strip() or _SPACE.sub(" ", math.get("alttext") or "").strip()


def _line(element: Any, depth: int) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    if depth > _MOST_DEEP or tag in _UNSEEN or not tag:
        return ""
    if tag == "mspace":
        return " "
    children = [child for child in element if isinstance(child.tag, str)]
    if tag in {"mtable", "table"}:
        rows = [row for row in children if row.tag in {"mtr", "mlabeledtr"}]
        return matrix([[_line(cell, depth + 2) for cell in row] for row in rows])
    parts = [_line(child, depth + 1) for child in children]
    if tag == "mmultiscripts":
        return _scripts(children, parts)
    if tag == "mfrac" and len(parts) == 2:
        return fraction(*parts)
    if tag == "msqrt":
        return f"√{grouped(''.join(parts))}"
    if tag == "mroot" and len(parts) == 2:
        return f"{parts[1].strip()}√{grouped(parts[0])}"
    if tag in {"mover", "munder"} and len(parts) == 2:
        made = accented(parts[0], parts[1])
        if made is not None:
            return made
    if tag in _BELOW | _ABOVE and len(parts) == 2:
        return parts[0] + _mark("_" if tag in _BELOW else "^", parts[1])
    if tag in _BOTH and len(parts) == 3:
        return parts[0] + _mark("_", parts[1]) + _mark("^", parts[2])
    if tag == "mfenced":
        signs = (element.get("separators") or ",").strip()[:1]
        return f"{element.get('open', '(')}{f'{signs} '.join(parts)}{element.get('close', ')')}"
    if tag == "semantics":
        return parts[0] if parts else ""
    own = _SPACE.sub(" ", element.text or "")
    tails = [_SPACE.sub(" ", child.tail or "") for child in children]
    if tag in {"math", "mrow", "mstyle", "mpadded"}:  # blanks between elements are none
        own, tails = own.strip(), [tail.strip() for tail in tails]
    return own + beside(
        [part + tail for part, tail in zip(parts, tails, strict=True) if part or tail]
    )


def _mark(sign: str, text: str) -> str:
    return f"{sign}{grouped(text)}" if text.strip() else ""


def _scripts(children: list[Any], parts: list[str]) -> str:
    """Base, then pairs of a lower and an upper one; after `mprescripts` those before the base."""
    before, after, into = "", "", "after"
    pair: list[str] = []
    for child, part in zip(children[1:], parts[1:], strict=True):
        if child.tag == "mprescripts":
            into, pair = "before", []
            continue
        pair.append("" if child.tag == "none" else part)
        if len(pair) == 2:
            made = _mark("_", pair[0]) + _mark("^", pair[1])
            before, after = (before + made, after) if into == "before" else (before, after + made)
            pair = []
    return before + (parts[0] if parts else "") + after
