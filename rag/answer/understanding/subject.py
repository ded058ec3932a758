"""What a question is about: the names in it, and what is left when the asking goes."""

import re
from itertools import pairwise

from rag.index.authored_keys import AuthoredKeys
from rag.search.names import asked_names, holds_name
from rag.text.language import CJK, detect_language

_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-+./ ]?[A-Za-z0-9]+)*[+#]*")
_ASKING = re.compile(
    r"(?:请|简述|解释|介绍|说说|谈谈|讲讲|讲一下|一下|什么是|是什么|为什么|为何|为啥|怎么样|怎样|怎么|如何|"
    r"有哪些|有什么|哪些|什么|多少|多大|吗|呢|啥|[?\uff1f。,\uff0c!\uff01])+"
)
_ASKING_EN = re.compile(
    r"^(?:(?:what|how|why|when|which|who|where|is|are|was|were|do|does|did|can|could|should|would|"
    r"the|a|an|explain|describe|tell|me|about|compare|you|i|we|please)\b[\s,:]*)+"
    r"|(?:\s+(?:works?|used|mean|for))*[?.!]*\s*$",
    re.IGNORECASE,
)


def spans_of_names(question: str, keys: AuthoredKeys, latin: bool = True) -> list[tuple[int, int]]:
    """Where names stand: topics of the notes, and in a Chinese question whatever is Latin. The
    longest of those that overlap, in the order of the question.

    Args:
        latin: False finds topics of the notes alone.
    """
    low = question.lower()
    found = []
    for whole, name in keys.lower_names:
        start = low.find(name)
        if start >= 0 and len(name) > 1 and (not name.isascii() or holds_name(question, whole)):
            found.append((start, start + len(name)))
    for name in latin_names(question) if latin else ():
        start = question.find(name)
        found.append((start, start + len(name)))
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda span: (span[0] - span[1], span[0])):
        if all(end <= first or last <= start for first, last in kept):
            kept.append((start, end))
    return sorted(kept)


def names_in(question: str, keys: AuthoredKeys) -> list[str]:
    """The names that `spans_of_names` finds, each once."""
    spans = spans_of_names(question, keys)
    return list(dict.fromkeys(question[start:end] for start, end in spans))


def latin_names(question: str) -> list[str]:
    """Latin names: whatever is Latin in a Chinese question, strong ones in an English one."""
    if detect_language(question) == "en" and not CJK.search(question):
        return asked_names(question)
    return [name.strip() for name in _LATIN.findall(question) if len(name.strip()) > 1]


def subject_of(question: str, keys: AuthoredKeys) -> str:
    """What a question is about: its names, joined as they are there; else what is left of it."""
    spans = spans_of_names(question, keys)
    if not spans:
        return stripped(question)
    text = question[spans[0][0] : spans[0][1]]
    joint = " 和 " if CJK.search(question) else " and "
    for (_, before), (start, end) in pairwise(spans):
        between = question[before:start]
        text += between if len(between) <= 3 else joint
        text += question[start:end]
    return text


def stripped(question: str) -> str:
    """A question without the words that only ask."""
    if CJK.search(question):
        return " ".join(_ASKING.sub(" ", question).split())
    return _ASKING_EN.sub("", _ASKING_EN.sub("", question.strip())).strip()
