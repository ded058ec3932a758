"""HTML inside Markdown: what is searched is its words, not its tags."""

import re
from html import unescape

from rag.text.raised import raised

# Only tags that people write into Markdown: `<think>`, `<s>` or `<|im_start|>` in a note about
# language models are tokens that it speaks of.
_NAMES = (
    "a|abbr|article|aside|b|blockquote|br|center|code|dd|del|details|div|dl|dt|em|figcaption|figure"
    "|font|footer|h[1-6]|header|hr|i|iframe|img|ins|kbd|li|mark|ol|p|pre|section|small|span|strong"
    "|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|u|ul|video"
)
_TAG = re.compile(rf"</?(?:{_NAMES})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)
_RAISED = re.compile(r"<(su[bp])\b[^<>]{0,200}>([^<>]{1,200})</\1\s*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.{0,5000}?-->", re.DOTALL)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""", re.IGNORECASE)


def without_tags(text: str) -> str:
    """The text with tags and comments taken out, and pictures put as their alternative text."""
    if "<" not in text:
        return text
    return _TAG.sub(_shown, _RAISED.sub(_marked, _COMMENT.sub(" ", text)))


def _marked(match: re.Match[str]) -> str:
    """A power is no figure, nor is an index; H2O is searched for as it is spoken."""
    if match[1].lower() == "sub" and match[2].isdigit():
        return match[2]
    before = match.string[max(0, match.start() - 1) : match.start()]
    return raised("^" if match[1].lower() == "sup" else "_", match[2], before)


def _shown(match: re.Match[str]) -> str:
    tag = match.group()
    alternative = _ALT.search(tag) if tag[:4].lower() == "<img" else None
    if alternative:
        return f" {unescape(alternative.group(1) or alternative.group(2) or '')} "
    inside = tag.strip("</>").split()[0].lower()
    return "" if inside in {"sub", "sup", "b", "i", "em", "strong", "u", "mark", "span"} else " "
