"""Sentences of notes without their Markdown signs."""

import re

from rag.text.wiki_marks import as_shown

_LIST_MARK = re.compile(r"^\s*(?:[-*•](?=\s)|\d{1,2}(?:\.(?!\d)|[、)]))\s*")  # 0.75 is no item


_MARKUP = re.compile(r"\*\*|`+|^\s*(?:#+|>)\s+|^\s*\||\|\s*$")


def without_markup(text: str) -> str:
    """A note's or a model's sentence without list marks and Markdown signs; formulas stay."""
    bare = as_shown(_MARKUP.sub("", _LIST_MARK.sub("", text))).replace(" | ", " / ")
    return " ".join(bare.split())


def is_code(text: str) -> bool:
    """A fenced block."""
    return text.lstrip().startswith(("```", "~~~"))
