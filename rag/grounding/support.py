"""Does a passage support a sentence? Judged without an NLI model, by what small models get wrong.

A sentence is supported by the one or two neighbouring note sentences that cover it best, when
none of these checks objects (names as in `SupportVerdict.reason`):

- `number`:   every number of the sentence stands in the quote
- `name`:     every Latin name or abbreviation stands in the quote, its headings or its title;
              every address in the quote itself
- `negation`, `antonym`, `swap`: see `rag.grounding.disagreement.misstates`
- `coverage`: enough of the sentence's words stand in the quote; with the embedder at hand, a
  paraphrase or a translation passes on its cosine similarity instead
- `question`: the sentence is not just the question again
- `order`:    it states something; what a note orders its reader to do supports nothing
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import cast

import numpy as np

from rag.grounding.disagreement import clauses, misstates
from rag.grounding.numbers_and_names import latin_words, names, numbers
from rag.grounding.passage import Passage
from rag.safety.orders import is_order, without_quoted_orders
from rag.text.language import detect_language
from rag.text.markup import without_markup
from rag.text.sentences import sentence_spans
from rag.text.words import content_words

COVERAGE = 0.55  # share of the sentence's words that the quote must hold
OWN_COVERAGE = 0.5  # the same for words that are not just in the title and headings
OWN_COVERAGE_WITH_COSINE = 0.34
COVERAGE_WITH_COSINE = 0.3  # … when the quote is at least PARAPHRASE close
PARAPHRASE = 0.90
TRANSLATION = 0.845  # cosine across languages; as measured in docs/measurements.md
ECHO = 0.85
# Share of a clause's words that the whole passage must hold; see docs/measurements.md.
CLAUSE_COVERAGE = 0.35

_ADDRESS = re.compile(r"(?:https?|ftp|file)://[^\s()\[\]<>\"'“”，。；、]+", re.IGNORECASE)

Embed = Callable[[list[str]], np.ndarray]  # texts → (n, d), L2-normalised


@dataclass(frozen=True, slots=True)
class SupportVerdict:
    """The judge's word on one sentence and one passage."""

    supported: bool
    reason: str  # "" when supported, else the check that objected
    score: float  # coverage, or cosine for a translation; for choosing among passages
    start: int  # span of the quote in the note
    end: int


def judge(sentence: str, passage: Passage, embed: Embed | None = None) -> SupportVerdict:
    """Whether `passage` supports `sentence`, and by which one or two of its sentences."""
    claim = without_markup(sentence)
    words = set(content_words(claim))
    windows = _windows(passage)
    if not windows or not words:
        return SupportVerdict(False, "coverage", 0.0, passage.start, passage.end)
    if is_order(claim):
        return SupportVerdict(False, "order", 0.0, passage.start, passage.end)
    same_language = detect_language(claim) == detect_language(passage.text)
    quotes = [passage.text[start:end] for start, end in windows]
    covers = [_coverage(words, quote, passage.context) for quote in quotes]
    order = sorted(range(len(windows)), key=lambda i: -covers[i])
    order = order[:3] if same_language else order
    owns = {i: _own_coverage(words, quotes[i], passage.context) for i in order}

    @cache
    def objects(place: int) -> str:
        return objection(claim, quotes[place], passage.context, same_language)

    cosines = [0.0] * len(windows)
    if embed and _undecided(order, covers, owns, same_language):
        near = [i for i in order if same_language or not objects(i)]
        found = _cosines(embed, claim, [without_markup(quotes[i]) for i in near])
        for place, value in zip(near, found, strict=True):
            cosines[place] = value
        order.sort(key=lambda i: -(cosines[i] + (covers[i] if same_language else 0.0)))
    best: SupportVerdict | None = None
    floor = 0.0  # a window that says the opposite rules out those that say less of the claim
    for place in order:
        if same_language and covers[place] < floor:
            continue
        start, end = windows[place]
        score = covers[place] if same_language else cosines[place]
        reason = objects(place)
        if not reason and not _close(covers[place], owns[place], cosines[place], same_language):
            reason = "coverage"
        if not reason and same_language and not words & _stated(quotes[place], passage.context):
            reason = "order"
        verdict = SupportVerdict(
            not reason, reason, score, passage.start + start, passage.start + end
        )
        if verdict.supported:
            return verdict
        if reason in {"negation", "antonym", "swap"} and covers[place] >= COVERAGE:
            floor = max(floor, covers[place])
        best = best or verdict
    assert best is not None
    return best


def _undecided(
    order: Sequence[int], covers: Sequence[float], owns: Mapping[int, float], same_language: bool
) -> bool:
    """Whether the similarity of meaning can make a difference: words alone may decide."""
    if not same_language:
        return True
    if covers[order[0]] >= COVERAGE and owns[order[0]] >= OWN_COVERAGE:
        return False
    return any(
        covers[i] >= COVERAGE_WITH_COSINE and owns[i] >= OWN_COVERAGE_WITH_COSINE for i in order
    )


