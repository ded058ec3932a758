"""A question after others → what it asks when it stands alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer.answer import Turn
from rag.answer.understanding.parts import aspects_of, parts_beside, parts_of
from rag.answer.understanding.strangers import Strangers, strangers, without
from rag.answer.understanding.subject import names_in, spans_of_names, stripped, subject_of
from rag.answer.understanding.turn_kind import Kind, kind_of
from rag.answer.understanding.wishes import only_wishes, wanted_language, wants_all, without_wishes
from rag.index.opened import Index
from rag.search.term_weight import term_weight
from rag.text.language import CJK, Language, detect_language
from rag.text.words import content_words

THANKS = 0.7  # from this probability on, nothing is asked
_PASTED = 2  # line breaks from which a first question holds more than a question
_TELLING = 4  # names of a pasted block that say what the question is about
_WHOLE = 8  # content words from which a line says by itself what it asks
_PRONOUN_ZH = re.compile(
    r"它们|它|这(?:个|种|项)?(?:方法|技术|模型|算法|框架|做法)|这(?:个|种|项|两者|些|里)?|"
    r"那(?:个|种)(?:方法|技术|模型|算法)?|前者|后者|两者|二者|其(?!中|他|它|实|余|次)"
)
_PRONOUN_EN = re.compile(
    r"\b(?:its|their|it|they|them|this (?:method|technique|model|approach)|"
    r"that (?:method|technique|model|approach)|these|those|this|that)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:那么|那|还有|另外|然后|所以|and|but|so|then|what about|how about|also)[\s,\uff0c]*"
    r"|[呢啊呀][?\uff1f]?$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,\uff0c。;\uff1b\n]|\. |\? |—")
_MEANT = re.compile(
    r"^.*?(?:我(?:是)?[问说指想要]+(?:的)?(?:是|知道)?|i (?:meant|mean|was asking (?:about|for)|"
    r"(?:want|asked) (?:about|to know)?)|asking)\s*",
    re.IGNORECASE,
)


_DENIES = re.compile(r"不|别|没|我不是|not\b|no\b|don't|wait|sorry|i don't", re.IGNORECASE)
_CODE = re.compile(r"[={}<>]|\w\(|^\W|:$|\berror\b", re.IGNORECASE)


NONE = Strangers()


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is searched for.

    Attributes:
        parts: the things that it asks, each standing alone; () where it asks one.
        aspects: the things that it perhaps asks, where it seems to ask one.
        strangers: names of things that the notes lack; their `settings` are not in `standalone`.
        worded: `standalone` with these settings: what a writing model is asked.
        said: where more is asked for, what was answered to the same question before.
        language: that is asked for, where one is named.
        listed: all of something are asked for.
    """

    standalone: str
    kind: Kind = "alone"
    parts: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    language: Language | None = None
    listed: bool = False
    aspects: tuple[str, ...] = ()
    strangers: Strangers = NONE
    worded: str = ""


def understand(question: str, history: Sequence[Turn], index: Index) -> Understood:
    """`question` with what it leaves out put in, unchanged where it stands by itself; and the
    things that it asks.

    Args:
        history: what was asked before, answered or not.
    """
    history = _resolved(history, index)
    before = history[-1].question if history else ""
    kind: Kind = "alone"
    if not history and question.strip().count("\n") >= _PASTED:
        kind = "pasted"
    elif history:
        kind = _surely(question, before, index)
        if kind == "thanks":
            return Understood(question, kind)
    language = wanted_language(question)
    if language and before and only_wishes(question):
        standalone, kind = before, "leans"  # the same again, in another language
    else:
        standalone = without_wishes(_standing_alone(question, kind, history, index), index)
    said = tuple(turn.answer for turn in history if turn.question == before)
    more = said if kind == "more" else ()
    unknown = strangers(standalone, index)
    worded, standalone = standalone, without(standalone, unknown.settings)
    # Beside a question on what is not there, another one may stand that can be answered.
    asked = unknown.asked
    parts = parts_beside(standalone, asked, index) if asked else parts_of(standalone, index)
    aspects = aspects_of(standalone, index) if not (parts or asked) else ()
    return Understood(
        standalone, kind, parts, more, language, wants_all(question), aspects, unknown, worded
    )


