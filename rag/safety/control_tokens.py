"""Text of strangers made harmless for prompts: no control tokens, no markup that hides words."""

import re
import unicodedata

_MARKUP = re.compile(r"</?[a-z!][^<>]{0,80}>|<!--|-->|\*+|__|[*_#>|]+(?=\s)", re.IGNORECASE)


_CONTROL = re.compile(
    r"<[|｜][^<>|｜\n]{1,40}[|｜]>|</?s>|<</?SYS>>|\[/?INST\]"
    r"|</?(?:bos|eos|pad|unk|start_of_turn|end_of_turn|think|tool_call|tool_response|tools|system"
    r"|assistant|user|human)>",
    re.IGNORECASE,
)


_ROLE = re.compile(r"\0\s*(?:(?:system|user|assistant|model)\b)?", re.IGNORECASE)


_TURNS = {"<": "‹", ">": "›", "|": "¦", "｜": "¦", "[": "〔", "]": "〕"}


def visible(text: str) -> str:
    """The text without characters that no reader sees (zero-width, bidi marks, tag characters)."""
    if text.isascii():
        return text
    return "".join(char for char in text if unicodedata.category(char) not in {"Cf", "Co", "Cs"})


def harmless(text: str) -> str:
    """The text with chat templates' control tokens broken, so that it cannot open a new role.

    llama.cpp parses such tokens wherever they stand, also in the middle of a passage.
    """
    return _CONTROL.sub(
        lambda match: "".join(_TURNS.get(char, char) for char in match.group()), visible(text)
    )


def as_read(sentence: str) -> str:
    """The words as a model would read them: no invisible signs, one width, no markup."""
    text = unicodedata.normalize("NFKC", visible(sentence))
    text = _ROLE.sub(" . ", _CONTROL.sub("\0", text))
    return re.sub(r"[ \t]+", " ", _MARKUP.sub(" . ", text)).strip()
