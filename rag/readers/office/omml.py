"""Formulas in Office's own markup as a line of text, powers, fractions and accents kept as such."""

from typing import Any

from rag.readers.office.office_text import M
from rag.readers.parts.formula_text import accented, beside, fraction, matrix
from rag.text.raised import grouped

_MOST_DEEP = 60
_BRACKETS = frozenset({"(", "[", ""})
_OFF = frozenset({"0", "false", "off"})


def formula(element: Any, depth: int = 0) -> str:
    """The letters of a formula."""
    if depth > _MOST_DEEP:
        return ""

    def part(name: str) -> str:
        found = element.find(f"{M}{name}")
        return formula(found, depth + 1) if found is not None else ""

    tag = element.tag
    if not isinstance(tag, str) or tag.endswith("Pr"):
        return ""
    name = tag.removeprefix(M)
    if name == "t":
        return element.text or ""
    if name == "f":
        return fraction(part("num"), part("den"))
    if name in {"sSup", "sSub", "sSubSup"}:
        return part("e") + _scripts(part("sub"), part("sup"))
    if name == "sPre":
        return _scripts(part("sub"), part("sup")) + part("e")
    if name in {"limLow", "limUpp"}:
        return part("e") + _scripts(*((part("lim"), "") if name == "limLow" else ("", part("lim"))))
    if name == "rad":
        return f"{part('deg')}√{grouped(part('e'))}"
    if name == "nary":
        sign = _value(element, "naryPr", "chr", "∫")
        return f"{sign}{_scripts(part('sub'), part('sup'))} {part('e')}"
    if name in {"acc", "bar"}:
        base = part("e")
        below = _value(element, "barPr", "pos", "bot") == "bot"
        sign = _value(element, "accPr", "chr", "^") if name == "acc" else "_" if below else "¯"
        return accented(base, sign) or f"{base}{sign}"
    if name == "m":
        return matrix([[formula(e, depth + 1) for e in row.findall(f"{M}e")]
                       for row in element.findall(f"{M}mr")])  # fmt: skip
    if name == "eqArr":
        return "; ".join(formula(e, depth + 1).replace("&", "") for e in element.findall(f"{M}e"))
    if name == "func":
        return " ".join(filter(None, (part("fName").strip(), part("e").strip())))
    if name == "d":
        return _delimited(element, [formula(e, depth + 1) for e in element.findall(f"{M}e")])
    if name == "phant" and _value(element, "phantPr", "show", "1") in _OFF:
        return ""
    return beside([text for child in element if (text := formula(child, depth + 1))])


def _scripts(low: str, high: str) -> str:
    return (f"_{grouped(low)}" if low.strip() else "") + (
        f"^{grouped(high)}" if high.strip() else ""
    )


def _delimited(element: Any, parts: list[str]) -> str:
    begin = _value(element, "dPr", "begChr", "(")
    end = _value(element, "dPr", "endChr", ")")
    inside = ", ".join(parts)
    if begin in _BRACKETS and inside.startswith("[") and inside.endswith("]"):
        return inside  # a matrix has its own
    return f"{begin}{inside}{end}"


def _value(element: Any, properties: str, name: str, usual: str) -> str:
    found = element.find(f"{M}{properties}/{M}{name}")
    return usual if found is None else (found.get(f"{M}val") or "")
