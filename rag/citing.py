"""Does a passage support a sentence? Judged without an NLI model, by what small models get wrong.

A sentence is supported by the one or two neighbouring note sentences that cover it best, when
none of these checks objects (names as in `Verdict.reason`):

- `number`:   every number of the sentence stands in the quote
- `name`:     every Latin name or abbreviation stands in the quote, its headings or its title
- `negation`: sentence and quote agree in polarity where they speak of the same thing
- `antonym`:  no word is turned into its opposite (higher/lower, 增加/减少)
- `coverage`: enough of the sentence's words stand in the quote; with the embedder at hand, a
  paraphrase or a translation passes on its cosine similarity instead
- `question`: the sentence is not just the question again
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rag.evidence import Passage
from rag.language import CJK, content_words, detect_language, sentence_spans

COVERAGE = 0.55  # share of the sentence's words that the quote must hold
COVERAGE_WITH_COSINE = 0.3  # … when the quote is at least PARAPHRASE close
PARAPHRASE = 0.90
# Cosine across languages. On 356 key points of the corpus and their translations, 0.845 keeps 85 %
# of the pairs and 10 % of pairs with another point of the same note.
TRANSLATION = 0.845
ECHO = 0.85
SAME_THING = 0.6  # share of a clause's words that its counterpart must hold to be compared

Embed = Callable[[list[str]], np.ndarray]  # texts → (n, d), L2-normalised

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-+.][A-Za-z0-9]+)*")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.、)])\s*")
_MARKUP = re.compile(r"\*\*|`+|^\s*(?:#+|>)\s+|^\s*\||\|\s*$")
_CLAUSE_END = re.compile(
    r"[,\uff0c;\uff1b。!?\uff01\uff1f:\uff1a]|\.(?=\s|$)"
    r"|\b(?:because|since|while|whereas|but|although)\b"
)
_NEGATION_ZH = re.compile(
    r"不(?!如|仅|但|断|同|过|只|妨|少|久|管|论)|没有|没|无(?!论|疑|监督)|未(?!来)|并非|而非|避免|无需|免"
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
    ("better", "worse"), ("always", "never"), ("best", "worst"),
]  # fmt: skip
_COMMON_NAMES = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "in",
        "on",
        "for",
        "with",
        "to",
        "is",
        "are",
        "it",
        "its",
        "as",
        "by",
        "from",
        "that",
        "this",
        "which",
        "while",
        "be",
        "can",
        "not",
        "more",
        "less",
        "than",
        "but",
        "also",
        "such",
        "when",
        "each",
        "both",
        "into",
        "only",
        "at",
        "one",
        "two",
    ]
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judge's word on one sentence and one passage."""

    supported: bool
    reason: str  # "" when supported, else the check that objected
    score: float  # coverage, or cosine for a translation; for choosing among passages
    start: int  # span of the quote in the note
    end: int


def judge(sentence: str, passage: Passage, embed: Embed | None = None) -> Verdict:
    """Whether `passage` supports `sentence`, and by which one or two of its sentences."""
    claim = plain(sentence)
    words = set(content_words(claim))
    windows = _windows(passage)
    if not windows or not words:
        return Verdict(False, "coverage", 0.0, passage.start, passage.end)
    same_language = detect_language(claim) == detect_language(passage.text)
    covers = [_coverage(claim, words, passage.text[a:b], passage.context) for a, b in windows]
    order = sorted(range(len(windows)), key=lambda i: -covers[i])[:3]
    cosines = [0.0] * len(windows)
    if embed and (not same_language or covers[order[0]] < COVERAGE):
        order = order if same_language else list(range(len(windows)))
        spans = [windows[place] for place in order]
        vectors = embed([claim, *(plain(passage.text[a:b]) for a, b in spans)])
        for place, value in zip(order, (vectors[1:] @ vectors[0]).tolist(), strict=True):
            cosines[place] = value
        order.sort(key=lambda i: -(cosines[i] if not same_language else covers[i] + cosines[i]))
    best: Verdict | None = None
    floor = 0.0  # a window that says the opposite rules out those that say less of the claim
    for place in order:
        if same_language and covers[place] < floor:
            continue
        start, end = windows[place]
        quote = passage.text[start:end]
        score = covers[place] if same_language else cosines[place]
        reason = objection(claim, quote, passage.context, same_language)
        if not reason and not _close(covers[place], cosines[place], same_language):
            reason = "coverage"
        verdict = Verdict(not reason, reason, score, passage.start + start, passage.start + end)
        if verdict.supported:
            return verdict
        if reason in {"negation", "antonym"} and covers[place] >= COVERAGE:
            floor = max(floor, covers[place])
        best = best or verdict
    assert best is not None
    return best