def nearest_window(
    claim: str, passage: Passage, embed: Embed | None = None
) -> tuple[float, int, int] | None:
    """(likeness, start, end in the note) of the one or two neighbouring sentences nearest to a
    claim: by its words they hold, across languages by cosine; None where there is none."""
    windows = _windows(passage)
    words = set(content_words(claim))
    if not windows or not words:
        return None
    quotes = [passage.text[start:end] for start, end in windows]
    if detect_language(claim) == detect_language(passage.text) or embed is None:
        likeness = [_coverage(words, quote, passage.context) for quote in quotes]
    else:
        likeness = _cosines(embed, claim, [without_markup(quote) for quote in quotes])
    best = max(range(len(windows)), key=likeness.__getitem__)
    start, end = windows[best]
    return likeness[best], passage.start + start, passage.start + end


def objection(claim: str, quote: str, context: str, same_language: bool = True) -> str:
    """The first check that the pair fails, coverage apart; "" when none does."""
    support = without_markup(quote)
    if not numbers(claim) <= numbers(support) | numbers(context):
        return "number"
    known = latin_words(f"{support} {context}")
    if any(address not in quote for address in _ADDRESS.findall(claim)):
        return "name"
    joined = _joined(f"{support} {context}")
    if any(name.lower() not in known and _joined(name) not in joined for name in names(claim)):
        return "name"
    if same_language:
        return misstates(claim, support)
    return ""


def _joined(text: str) -> str:
    """Letters without what may stand in a name or not: Flash Attention, d_k, $d_{k}$."""
    return re.sub(r"[\s\-_{}$\\]", "", text).lower()


def adds_unsupported_clause(sentence: str, passage: Passage, question: str) -> bool:
    """A whole clause says what neither the passage nor the question speaks of: a small model likes
    to end a true sentence with something of its own."""
    claim = without_markup(sentence)
    if detect_language(claim) != detect_language(passage.text):
        return False
    known = _words(without_markup(passage.text)) | _words(passage.context) | _words(question)
    parts = [set(content_words(clause)) for clause in clauses(claim)]
    return any(
        len(words) >= 3 and len(words & known) < CLAUSE_COVERAGE * len(words) for words in parts
    )


def echoes_question(sentence: str, question: str) -> bool:
    """The sentence says little more than the question itself."""
    said, asked = set(content_words(without_markup(sentence))), set(content_words(question))
    return bool(said) and len(said & asked) / len(said) >= ECHO and len(said - asked) <= 1


def _windows(passage: Passage) -> list[tuple[int, int]]:
    """Spans, within the passage, of each sentence and each pair of neighbours, orders left out."""
    spans = sentence_spans(passage.text)
    stated = [not is_order(passage.text[start:end]) for start, end in spans]
    pairs = [
        (a[0], b[1])
        for (a, b), both in zip(pairwise(spans), map(all, pairwise(stated)), strict=True)
        if both
    ]
    return [span for span, states in zip(spans, stated, strict=True) if states] + pairs


def _stated(quote: str, context: str) -> set[str]:
    """Words of the quote and its headings, without those of orders that it only reports."""
    return set(content_words(f"{without_quoted_orders(quote)} {context}"))


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    """Content words of a quote or of headings, which every sentence of an answer is held to."""
    return frozenset(content_words(text))


def _coverage(words: set[str], quote: str, context: str) -> float:
    """Share of the claim's words in the quote; words of the context alone count half."""
    inside = _words(without_markup(quote))
    around = _words(context) - inside
    return (len(words & inside) + 0.5 * len(words & around)) / len(words)


def _own_coverage(words: set[str], quote: str, context: str) -> float:
    """Share, in the quote, of the claim's words that the title and headings do not lend."""
    own = words - _words(context)
    return len(own & _words(without_markup(quote))) / len(own) if own else 1.0


def _cosines(embed: Embed, claim: str, texts: Sequence[str]) -> list[float]:
    if not texts:
        return []
    vectors = embed([claim, *texts])
    return cast("list[float]", (vectors[1:] @ vectors[0]).tolist())


def _close(coverage: float, own: float, cosine: float, same_language: bool) -> bool:
    if not same_language:
        return cosine >= TRANSLATION
    if coverage >= COVERAGE and own >= OWN_COVERAGE:
        return True
    return (
        coverage >= COVERAGE_WITH_COSINE
        and own >= OWN_COVERAGE_WITH_COSINE
        and cosine >= PARAPHRASE
    )


def best_support(
    sentence: str, passages: Sequence[Passage], first: Sequence[int], embed: Embed | None = None
) -> tuple[int, SupportVerdict] | None:
    """The passage (its place in `passages`) that supports a sentence: those the model named
    (`first`) before the others; None when none does."""
    others = [place for place in range(len(passages)) if place not in first]
    for group in (list(first), others):
        verdicts = [(place, judge(sentence, passages[place], embed)) for place in group]
        supported = [item for item in verdicts if item[1].supported]
        if supported:
            return max(supported, key=lambda item: item[1].score)
    return None
