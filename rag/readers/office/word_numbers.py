"""The numbers that Word draws before lists, clauses and headings by itself."""

import re
from collections import defaultdict
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HAN = "零一二三四五六七八九"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
          (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_CHINESE = ("chinesecounting", "chinesecountingthousand", "ideographdigital", "japanesecounting",
            "taiwanesecounting", "chineselegalsimplified")  # fmt: skip


class WordNumbers:
    """Counts as Word does: paragraph after paragraph, each in its list and level."""

    def __init__(self, numbering: Any) -> None:
        self._abstract: dict[str, dict[int, Any]] = {}
        self._lists: dict[str, tuple[str, dict[int, int]]] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._started: set[tuple[str, int]] = set()
        if numbering is None:
            return
        for abstract in numbering.iter(f"{W}abstractNum"):
            levels = {_int(level.get(f"{W}ilvl")): level for level in abstract.iter(f"{W}lvl")}
            self._abstract[abstract.get(f"{W}abstractNumId") or ""] = levels
        for item in numbering.iter(f"{W}num"):
            anew = {
                _int(over.get(f"{W}ilvl")): _int(start.get(f"{W}val"))
                for over in item.iter(f"{W}lvlOverride")
                if (start := over.find(f"{W}startOverride")) is not None
            }
            found = item.find(f"{W}abstractNumId")
            abstract_id = found.get(f"{W}val") if found is not None else ""
            self._lists[item.get(f"{W}numId") or ""] = abstract_id or "", anew

    def mark(self, number: str, level: int) -> str | None:
        """What Word draws before the next paragraph of a list; "-" for a bullet, None for nothing.

        To be asked once for each paragraph, in order.
        """
        abstract, anew = self._lists.get(number, ("", {}))
        levels = self._abstract.get(abstract)
        if levels is None or level not in levels:
            return None
        counts = self._counts[abstract]
        if level in anew and (number, level) not in self._started:
            counts[level] = anew[level] - 1
        self._started.add((number, level))
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        for at in range(level + 1):
            if at not in counts:
                counts[at] = self._start(levels, at) - (at == level)
        counts[level] += 1
        form = _value(levels[level], "numFmt")
        if form == "bullet":
            return "-"
        text = _value(levels[level], "lvlText")
        if form == "none" or not text:
            return None
        return re.sub(
            r"%(\d)",
            lambda match: self._shown(levels, int(match[1]) - 1, counts, levels[level]),
            text,
        ).strip()

    def _start(self, levels: dict[int, Any], level: int) -> int:
        return _int(_value(levels[level], "start") or "1") if level in levels else 1

    def _shown(self, levels: dict[int, Any], at: int, counts: dict[int, int], own: Any) -> str:
        legal = own.find(f"{W}isLgl") is not None
        form = "decimal" if legal or at not in levels else _value(levels[at], "numFmt")
        return written(counts.get(at, 1), form)


def written(number: int, form: str) -> str:
    """A number in one of Word's ways to write it."""
    kind = form.lower()
    if kind in {"upperletter", "lowerletter"} and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if kind == "upperletter" else letter
    if kind in {"upperroman", "lowerroman"} and 0 < number < 4000:
        text = ""
        for value, sign in _ROMAN:
            text += sign * (number // value)
            number %= value
        return text.upper() if kind == "upperroman" else text
    if kind in _CHINESE and 0 <= number < 100:
        tens, ones = divmod(number, 10)
        if not tens:
            return _HAN[ones]
        return ("" if tens == 1 else _HAN[tens]) + "十" + (_HAN[ones] if ones else "")
    if kind.startswith("decimalenclosedcircle") and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    return f"{number:02}" if kind == "decimalzero" else str(number)


def _value(level: Any, name: str) -> str:
    found = level.find(f"{W}{name}")
    return (found.get(f"{W}val") or "") if found is not None else ""


def _int(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else 0
