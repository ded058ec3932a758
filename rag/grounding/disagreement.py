"""What two statements of one language say differently: numbers, names, polarity, bindings.

Small models answer in the words of the notes and get the *relations* wrong: the drawback of A told
of B, a negation lost, a number moved. Statements are therefore compared clause by clause, each with
the clause of the other that shares most words with it.
"""

import re
from collections.abc import Collection
from itertools import pairwise

from rag.grounding.numbers_and_names import numbers
from rag.text.language import CJK
from rag.text.markup import without_markup
from rag.text.words import content_words

SAME_THING = 0.6  # share of a clause's words that its counterpart must hold to be compared


_CLAUSE_END = re.compile(
    r"[,\uff0c;\uff1b。!?\uff01\uff1f:\uff1a]|\.(?=\s|$)"
    r"|\b(?:because|since|while|whereas|but|although)\b"
)


_NEGATION_ZH = re.compile(
    r"不(?!如|仅|但|断|同|过|只|妨|少|久|管|论|变)|没有|没|无(?!论|疑|监督)|未(?!来)|并非|而非|避免|无需|免"
)


_NEGATION_EN = re.compile(
    r"\b(?:no|not|never|cannot|without|neither|none|avoids?|lacks?)\b|n't\b", re.IGNORECASE
)


_ANTONYMS = [
    ("增加", "减少"), ("增大", "减小"), ("提高", "降低"), ("提升", "下降"), ("升高", "降低"),
    ("更高", "更低"), ("更大", "更小"), ("更多", "更少"), ("更快", "更慢"), ("优点", "缺点"),
    ("不如", "优于"), ("不如", "强于"), ("不如", "好于"), ("不如", "超过"),
    ("去掉", "保留"),
    ("优势", "劣势"), ("需要", "无需"), ("冻结", "更新"), ("之前", "之后"), ("双向", "单向"),
    ("串行", "并行"), ("上升", "下降"), ("变大", "变小"), ("变快", "变慢"), ("加快", "减慢"),
    ("increase", "decrease"), ("increases", "decreases"), ("increases", "reduces"),
    ("higher", "lower"), ("larger", "smaller"), ("more", "less"), ("more", "fewer"),
    ("faster", "slower"), ("before", "after"), ("advantage", "drawback"),
    ("bidirectional", "unidirectional"), ("frozen", "updated"), ("freezes", "updates"),
    ("最高", "最低"), ("最大", "最小"), ("最多", "最少"), ("最快", "最慢"),
    ("better", "worse"), ("always", "never"), ("best", "worst"),
]  # fmt: skip


# A clause ends before what it sets itself against: "A rather than B" are two.
_INSTEAD = re.compile(r"(?=而不是|而非|并非)|(?=\bbut not\b)")


_GRADED = re.compile(
    r"([\u4e00-\u9fff]{2})(?:更|较|很|最|非常)?([高低大小多少快慢强弱好差长短])(?![\u4e00-\u9fff])"
)


_GRADES = {a + b for a, b in ("高低", "大小", "多少", "快慢", "强弱", "好差", "长短")}


def contradiction(one: str, other: str, common: Collection[str] = ()) -> str:
    """What sets two statements of one language against each other: "negation", "antonym",
    "number", or "" where nothing does. Only clauses that speak of the same thing are compared;
    words in `common` (the topic that every sentence names) do not make them so."""
    theirs = clauses(without_markup(other))
    for clause in clauses(without_markup(one)):
        words = set(content_words(clause)) - set(common)
        whole = [set(content_words(part)) for part in theirs]
        shares = [words & part for part in whole]
        # Of two that hold as many of its words the one that says less beside them.
        place = max(range(len(theirs)), key=lambda i: (len(shares[i]), -len(whole[i])), default=0)
        if not theirs or len(shares[place]) < 2:
            continue
        twin, shared = theirs[place], shares[place]
        fewer = min(len(words), len(set(content_words(twin)) - set(common)))
        if len(shared) < SAME_THING * fewer:
            continue
        if _negations(clause) % 2 != _negations(twin) % 2:
            return "negation"
        if _opposed(clause, twin):
            return "antonym"
        # A table's `85.3` under a heading in per cent is no other number than `85.3%`.
        here, there = ({n.rstrip("%") for n in numbers(part)} for part in (clause, twin))
        if here - there and there - here and len(shared) >= SAME_THING * len(words):
            return "number"
    return ""


