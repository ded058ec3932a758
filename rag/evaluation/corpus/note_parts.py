"""A note's text taken apart for checking: body, headings, prose, code blocks, numbers."""

import re
from dataclasses import dataclass

from rag.notes.note import Note
from rag.text.language import CJK

_FRONT_MATTER = re.compile(r"\A\ufeff?---\r?\n.*?\r?\n---[ \t]*\r?\n", re.DOTALL)
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)
_FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]*\$|`[^`\n]*`", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+?)[ \t]*$", re.MULTILINE)
_NUMBER = re.compile(
    r"(?P<digits>\d[\d,]*(?:\.\d+)?)"
    # Not a scale: 千分之一 (a thousandth), millionths.
    r"(?:[\s-]?(?P<word>万亿|千万|百万|亿|万|千(?!分)|(?:tr|b|m)illion(?!th)|thousand(?!th))"
    r"|(?P<letter>[KkMBT])(?![A-Za-z]))?",
)
_SCALES = {
    "万亿": 1e12, "千万": 1e7, "百万": 1e6, "亿": 1e8, "万": 1e4, "千": 1e3, "trillion": 1e12,
    "billion": 1e9, "million": 1e6, "thousand": 1e3, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12,
}  # fmt: skip
_TABLE_ROW = re.compile(r"^\|.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str
    below: str  # the prose under it, up to the next heading


@dataclass(frozen=True, slots=True)
class CodeBlock:
    info: str  # `python`, `python no-run`, `json`, …
    code: str


@dataclass(frozen=True, slots=True)
class NoteParts:
    """What of a note the rules look at.

    Attributes:
        body: without front matter.
        prose: the body without code blocks.
        words: the prose without formulas and inline code.
    """

    body: str
    prose: str
    words: str
    headings: tuple[Heading, ...]
    code: tuple[CodeBlock, ...]
    table_rows: int
    formulas: int  # displayed ones


def parts_of(note: Note) -> NoteParts:
    body = _FRONT_MATTER.sub("", note.text, count=1)
    prose = _FENCE.sub("", body)
    found = list(_HEADING.finditer(prose))
    ends = [*(match.start() for match in found[1:]), len(prose)][: len(found)]
    return NoteParts(
        body,
        prose,
        _FORMULA.sub("", prose),
        tuple(
            Heading(len(match[1]), match[2], prose[match.end() : end])
            for match, end in zip(found, ends, strict=True)
        ),
        tuple(CodeBlock(match[1].strip(), match[2]) for match in _FENCE.finditer(body)),
        len(_TABLE_ROW.findall(prose)),
        prose.count("$$") // 2,
    )


def chinese_characters(text: str, tables: bool = True) -> int:
    return len(CJK.findall(text if tables else _TABLE_ROW.sub("", text)))


def numbers_in(text: str) -> set[float]:
    """The numbers of a text in one form: 557.6 万 and 5.576 million are the same."""
    found = set()
    for match in _NUMBER.finditer(text):
        scale = _scale(match["word"] or match["letter"])
        found.add(float(f"{float(match['digits'].replace(',', '')) * scale:.6g}"))
    return found


def _scale(word: str | None) -> float:
    return _SCALES[word.lower()] if word else 1.0
