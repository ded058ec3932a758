"""The blocks of Markdown text: headings as a path, and what is not cut through."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from rag.notes.note import Block, BlockKind
from rag.readers.parts.breaks import sentence_breaks, with_hard_breaks
from rag.readers.parts.lenient_markdown import lenient_blocks
from rag.readers.parts.markdown_dialects import dialect_blocks
from rag.text.html_tags import without_tags

_KINDS: dict[str, BlockKind] = {
    "paragraph_open": "text",
    "blockquote_open": "text",
    "html_block": "text",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
    "math_block": "math",
    "math_block_label": "math",
}


_PARTS = {"list_item_open", "paragraph_open", "fence", "code_block", "table_open"}
_LONG_ITEM = 1_000  # characters


_COMMENT = re.compile(r"\s*<!--.*?-->\s*", re.DOTALL)


_MAX_HEADING = 1_000
_HTML_HEADING = re.compile(r"<h([1-6])\b[^<>]{0,500}>(.{1,1000})</h\1\s*>", re.DOTALL | re.I)
_ATTRIBUTES = re.compile(r"\s+\{[#.:][^{}\n]{0,200}\}\s*$")  # `{#id .class}` of Pandoc
_UNDERLINED = 80  # characters of a heading written as a line and a rule below
_SENTENCE = re.compile(r"[。！？；;.!?…][\"”’』」)）]?\s*$")
_BLANKS = re.compile(r"\s{200,}")


@lru_cache(maxsize=1)
def _block_parser() -> MarkdownIt:
    """CommonMark's blocks with tables, formulas and headings without a blank; nothing inline."""
    made = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin).use(lenient_blocks)
    return made.use(dialect_blocks).disable("inline")


@lru_cache(maxsize=1)
def _inline_parser() -> MarkdownIt:
    return MarkdownIt("commonmark").use(dollarmath_plugin)


def markdown_blocks(text: str, path: list[tuple[int, str]]) -> list[Block]:
    """The blocks of a piece of Markdown that stands under the headings of `path` (level, text).

    `path` is brought up to date, so that the next piece can go on from it.
    """
    return list(blocks_of(tokens_of(text), text, path))


def tokens_of(text: str, start: int = 0) -> list[Token]:
    """The parser's tokens; `text[:start]`, the front matter, is passed over."""
    # The parser counts lines; "\r" alone or with "\n" ends one, and lengths must not change.
    text = re.sub(r"[^\r\n]", " ", text[:start]) + text[start:]
    return _block_parser().parse(
        re.sub(r"\r(?!\n)", "\n", text.removeprefix("\ufeff")).replace("\0", " "),
        {"vault": "[[" in text},  # there `#word` is a tag
    )


def _line_starts(text: str) -> list[int]:
    starts = [1 if text.startswith("\ufeff") else 0]
    starts.extend(match.end() for match in re.finditer(r"\r\n|\n|\r", text))
    return [*starts, len(text)]


def blocks_of(tokens: list[Token], text: str, path: list[tuple[int, str]]) -> Iterator[Block]:
    lines = _line_starts(text)
    bare: Block | None = None  # a heading that nothing followed yet is text too
    for index, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        start, end = _trim(text, lines[token.map[0]], lines[min(token.map[1], len(lines) - 1)])
        if heading := _heading(tokens, index):
            depth, words = heading
            if bare is not None and path and path[-1][0] >= depth:
                yield bare
            path[:] = [(level, name) for level, name in path if level < depth]
            above = tuple(name for _, name in path if name)
            path.append((depth, words))
            bare = Block("text", start, end, above) if path[-1][1] and start < end else None
            continue
        kind = "text" if token.type == "heading_open" else _KINDS.get(token.type)
        if kind is None or start >= end or _COMMENT.fullmatch(text, start, end):
            continue
        if kind == "text":
            start += len(text[start:end]) - len(text[start:end].lstrip(" \t"))
        bare = None
        headings = tuple(name for _, name in path if name)
        for left, right in _around_blanks(text, start, end):
            breaks = _breaks(kind, tokens, index, text, lines, left, right)
            if kind != "math":
                breaks = with_hard_breaks(text, left, right, breaks)
            yield Block(kind, left, right, headings, breaks)
    if bare is not None:
        yield bare


