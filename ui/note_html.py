"""Untrusted Markdown → safe HTML: whole notes with a highlighted passage, and single sentences."""

import re
from functools import lru_cache
from html import escape as escape
from itertools import islice

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from rag.readers.parts.front_matter import front_matter

_PRIVATE_USE = [*range(0xE000, 0xF900), *range(0xF0000, 0xFFFFE)]  # no Markdown syntax
_LEAD = re.compile(r"[\s>|]*(?:[-*+]\s+|\d+[.)]\s+|#+\s+)?[\s|]*")
_REMOTE = re.compile(r"https?://", re.IGNORECASE)
_BRACKETS = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|(?<!\\)\\\((.{1,2000}?)\\\)|(?<!\\)\\\[(.{1,4000}?)\\\]", re.DOTALL
)
_BLANK_LINE = re.compile(r"\n(?=[ \t]*(?:\n|$))(?!$)")
_TAGS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "code", "pre"),
    *("blockquote", "hr", "br", "table", "thead", "tbody", "tr", "th", "td"),
    *("mark", "a", "del", "span", "div"),
}


@lru_cache(maxsize=2)
def _markdown(typeset: bool = True) -> MarkdownIt:
    r"""The parser. Formulas become `\(…\)`, which the page's KaTeX looks for: a single $ is an
    amount of money to it. With `typeset` off they stay as they were written.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    opening, closing = (r"\(", r"\)") if typeset else ("$", "$")
    parser.add_render_rule(
        "math_inline", lambda self, t, i, o, e: f"{opening}{escape(t[i].content)}{closing}"
    )
    parser.add_render_rule(
        "math_inline_double", lambda self, t, i, o, e: f"$${escape(t[i].content)}$$"
    )
    # Images would call foreign servers: alt text only.
    for kind in ("math_block", "math_block_label"):
        parser.add_render_rule(
            kind, lambda self, t, i, o, e: f"<p>$$ {escape(' '.join(t[i].content.split()))} $$</p>"
        )
    parser.add_render_rule("image", lambda self, t, i, o, e: _picture(t[i]))
    return parser


def _picture(token: Token) -> str:
    """The words that stand for a picture; a click, not the page, fetches it."""
    alt, address = escape(token.content), str(token.attrs.get("src", ""))
    link = f' <a href="{escape(address)}">↗</a>' if _REMOTE.match(address) else ""
    return f"[{alt}]{link}"


def clean(html: str) -> str:
    """Only harmless tags and attributes; links to http(s) alone.

    Gradio's Markdown component reads the result as Markdown once more: a blank line (in a code
    block) would end its HTML, and what follows could become a picture, so none is left.
    """
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}, "mark": {"id"}, "code": {"class"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )
    return _BLANK_LINE.sub("\n&#10;", cleaned).replace("![", "!&#91;")


def note_html(text: str, start: int, end: int) -> str:
    """A Markdown note as HTML, `text[start:end]` inside `<mark>`, front matter left out."""
    used = set(text)
    opening, closing = islice((mark for mark in map(chr, _PRIVATE_USE) if mark not in used), 2)
    skip = front_matter(text).end
    start, end = max(start, skip), max(end, skip)
    marked = text[skip:start] + _mark_lines(text, start, end, opening, closing) + text[end:]
    html = _markdown().render(_in_dollars(marked, opening + closing))
    html = html.replace(opening, "<mark>").replace(closing, "</mark>")
    return clean(html).replace("<mark>", '<mark id="cited">', 1)


def _mark_lines(text: str, start: int, end: int, opening: str, closing: str) -> str:
    """Sentinels around each line's content, so that no mark crosses a block's border."""
    if start >= end:
        return ""
    out = []
    line_start = text.rfind("\n", 0, start) + 1
    for number, line in enumerate(re.split(r"(?<=\n)", text[start:end])):
        at_line_start = number > 0 or line_start == start
        leading = _LEAD.match(line) if at_line_start else None
        lead = leading.group() if leading else ""
        body = line[len(lead) :].rstrip()
        tail = line[len(lead) + len(body) :]
        if not body or set(body) <= set("-:| "):
            out.append(line)
        elif lead.lstrip().startswith("|") or body.endswith("|"):
            cells = [f"{opening}{c}{closing}" if c.strip() else c for c in body.split("|")]
            out.append(lead + "|".join(cells) + tail)
        else:
            out.append(f"{lead}{opening}{body}{closing}{tail}")
    return "".join(out)


def inline(text: str, typeset: bool = True) -> str:
    r"""One sentence of Markdown as safe inline HTML, its formulas as `\(…\)` (or as written)."""
    return clean(_markdown(typeset).renderInline(_in_dollars(" ".join(text.split()))))


def _in_dollars(text: str, marks: str = "") -> str:
    """Formulas in `\\( \\)` and `\\[ \\]` as the parser and the page know them; code stays.

    Args:
        marks: signs that are no part of a formula.
    """
    if "\\(" not in text and "\\[" not in text:
        return text
    return _BRACKETS.sub(lambda match: _dollars(match, marks), text)


def _dollars(match: re.Match[str], marks: str) -> str:
    if match.group(1):
        return f"${match.group(1).strip()}$"
    if match.group(2):
        inside = match.group(2).translate({ord(mark): None for mark in marks}).strip()
        return f"$${' '.join(inside.split())}$$"
    return match.group()
