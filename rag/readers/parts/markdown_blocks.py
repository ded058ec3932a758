"""The blocks of Markdown text: headings as a path, and what is not cut through."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from rag.notes.note import Block, BlockKind
from rag.readers.parts.breaks import sentence_breaks, with_hard_breaks

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


_COMMENT = re.compile(r"\s*<!--.*?-->\s*", re.DOTALL)


_MAX_HEADING = 1_000


@lru_cache(maxsize=1)
def _block_parser() -> MarkdownIt:
    """CommonMark's blocks with tables, dollar math and front matter; nothing inline."""
    made = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).use(dollarmath_plugin)
    return made.disable("inline")


@lru_cache(maxsize=1)
def _inline_parser() -> MarkdownIt:
    return MarkdownIt("commonmark").use(dollarmath_plugin)


def markdown_blocks(text: str, path: list[tuple[int, str]]) -> list[Block]:
    """The blocks of a piece of Markdown that stands under the headings of `path` (level, text).

    `path` is brought up to date, so that the next piece can go on from it.
    """
    return list(_blocks(_tokens(text), text, path))


def _tokens(text: str) -> list[Token]:
    # The parser counts lines; "\r" alone or with "\n" ends one, and lengths must not change.
    return _block_parser().parse(
        re.sub(r"\r(?!\n)", "\n", text.removeprefix("\ufeff")).replace("\0", " ")
    )


def _line_starts(text: str) -> list[int]:
    starts = [1 if text.startswith("\ufeff") else 0]
    starts.extend(match.end() for match in re.finditer(r"\r\n|\n|\r", text))
    return [*starts, len(text)]


def _blocks(tokens: list[Token], text: str, path: list[tuple[int, str]]) -> Iterator[Block]:
    lines = _line_starts(text)
    bare: Block | None = None  # a heading that nothing followed yet is text too
    for index, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        start, end = _trim(text, lines[token.map[0]], lines[min(token.map[1], len(lines) - 1)])
        if token.type == "heading_open":
            depth = int(token.tag[1])
            if bare is not None and path and path[-1][0] >= depth:
                yield bare
            path[:] = [(level, name) for level, name in path if level < depth]
            above = tuple(name for _, name in path if name)
            path.append((depth, _plain(tokens[index + 1].content)))
            bare = Block("text", start, end, above) if path[-1][1] and start < end else None
            continue
        kind = _KINDS.get(token.type)
        if kind is None or start >= end or _COMMENT.fullmatch(text, start, end):
            continue
        bare = None
        headings = tuple(name for _, name in path if name)
        breaks = _breaks(kind, tokens, index, text, lines, start, end)
        if kind != "math":
            breaks = with_hard_breaks(text, start, end, breaks)
        yield Block(kind, start, end, headings, breaks)
    if bare is not None:
        yield bare


def _headings(tokens: list[Token]) -> Iterator[str]:
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and not token.level:
            yield _plain(tokens[index + 1].content)


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
        first_lines = _item_lines(tokens, index)
    else:
        first_lines = list(range(bisect_right(lines, start), bisect_left(lines, end)))
        if kind == "table":
            first_lines = first_lines[1:]  # the ruler stays with the header
    return tuple(lines[number] for number in first_lines if start < lines[number] < end)


def _item_lines(tokens: list[Token], index: int) -> list[int]:
    numbers = []
    for place in range(index + 1, len(tokens)):  # a slice would copy the rest for every list
        token = tokens[place]
        if token.level == 0:
            break
        if token.type == "list_item_open" and token.level == 1 and token.map:
            numbers.append(token.map[0])
    return numbers


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in "\r\n":
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _plain(heading: str) -> str:
    if len(heading) > _MAX_HEADING:
        return heading[:_MAX_HEADING]
    inline = _inline_parser().parseInline(heading)[0]
    parts = [
        " " if child.type == "softbreak" else child.content
        for child in inline.children or []
        if child.type in {"text", "code_inline", "math_inline", "image", "softbreak"}
    ]
    return "".join(parts).strip()