def _underlined_text(tokens: list[Token], index: int) -> bool:
    """A sentence above a rule, which CommonMark takes for a heading underlined."""
    token = tokens[index]
    if token.markup not in {"-", "="}:
        return False
    words = tokens[index + 1].content
    return "\n" in words or len(words) > _UNDERLINED or bool(_SENTENCE.search(words))


def _around_blanks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a block beside what was left blank in it: pictures' bytes, long comments."""
    for match in _BLANKS.finditer(text, start, end):
        if start < match.start():
            yield start, match.start()
        start = match.end()
    if start < end:
        yield start, end


def headings_of(tokens: list[Token]) -> Iterator[str]:
    for index, token in enumerate(tokens):
        if not token.level and (heading := _heading(tokens, index)):
            yield heading[1]


def _heading(tokens: list[Token], index: int) -> tuple[int, str] | None:
    """Level and words of a heading, in Markdown or as `<h1>`; None for anything else."""
    token = tokens[index]
    if token.type == "html_block":
        found = _HTML_HEADING.fullmatch(token.content.strip())
        words = " ".join(without_tags(found[2]).split()) if found else ""
        return (int(found[1]), words) if found and words else None
    if token.type != "heading_open" or _underlined_text(tokens, index):
        return None
    return int(token.tag[1]), _plain(tokens[index + 1].content)


def unclosed_fence(tokens: list[Token], text: str) -> int | None:
    """The line in which code begins that nothing ends, so that all below it is taken for code."""
    lines = text.rstrip().splitlines()
    for token in tokens:
        if token.type == "fence" and token.markup != "{%" and token.map:
            first, end = token.map
            closed = len(lines) > first + 1 and lines[-1].strip(" \t>").startswith(token.markup)
            if end >= len(lines) and not closed:
                return first + 1
    return None


def _breaks(
    kind: BlockKind,
    tokens: list[Token],
    index: int,
    text: str,
    lines: list[int],
    start: int,
    end: int,
) -> tuple[int, ...]:
    if kind == "text":
        return sentence_breaks(text, start, end)
    if kind == "math":
        return ()
    if kind == "list":
        first_lines = _item_lines(tokens, index, lines)
    else:
        first_lines = list(range(bisect_right(lines, start), bisect_left(lines, end)))
        if kind == "table":
            first_lines = first_lines[1:]  # the ruler stays with the header
    return tuple(lines[number] for number in first_lines if start < lines[number] < end)


def _item_lines(tokens: list[Token], index: int, lines: list[int]) -> list[int]:
    """Where a list may be cut: between its items; a long item where a part of it begins."""
    numbers: list[int] = []
    long = False
    for place in range(index + 1, len(tokens)):  # a slice would copy the rest for every list
        token = tokens[place]
        if token.level == 0:
            break
        if not token.map:
            continue
        if token.type == "list_item_open" and token.level == 1:
            numbers.append(token.map[0])
            first, last = token.map
            long = lines[min(last, len(lines) - 1)] - lines[first] > _LONG_ITEM
        elif long and token.type in _PARTS and token.map[0] > numbers[-1]:
            numbers.append(token.map[0])
            if token.type in {"fence", "code_block"}:
                numbers.extend(range(token.map[0] + 1, token.map[1]))
    return numbers


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in "\r\n":
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _plain(heading: str) -> str:
    heading = _ATTRIBUTES.sub("", heading)
    if len(heading) > _MAX_HEADING:
        return heading[:_MAX_HEADING]
    inline = _inline_parser().parseInline(heading)[0]
    parts = [
        " " if child.type == "softbreak" else child.content
        for child in inline.children or []
        if child.type in {"text", "code_inline", "math_inline", "image", "softbreak"}
    ]
    return "".join(parts).strip()
