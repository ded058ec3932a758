"""Markdown: front matter, then blocks under their headings."""

import re
from typing import Any

from rag.limits import DEFAULT_LIMITS, ReadLimits
from rag.notes.note import Note, file_title
from rag.readers.parts.decoding import decode
from rag.readers.parts.front_matter import front_matter
from rag.readers.parts.markdown_blocks import blocks_of, headings_of, tokens_of, unclosed_fence
from rag.readers.parts.pictures import pictures_gap, undescribed_in
from rag.text.wiki_marks import without_hidden

_TAGS = re.compile(r"(?:#(?![\d#])[\w/-]+[ \t]*)+")
_NOTHING = "It holds no text beside its front matter; nothing of it can be found. 笔记没有正文。"
_OPEN = (
    "A block of code begins in line {} and nothing ends it, so all below is taken for code; close "
    "it with ```. 代码块没有结束。"
)
_TAG = re.compile(r"#([\w/-]+)")


def read_markdown(relative: str, data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Note:
    """A note titled by its front matter, its first heading, or its file name, in that order.

    What Obsidian never shows (comments, block ids) is blank in the text; no character moves.
    """
    decoded = decode(relative, data)
    text = without_hidden(decoded.text)
    matter = front_matter(text)
    tokens = tokens_of(text, matter.end)
    found = list(blocks_of(tokens, text, []))
    only_tags = [bool(_TAGS.fullmatch(text, block.start, block.end)) for block in found]
    blocks = tuple(b for b, tagged in zip(found, only_tags, strict=True) if not tagged)
    tags = [tag for block, tagged in zip(found, only_tags, strict=True) if tagged
            for tag in _TAG.findall(text, block.start, block.end)]  # fmt: skip
    meta = _with_tags(matter.meta, tags)
    first = next(filter(None, headings_of(tokens)), None)
    title = meta.get("title")
    named = str(title) if isinstance(title, str | int | float) else ""
    pictures = sum(undescribed_in(text[b.start : b.end]) for b in found if b.kind != "code")
    open_at = unclosed_fence(tokens, text)
    gaps = tuple(filter(None, (
        *decoded.gaps, matter.gap, "" if found else _NOTHING, pictures_gap(pictures),
        _OPEN.format(open_at) if open_at else "",
    )))  # fmt: skip
    return Note(relative, named or first or file_title(relative), text, blocks or tuple(found),
                meta, gaps)  # fmt: skip


def _with_tags(meta: dict[str, Any], tags: list[str]) -> dict[str, Any]:
    """Tags as a list; those that stand in the note, in lines of their own, are its tags too."""
    known = meta.get("tags") or []
    if isinstance(known, str):  # `tags: llm, attention`
        known = [tag.lstrip("#") for tag in re.split(r"[,，\s]+", known) if tag.lstrip("#")]
        meta = {**meta, "tags": known}
    if not tags or not isinstance(known, list):
        return meta
    return {**meta, "tags": list(dict.fromkeys([*known, *tags]))}
