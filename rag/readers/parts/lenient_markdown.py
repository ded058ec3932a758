"""What people write and CommonMark has no rule for: `\\[ … \\]`, `#标题`, footnotes."""

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.reference import reference

# With no blank, with one that Word or an input method has put there, or with wide signs.
_HEADING = re.compile(r"(#{1,6}(?![# \t!])|＃{1,6}[ \t]*)[\u00a0\u3000]?(\S[^\n]*)")
_TAG = re.compile(r"(?:^|\s)#[^\s#]")
_WORD = re.compile(r"[\w/-]+$")
# A label and what it stands for, where that is a place: nothing that is read.
_PLACE = re.compile(r"\[(?!\^)(?:[^\[\]\\]|\\.){1,999}\]:\s*(?:<|\S*(?:://|[/#.@])|mailto:)")
_INDENTED = 4  # columns; so far in stands code


def lenient_blocks(parser: MarkdownIt) -> None:
    """A plugin for the block parser."""
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.at("reference", _reference)
    parser.block.ruler.before("heading", "bracket_math", _bracket_math, ends)
    parser.block.ruler.after("heading", "close_heading", _close_heading, ends)


def _reference(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Where a link leads to; a footnote (`[^1]: …`) or a word explained is text."""
    start = state.bMarks[first] + state.tShift[first]
    if not _PLACE.match(state.src, start):
        return False
    return bool(reference(state, first, last, silent))


def _bracket_math(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Lines from one that begins with `\\[` to the one that ends with `\\]`."""
    if state.sCount[first] - state.blkIndent >= _INDENTED:
        return False
    start = state.bMarks[first] + state.tShift[first]
    if not state.src.startswith("\\[", start):
        return False
    for line in range(first, last):
        if line > first and state.sCount[line] < state.blkIndent:
            return False  # the list item it stands in has ended
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
        if text.endswith("\\]"):
            if not silent:
                token = state.push("math_block", "math", 0)
                token.content = state.src[start : state.eMarks[line]]
                token.map = [first, line + 1]
                state.line = line + 1
            return True
        if line > first and not text:
            return False  # a formula has no blank line in it
    return False


def _close_heading(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """`##标题`, and `#标题` where it is no tag: two words, or a line of its own in a plain note."""
    if state.sCount[first] - state.blkIndent >= _INDENTED:
        return False
    line = state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]].rstrip()
    match = _HEADING.fullmatch(line)
    if match is None or not match.group(2)[0].isalnum() or len(line) > 200:
        return False
    words = match.group(2)
    level = len(match.group(1).rstrip())
    alone = first == 0 or state.isEmpty(first - 1)
    if level == 1 and (words[0].isdigit() or _TAG.search(words) or not alone):
        return False
    followed = first + 1 < last and any(not state.isEmpty(at) for at in range(first + 1, last))
    if level == 1 and (not followed or (state.env.get("vault") and _WORD.fullmatch(words))):
        return False
    if silent:
        return True
    state.line = first + 1
    opened = state.push("heading_open", f"h{level}", 1)
    opened.markup, opened.map = "#" * level, [first, first + 1]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = words.rstrip("#").strip(), [first, first + 1], []
    closed = state.push("heading_close", f"h{level}", -1)
    closed.markup = "#" * level
    return True