def misstates(claim: str, support: str) -> str:
    """How a claim in the words of `support` says something else than it, or "".

    - `antonym`:  a quality is turned round (延迟高/延迟低, frozen/updated)
    - `negation`: a clause's polarity is not that of its counterpart
    - `swap`:     a clause holds a word of *another* clause of the support in the place of one of
      its own counterpart (the drawback of A told of B)
    """
    if _opposed(claim, support) or _turned(claim, support):
        return "antonym"
    theirs = [(part, _tokens(part)) for part in _fine(support)]
    whole = set().union(*(words for _, words in theirs)) if theirs else set()
    said = _tokens(claim)
    for part in _fine(claim):
        words = _tokens(part)
        if len(words) < 2 or not theirs:
            continue
        twin, twin_words = max(theirs, key=lambda item: _likeness(words, item[1]))
        shared = words & twin_words
        if len(shared) < 2 or len(shared) < SAME_THING * min(len(words), len(twin_words)):
            continue
        alike = len(shared) >= min(3, SAME_THING * max(len(words), len(twin_words)))
        if alike and _negations(part) % 2 != _negations(twin) % 2:
            return "negation"
        if _swapped(part, twin, said - words, whole):
            return "swap"
    return ""


def clauses(text: str) -> list[str]:
    """The parts of a text between commas, semicolons, colons and sentence ends."""
    return [part for part in _CLAUSE_END.split(text) if part.strip()]


def _negations(text: str) -> int:
    return len(_NEGATION_ZH.findall(text)) + len(_NEGATION_EN.findall(text))


def _opposed(claim: str, support: str) -> bool:
    said, written = claim.lower(), support.lower()
    for one, other in _ANTONYMS:
        for here, there in ((one, other), (other, one)):
            if (
                _holds(said, here)
                and not _holds(written, here)
                and _holds(written, there)
                and not _holds(said, there)
            ):
                return True
    return False


def _holds(text: str, word: str) -> bool:
    if CJK.match(word):
        return word in text
    return re.search(rf"\b{word}\b", text) is not None


def _tokens(text: str) -> set[str]:
    """Content words, and single letters (Q, K, V): they are what formulas are about."""
    letters = {letter.lower() for letter in re.findall(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])", text)}
    return set(content_words(text)) | (letters - {"a", "i"})


def _fine(text: str) -> list[str]:
    """Clauses, cut before "而不是" and "but not" too."""
    parts = [piece for clause in clauses(text) for piece in _INSTEAD.split(clause)]
    return [part for part in parts if part.strip()]


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / (len(one | other) or 1)


def _swapped(part: str, twin: str, elsewhere: set[str], whole: set[str]) -> bool:
    """`part` holds a word from another clause of the support in the place of one of `twin`'s.

    Words beside one another differ in any paraphrase. They count as put in another's place when
    the one that went stands in another clause of the claim, when both are names or both numbers,
    when they head their clauses or are joined to the same word (范数裁剪, 值裁剪).
    """
    here, there = _ordered(part), _ordered(twin)
    moved = [word for word in here if word not in there and word in whole]
    if _qualifies(moved, part, twin):
        return True
    lost = [word for word in there if word not in here]
    if not moved or not lost:
        return False
    if any(word in elsewhere for word in lost):
        return True
    for kind in (str.isdigit, _is_latin):
        if any(map(kind, moved)) and any(map(kind, lost)):
            return True
    return here[0] in moved and there[0] in lost and _is_latin(there[0])


def _qualifies(moved: Collection[str], part: str, twin: str) -> bool:
    """A moved word is joined to a word to which `twin` joins one that `part` lacks."""
    here = content_words(part)
    joined = {word: other for other, word in pairwise(content_words(twin)) if other + word in twin}
    return any(
        other in moved and other + word in part and joined.get(word, other) not in here
        for other, word in pairwise(here)
    )


def _is_latin(word: str) -> bool:
    return word.isascii() and word.isalpha()


def _ordered(text: str) -> list[str]:
    """`_tokens` in the order of the text, without single Chinese characters."""
    kept = _tokens(text)
    found = [word for word in content_words(text) if len(word) > 1 or word.isascii()]
    return list(dict.fromkeys([*found, *sorted(w for w in kept if len(w) == 1 and w.isascii())]))


def _turned(claim: str, support: str) -> bool:
    """The same noun is high here and low there."""
    here = {(noun, grade) for noun, grade in _GRADED.findall(claim)}
    there = {(noun, grade) for noun, grade in _GRADED.findall(support)}
    return any(
        noun == other and (grade + opposite in _GRADES or opposite + grade in _GRADES)
        and (noun, grade) not in there
        for noun, grade in here
        for other, opposite in there
    )  # fmt: skip
