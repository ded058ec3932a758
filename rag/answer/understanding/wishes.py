"""What a question wishes of its answer: "in English", “全部列出来”. It is no search word."""

import re

from rag.answer.understanding.parts import asks, cut, ended
from rag.answer.understanding.subject import names_in
from rag.index.opened import Index
from rag.text.language import Language
from rag.text.words import content_words

_MOST = 3  # content words of a wish
_ZH = r"(?:^|(?<=[\s,，.。;；?？!！(（]))[(（]?(?:请|麻烦)?(?:你)?"
_EN = r"(?:^|(?<=[,.;?!(:]) ?)[(]?\s*(?:(?:please|can you|could you)\s+)?"
_NAMED = r"\s+in\s+(?P<{}>english|chinese|mandarin)\b(?:,?\s*please)?[)]?"
# At the beginning of a clause: elsewhere a language is what a question is about.
_LANGUAGE = re.compile(
    # “请用中文解释一下”
    rf"{_ZH}[用以](?P<zh>中文|汉语|英文|英语)来?"
    r"(?:回答|作答|解释|介绍|描述|说明|说|讲|答)(?:一下|一遍)?(?![时的会比和与])(?:我)?[)）]?"
    # “…，英文回答”, “…？用英文”
    rf"|{_ZH}用?(?P<zh2>中文|英文|英语)(?:回答|作答|答案)?[)）]?\s*(?=$|[,，.。?？!！])"
    rf"|{_EN}(?:answer|reply|respond|explain|write|say)(?:\s+(?:it|this|that|me|to me))?"
    + _NAMED.format("en")
    + rf"|{_EN}(?:(?:now|again)\s+)?in\s+(?P<en2>english|chinese|mandarin)(?:,?\s*please)?[)]?"
    r"\s*(?=$|[,.?!:])",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"哪些|哪几|几[种个类]|全部|所有|列出|分类|\b(?:list|all|types|kinds|which ones)\b",
    re.IGNORECASE,
)
_STRAY = re.compile(r"^[\s,，.。;；:：]+|[\s,，;；:：(（]+$")


def wanted_language(question: str) -> Language | None:
    """The language that an answer is asked for in, where a question names one."""
    match = _LANGUAGE.search(question)
    if match is None:
        return None
    named = next(filter(None, match.groups())).lower()
    return "en" if named in {"英文", "英语", "english"} else "zh"


def only_wishes(question: str) -> bool:
    """It names a language, and asks nothing else."""
    return bool(_LANGUAGE.search(question)) and not content_words(_LANGUAGE.sub(" ", question))


def wants_all(question: str) -> bool:
    """All of something are asked for."""
    return bool(_ALL.search(question))


def without_wishes(question: str, index: Index) -> str:
    """A question without its wishes; itself where nothing would be left."""
    bare = _STRAY.sub("", _LANGUAGE.sub(" ", question)) if wanted_language(question) else question
    if not content_words(bare):
        return question
    pieces, _ = cut(bare)
    last = pieces[-1]
    if len(pieces) > 1 and _only_wishes(last, index) and any(map(asks, pieces[:-1])):
        return ended(bare[: bare.rindex(last)])
    return bare


def _only_wishes(piece: str, index: Index) -> bool:
    """It asks nothing and names nothing."""
    return (
        not asks(piece) and not names_in(piece, index.keys) and len(content_words(piece)) <= _MOST
    )