def _surely(question: str, before: str, index: Index) -> Kind:
    """The kind of a question after another; thanks only where it is surely that."""
    kind, likely = kind_of(question, before, index)
    return "alone" if kind == "thanks" and likely < THANKS else kind


def _resolved(history: Sequence[Turn], index: Index) -> list[Turn]:
    """The history with questions that stand alone, without thanks."""
    found: list[Turn] = []
    for turn in history:
        if turn.stands_alone:
            found.append(turn)
            continue
        kind: Kind = "alone"
        if found:
            kind = _surely(turn.question, found[-1].question, index)
            if kind == "thanks":
                continue
        alone = _standing_alone(turn.question, kind, found, index)
        found.append(replace(turn, question=alone, stands_alone=True))
    return found


def _standing_alone(question: str, kind: Kind, history: Sequence[Turn], index: Index) -> str:
    before = history[-1].question if history else ""
    if kind == "pasted":
        return _asked_of_a_paste(question, before, index)
    if not history:
        return question
    if kind == "more":
        return before
    if kind == "corrects":
        return _corrected(question, before, index)
    if kind == "renames":
        return _renamed(question, before, index)
    if kind == "leans":
        return _leaning(question, history[-1], index)
    return question


def _leaning(question: str, turn: Turn, index: Index) -> str:
    topic = subject_of(turn.question, index.keys) or turn.topic
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


def _renamed(question: str, before: str, index: Index) -> str:
    """The question before, asked of another thing."""
    rest = _OPENING.sub("", _OPENING.sub("", question.strip())).strip(" ?\uff1f")
    names = [name for name in names_in(question, index.keys) if name in rest]
    new = names[0] if names else rest
    spans = spans_of_names(before, index.keys)
    if spans:
        start, end = spans[0]
        aspect = before[:start] + new + before[end:]
    else:
        aspect = before.replace(stripped(before), new, 1)
    own = set(content_words(rest)) - set(content_words(" ".join([new, before])))
    return f"{aspect} {rest}" if own and names else aspect


def _corrected(question: str, before: str, index: Index) -> str:
    """What was meant instead, of what the question before was about."""
    parts = [part.strip() for part in _CLAUSE.split(question) if content_words(part)]
    meant = [_MEANT.sub("", part) for part in parts if not _DENIES.match(part)] or parts[-1:]
    said = " ".join(part for part in meant if part) or question
    new = [
        name for name in names_in(question, index.keys)
        if name in said and name.lower() not in before.lower()
    ]  # fmt: skip
    own = set(content_words(said)) - set(content_words(" ".join([*new, before])))
    if new and not own:
        return _renamed(new[0], before, index)
    if new and len(own) > 1:
        return said
    return f"{subject_of(before, index.keys)}{' ' if CJK.search(said) else ': '}{said}"


def _asked_of_a_paste(question: str, before: str, index: Index) -> str:
    """The line that asks, and what the lines around it name."""
    lines = [line.strip() for line in question.splitlines() if line.strip()]
    asking = [line for line in (lines[-1], lines[0]) if line[-1] in "?\uff1f"]
    worded = [line for line in (lines[0], lines[-1]) if not _CODE.search(line)]
    asked = (asking or worded or lines[-1:])[0]
    if len(names_in(asked, index.keys)) > 1 or len(content_words(asked)) > _WHOLE:
        return asked
    around = [line for line in lines if line is not asked]
    named = [name for line in around for name in names_in(line, index.keys)]
    words = [word for line in around for word in content_words(line)]
    known = [
        name for name in dict.fromkeys([*named, *words])
        if all(map(index.lexical.knows, content_words(name))) and name not in asked
    ]  # fmt: skip
    telling = sorted(known, key=lambda name: (name in words, -_rarity(name, index)))[:_TELLING]
    return " ".join([asked, *telling, subject_of(before, index.keys) if before else ""]).strip()


def _rarity(name: str, index: Index) -> float:
    return max((term_weight(word, index.lexical) for word in content_words(name)), default=0.0)
