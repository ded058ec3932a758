"""Blocks that programs have added to Markdown: admonitions, tabs, directives, containers, tags.

MkDocs indents what belongs to `!!! note`, which CommonMark takes for code; MyST fences it. Here it
is text again, each block where it stands.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

_INDENT = 4  # columns
_ADMONITION = re.compile(r"(?:!!!|\?\?\?\+?)[ \t]+\S|===[!+]{0,2}[ \t]+[\"“]")
_TITLED = re.compile(r"[\"“]([^\"“”]+)[\"”]\s*$")
_DIRECTIVE = re.compile(r"(`{3,}|~{3,})\{([\w:-]+)\}")
# Directives whose contents are text; the others hold code, formulas, or only options.
_PROSE = frozenset({
    "note", "tip", "warning", "caution", "danger", "attention", "error", "hint", "important",
    "seealso", "admonition", "dropdown", "tab-item", "tab-set", "card", "grid", "grid-item",
    "epigraph", "pull-quote", "topic", "sidebar", "margin", "versionadded", "deprecated",
    "proof", "prf:theorem", "prf:definition", "prf:lemma", "exercise", "solution", "details",
})  # fmt: skip
_CONTAINER = re.compile(r":{3,}\s*(?:\{[^{}\n]*\}|[\w-]*)\s*(?P<words>.*)")
_CONTENTS = re.compile(r"\[\[?_?toc_?\]?\]|\{:\s*toc\s*\}", re.IGNORECASE)
_TAGGED = re.compile(r"\{%-?\s*highlight\b[^%]*%\}")
_TAG_ENDS = re.compile(r"\{%-?\s*endhighlight\s*-?%\}")


def dialect_blocks(parser: MarkdownIt) -> None:
    """A plugin for the block parser."""
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    for name, rule in (("admonition", _admonition), ("directive", _directive),
                       ("container", _container), ("contents", _contents),
                       ("highlight", _highlight)):  # fmt: skip
        parser.block.ruler.before("fence", name, rule, ends)


def _line(state: StateBlock, line: int) -> str:
    """A line without its indent; "" where it is indented as code is."""
    if state.sCount[line] - state.blkIndent >= _INDENT:
        return ""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


def _admonition(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """`!!! note "Title"`, `??? tip`, `=== "Tab"`, and below it what is indented."""
    line = _line(state, first)
    if not _ADMONITION.match(line):
        return False
    end = after = first + 1
    while after < last and (
        state.isEmpty(after) or state.sCount[after] - state.blkIndent >= _INDENT
    ):
        after += 1
        end = end if state.isEmpty(after - 1) else after
    if end == first + 1:
        return False
    if silent:
        return True
    if _TITLED.search(line):
        _paragraph(state, first, line)
    state.blkIndent += _INDENT
    _inside(state, first + 1, end)
    state.blkIndent -= _INDENT
    return True


def _directive(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A fence of MyST that holds text: ```{note}."""
    found = _DIRECTIVE.match(_line(state, first))
    if found is None or found[2].lower() not in _PROSE:
        return False
    close = first + 1
    while close < last and not (
        (line := _line(state, close)).startswith(found[1]) and not line.strip(found[1][0])
    ):
        close += 1
    if close >= last:
        return False
    if silent:
        return True
    start = first + 1
    while start < close and re.match(r":[\w-]+:", _line(state, start)):
        start += 1  # options
    title = _line(state, first)[found.end() :].strip()
    if title:
        _paragraph(state, first, title)
    _inside(state, start, close)
    state.line = close + 1
    return True


def _container(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A line of colons opens or closes a box; words in it are its title."""
    line = _line(state, first)
    found = _CONTAINER.fullmatch(line)
    if found is None:
        return False
    if not silent:
        if found["words"]:
            _paragraph(state, first, line)
        state.line = first + 1
    return True


def _contents(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """`[TOC]` stands for a table of contents."""
    if not _CONTENTS.fullmatch(_line(state, first)):
        return False
    if not silent:
        state.line = first + 1
    return True


def _highlight(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Code between two tags of Jekyll."""
    if not _TAGGED.match(_line(state, first)):
        return False
    end = next((at for at in range(first + 1, last) if _TAG_ENDS.search(
        state.src[state.bMarks[at] : state.eMarks[at]])), None)  # fmt: skip
    if end is None:
        return False
    if not silent:
        token = state.push("fence", "code", 0)
        token.markup, token.map = "{%", [first, end + 1]
        token.content = state.getLines(first + 1, end, state.blkIndent, True)
        state.line = end + 1
    return True


def _inside(state: StateBlock, start: int, end: int) -> None:
    """The blocks of some lines, on the level of those around them."""
    most, state.lineMax = state.lineMax, end
    state.md.block.tokenize(state, start, end)
    state.lineMax, state.line = most, end


def _paragraph(state: StateBlock, line: int, words: str) -> None:
    opened = state.push("paragraph_open", "p", 1)
    opened.map = [line, line + 1]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = words, [line, line + 1], []
    state.push("paragraph_close", "p", -1)
