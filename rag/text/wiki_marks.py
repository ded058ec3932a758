"""Obsidian's marks: what is shown of links, embeds, callouts, marked words and block ids."""

import re

# Not the arrays of `x[[0]]` or `[[1, 2], [3, 4]]`: a link names a note.
_LINK = re.compile(
    r"(!?)(?<![A-Za-z0-9_\]])\[\[(?![\d\s\"'\[])([^\[\]|\n,]{1,300})(?:\|([^\[\]\n]{0,300}))?\]\]"
)
_MARKED = re.compile(
    r"(?<![A-Za-z0-9_=)\]])==(?=[^\s=])([^=\n]{1,200}?)(?<=\S)==(?![A-Za-z0-9_=(])"
)
_BLANK = "\u00a0"  # four usual blanks at the beginning of a line would make it code
_CALLOUT = re.compile(r"\[![\w-]{1,30}\][+-]?[ \t]*")
# Where such marks are none: code and formulas.
_VERBATIM = (
    r"(?ms:^[ \t>]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z))"
    r"|(?P<tick>`+)(?!`)[^\n]{0,2000}?(?<!`)(?P=tick)(?!`)|(?s:\$\$.*?\$\$)"
)
_HIDDEN = re.compile(
    rf"{_VERBATIM}|(?P<comment>(?<![0-9A-Za-z%])%%(?!%)[^\r\n]*?%%"
    # Begun in the middle of a line it may end in another; two shares (5 %% … 6 %%) are none.
    r"|(?:(?<=[^\s\dA-Za-z%])|(?<=[^\s\d%][ ]))%%(?!%)(?:(?!%%)[\s\S]){0,2000}(?<!\d)%%"
    r"|(?m:^[ \t]*%%(?:(?!%%)[\s\S]){0,100000}(?:(?<=[\r\n])%%|%%[ \t]*$)))"
    r"|(?P<id>(?m:[ \t]\^(?=[\w-]*[A-Za-z])[A-Za-z0-9-]{4,}[ \t]*$))"
    # What Logseq keeps of a block.
    r"|(?P<kept>(?m:^[ \t]*(?:id|collapsed)::[ \t]*(?:[0-9a-f-]{36}|true|false)[ \t]*$))"
    r"|(?<=;base64,)(?P<data>[A-Za-z0-9+/=]{200,})"
)


def without_hidden(text: str) -> str:
    """The text with blanks where Obsidian shows nothing: comments, block ids; and pictures' bytes.

    No character moves, so spans stay those of the file.
    """
    if not any(mark in text for mark in ("%%", " ^", "\t^", ";base64,", "id:: ", "collapsed:: ")):
        return text
    return _HIDDEN.sub(_blanked, text)


def _blanked(match: re.Match[str]) -> str:
    if match.lastgroup in {"comment", "id", "data", "kept"}:
        return re.sub(r"[^\r\n]", _BLANK, match.group())
    return match.group()


def as_shown(text: str) -> str:
    """A piece of a note without Obsidian's marks: links by what they show."""
    if "[[" in text:
        text = _LINK.sub(_shown, text)
    if "==" in text:
        text = _MARKED.sub(r"\1", text)
    if "[!" in text:
        text = _CALLOUT.sub("", text)
    return text


def _shown(match: re.Match[str]) -> str:
    embed, target, label = match.groups()
    if label and not (embed and re.fullmatch(r"[\dx]+", label)):
        return str(label)
    name, _, heading = str(target).partition("#")
    parts = [part for part in (name.strip(), heading.strip()) if part and not part.startswith("^")]
    return " > ".join(parts)
