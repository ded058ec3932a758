"""A follow-up question → a question that stands alone, resolved against what was asked before."""

import re
from collections.abc import Sequence

from rag.answer.answer import Turn
from rag.text.language import CJK, detect_language
from rag.text.words import content_words

_PRONOUN_ZH = re.compile(
    r"(?:它们|它|这(?:个|种|项)?(?:方法|技术|模型|算法|框架|做法)|这(?:个|种|项|两者|些)?|"
    r"那(?:个|种)(?:方法|技术|模型|算法)?|前者|后者|两者|二者|其(?!中|他|它|实|余|次))"
)
_PRONOUN_EN = re.compile(
    r"\b(?:its|their|it|they|them|this (?:method|technique|model|approach)|"
    r"that (?:method|technique|model|approach)|these|those|this|that)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:那么|那|还有|另外|然后|所以|and|but|so|then|what about|how about|also)[\s,\uff0c]*",
    re.IGNORECASE,
)
_SHORT_ZH = re.compile(
    r"呢[?\uff1f]?$|^(?:为什么|举个例子|怎么(?:做|实现|算|选)|有什么(?:优|缺)点|还有(?:吗|呢)|具体|详细)"
)
_SHORT_EN = re.compile(
    r"^(?:why|how so|for example|and|what about|how about|any drawbacks?)\b", re.IGNORECASE
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9\-+./]*(?: [A-Za-z0-9][A-Za-z0-9\-+./]*)*")
_ASKING = re.compile(
    r"(?:请|简述|解释|介绍|说说|谈谈|讲讲|一下|什么是|是什么|为什么|为何|怎么样|怎样|怎么|如何|有哪些|有什么|哪些|"
    r"什么|区别|不同|原理|作用|优缺点|优点|缺点|吗|呢|[?\uff1f。,\uff0c!\uff01])+"
)
_ASKING_EN = frozenset(
    [
        "what",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "how",
        "why",
        "when",
        "which",
        "who",
        "the",
        "a",
        "an",
        "of",
        "in",
        "to",
        "for",
        "between",
        "explain",
        "describe",
        "difference",
        "compare",
        "and",
        "or",
        "vs",
        "can",
        "could",
        "should",
        "would",
        "tell",
        "me",
        "about",
        "it",
        "its",
        "i",
        "you",
        "work",
        "works",
        "use",
        "used",
        "need",
        "needs",
        "main",
        "advantages",
        "disadvantages",
    ]
)


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """`question` with what it leaves out put in; unchanged where it stands by itself.

    The topic is what the last question that stood alone was about: its names, else its subject,
    else the title of the note that answered it.
    """
    if not history or not is_follow_up(question):
        return question
    topic = topic_of(history[-1])
    if not topic or topic.lower() in question.lower():
        return question
    rest = _OPENING.sub("", question.strip())
    if detect_language(question) == "zh":
        resolved, count = _PRONOUN_ZH.subn(lambda match: topic, rest, count=1)
        return resolved if count else f"{topic}{'' if rest.startswith('的') else ' '}{rest}"
    resolved, count = _PRONOUN_EN.subn(
        lambda match: f"{topic}'s" if match.group().lower() in {"its", "their"} else topic,
        rest,
        count=1,
    )
    return resolved if count else f"{topic}: {rest}"


def is_follow_up(question: str) -> bool:
    """It leans on what was said before: a pronoun, an opening "那…", or too short to stand."""
    text = question.strip()
    if detect_language(text) == "zh":
        leans = bool(_PRONOUN_ZH.search(text) or _SHORT_ZH.search(text) or _OPENING.match(text))
        names = [name for name in _NAME.findall(text) if len(name) > 1]
        return (leans and not names) or not set(content_words(text))
    leans = bool(_PRONOUN_EN.search(text) or _SHORT_EN.search(text) or _OPENING.match(text))
    return leans and len(text.split()) <= 12


def topic_of(turn: Turn) -> str:
    """What a turn was about, in a few words; "" if that cannot be told."""
    question = turn.question
    if CJK.search(question):
        names = [name.strip() for name in _NAME.findall(question) if len(name) > 1]
        if names:
            return " 和 ".join(dict.fromkeys(names[:2]))
        subject = _ASKING.sub(" ", question).split()
        first = subject[0].split("的")[0] if subject else ""
        return first if len(first) >= 2 else turn.topic
    words = re.findall(r"[A-Za-z0-9\-+./]+", question)
    kept = [word for word in words if word.lower() not in _ASKING_EN]
    return " ".join(kept[:5]) or turn.topic