def objection(claim: str, quote: str, context: str, same_language: bool = True) -> str:
    """The first check that the pair fails, coverage apart; "" when none does."""
    support = plain(quote)
    if not numbers(claim) <= numbers(support) | numbers(context):
        return "number"
    known = {name.lower() for name in _NAME.findall(f"{support} {context}")}
    joined = re.sub(r"[\s\-]", "", f"{support} {context}").lower()
    for name in names(claim):
        if name.lower() not in known and re.sub(r"[\s\-]", "", name).lower() not in joined:
            return "name"
    if same_language:
        if _negations(claim) % 2 != _negations(_aligned(claim, support)) % 2:
            return "negation"
        if _opposed(claim, support):
            return "antonym"
    return ""


def contradiction(one: str, other: str, common: Collection[str] = ()) -> str:
    """What sets two statements of one language against each other: "negation", "antonym",
    "number", or "" where nothing does. Only clauses that speak of the same thing are compared;
    words in `common` (the topic that every sentence names) do not make them so."""
    theirs = clauses(plain(other))
    for clause in clauses(plain(one)):
        words = set(content_words(clause)) - set(common)
        shares = [words & set(content_words(part)) for part in theirs]
        place = max(range(len(theirs)), key=lambda i: len(shares[i]), default=0)
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
        here, there = numbers(clause), numbers(twin)
        if here - there and there - here and len(shared) >= SAME_THING * len(words):
            return "number"
    return ""


def clauses(text: str) -> list[str]:
    """The parts of a text between commas, semicolons, colons and sentence ends."""
    return [part for part in _CLAUSE_END.split(text) if part.strip()]


def echoes_question(sentence: str, question: str) -> bool:
    """The sentence says little more than the question itself."""
    said, asked = set(content_words(plain(sentence))), set(content_words(question))
    return bool(said) and len(said & asked) / len(said) >= ECHO and len(said - asked) <= 1


def plain(text: str) -> str:
    """A note's or a model's sentence without list marks and Markdown signs; formulas stay."""
    bare = _MARKUP.sub("", _LIST_MARK.sub("", text)).replace(" | ", " / ")
    return " ".join(bare.split())


def numbers(text: str) -> set[str]:
    """Numbers of a text in one form: `1,024` → `1024`, `2.0` → `2`."""
    found = set()
    for match in _NUMBER.findall(text):
        number = re.sub(r",(?=\d{3})", "", match)
        number = number.rstrip("0").rstrip(".") if "." in number else number
        found.add(number.lstrip("0") or "0")
    return found


def names(text: str) -> set[str]:
    """Names that must not be invented: any Latin word in a Chinese text; in an English one,
    words with a capital that does not just begin the sentence, or with digits."""
    chinese = bool(CJK.search(text))
    found = set()
    for match in _NAME.finditer(text):
        name = match.group()
        capitals = sum(1 for char in name if char.isupper())
        inside = match.start() > 0 and text[: match.start()].rstrip()[-1:] not in ".!?:"
        strong = capitals >= 2 or any(char.isdigit() for char in name)
        if name.lower() in _COMMON_NAMES or len(name) == 1:
            continue
        if strong or chinese or (capitals == 1 and name[0].isupper() and inside):
            found.add(name)
    return found


def _windows(passage: Passage) -> list[tuple[int, int]]:
    """Spans, within the passage, of each sentence and each pair of neighbours."""
    spans = sentence_spans(passage.text)
    pairs = [(a[0], b[1]) for a, b in pairwise(spans)]
    return spans + pairs


def _coverage(claim: str, words: set[str], quote: str, context: str) -> float:
    """Share of the claim's words in the quote; words of the context alone count half."""
    inside = set(content_words(plain(quote)))
    around = set(content_words(context)) - inside
    return (len(words & inside) + 0.5 * len(words & around)) / len(words)


def _close(coverage: float, cosine: float, same_language: bool) -> bool:
    if not same_language:
        return cosine >= TRANSLATION
    return coverage >= COVERAGE or (coverage >= COVERAGE_WITH_COSINE and cosine >= PARAPHRASE)


def _negations(text: str) -> int:
    return len(_NEGATION_ZH.findall(text)) + len(_NEGATION_EN.findall(text))


def _aligned(claim: str, support: str) -> str:
    """The clauses of the support that share words with the claim."""
    words = set(content_words(claim))
    parts = clauses(support)
    shared = [len(words & set(content_words(part))) for part in parts]
    top = max(shared, default=0)
    return " ".join(part for part, n in zip(parts, shared, strict=True) if top and n >= top * 0.5)


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


def best_support(
    sentence: str, passages: Sequence[Passage], first: Sequence[int], embed: Embed | None = None
) -> tuple[int, Verdict] | None:
    """The passage (its place in `passages`) that supports a sentence: those the model named
    (`first`) before the others; None when none does."""
    others = [place for place in range(len(passages)) if place not in first]
    for group in (list(first), others):
        verdicts = [(place, judge(sentence, passages[place], embed)) for place in group]
        supported = [item for item in verdicts if item[1].supported]
        if supported:
            return max(supported, key=lambda item: item[1].score)
    return None
