"""Markdown: front matter, then blocks under their headings."""

from typing import Any

import yaml
from markdown_it.token import Token
from pydantic_core import from_json, to_json

from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note, file_title
from rag.readers.parts.decoding import decode
from rag.readers.parts.markdown_blocks import _blocks, _headings, _tokens

_MAX_FRONT_MATTER = 65_536  # characters; YAML is slow and its authors are not trusted


class _FrontMatterLoader(yaml.SafeLoader):
    """YAML without aliases: a few of them can stand for gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def read_markdown(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by its front matter, its first heading, or its file name, in that order."""
    text = decode(relative, data)
    tokens = _tokens(text)
    meta = _front_matter(tokens)
    blocks = tuple(_blocks(tokens, text, []))
    first = next(filter(None, _headings(tokens)), None)
    title = meta.get("title")
    named = str(title) if isinstance(title, str | int | float) else ""
    return Note(relative, named or first or file_title(relative), text, blocks, meta)


def _front_matter(tokens: list[Token]) -> dict[str, Any]:
    for token in tokens:
        if token.type == "front_matter" and len(token.content) <= _MAX_FRONT_MATTER:
            try:
                meta = yaml.load(token.content, _FrontMatterLoader)  # a SafeLoader
                meta = from_json(to_json(meta))  # dates become text, for notes travel as JSON
            except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: 2024-13-45
                return {}
            return meta if isinstance(meta, dict) else {}
    return {}
