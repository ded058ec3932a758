"""Markdown: front matter, headings as a path, and blocks that are not cut through."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from rag.notes import Block, BlockKind, Note
from rag.readers.decoding import decode
from rag.readers.text import sentence_breaks

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


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """CommonMark with tables, dollar math and front matter."""
    return MarkdownIt("commonmark").enable("table").use(front_matter_plugin).use(dollarmath_plugin)


def read_markdown(relative: str, data: bytes) -> Note:
    """A note titled by its front matter, its first heading, or its file name, in that order."""
    text = decode(relative, data)
    # The parser counts lines; "\r" alone or with "\n" ends one, and lengths must not change.
    tokens = parser().parse(
        re.sub(r"\r(?!\n)", "\n", text.removeprefix("\ufeff")).replace("\0", " ")
    )
    lines = _line_starts(text)
    meta = _front_matter(tokens)
    blocks = tuple(_blocks(tokens, text, lines))
    first = next((block.headings[0] for block in blocks if block.headings), None)
    title = str(meta.get("title") or first or PurePosixPath(relative).stem)
    return Note(relative, title, text, blocks, meta)


def _line_starts(text: str) -> list[int]:
    starts = [1 if text.startswith("\ufeff") else 0]
    starts.extend(match.end() for match in re.finditer(r"\r\n|\n|\r", text))
    return [*starts, len(text)]


def _front_matter(tokens: list[Token]) -> dict[str, Any]:
    for token in tokens:
        if token.type == "front_matter":
            try:
                meta = yaml.safe_load(token.content)
            except yaml.YAMLError:
                return {}
            return meta if isinstance(meta, dict) else {}
    return {}


def _blocks(tokens: list[Token], text: str, lines: list[int]) -> Iterator[Block]:
    path: list[tuple[int, str]] = []
    for index, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        if token.type == "heading_open":
            depth = int(token.tag[1])
            path = [(level, name) for level, name in path if level < depth]
            path.append((depth, _plain(tokens[index + 1])))
            continue
        kind = _KINDS.get(token.type)
        if kind is None:
            continue
        start, end = _trim(text, lines[token.map[0]], lines[min(token.map[1], len(lines) - 1)])
        if start >= end or _COMMENT.fullmatch(text, start, end):
            continue
        headings = tuple(name for _, name in path if name)
        yield Block(
            kind, start, end, headings, _breaks(kind, tokens, index, text, lines, start, end)
        )


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
        first_lines = [number for number, at in enumerate(lines) if start < at < end]
        if kind == "table":
            first_lines = first_lines[1:]  # the ruler stays with the header
    return tuple(lines[number] for number in first_lines if start < lines[number] < end)


def _item_lines(tokens: list[Token], index: int) -> list[int]:
    numbers = []
    for token in tokens[index + 1 :]:
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


def _plain(inline: Token) -> str:
    parts = [
        child.content
        for child in inline.children or []
        if child.type in {"text", "code_inline", "math_inline"}
    ]
    return "".join(parts).strip()
