"""Which sentences make the answer, and in what order they are told.

Boosted trees over the features of `candidates` say of each sentence how likely it belongs in the
answer, and how likely it would at least be of use there. Where the embedded LLM is at hand, it
judges a shortlist (`rag/llm/verdict.py`), and second models join its word to the first ones. All
are fitted by `rag/evaluation/fit/fit_choosing.py` on sentences that people chose, and stored with
what they reach on questions that were left out, in `choosing.json`.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.answer.quoting.boosted_trees import BoostedTrees
from rag.answer.quoting.candidates import Candidate
from rag.grounding.logistic import logistic
from rag.llm.verdict import Verdict
from rag.text.words import content_words

WEIGHTS = Path(__file__).with_name("choosing.json")
MOST = 8
# Sentences that are told where they are likely enough of use:
FEWEST, FEWEST_JUDGED, FEWEST_LISTED = 4, 3, 6
ENOUGH = 0.4
OF_USE = 0.45  # of nine answers whose best sentence lay below it readers found none good
SHORTLIST = 12  # sentences that the LLM is asked about, a second each
HOPELESS = 0.04  # likelihood below which it is not asked
SAME = 0.6  # share of common words from which two sentences say the same
_LEAST_ODDS = 1e-4
# What an item of a list or a row of a table is about: before its colon, in its first cell.
_HEAD = re.compile(
    r"^[\s>*\-]*(?:\d+(?:\.(?!\d)|[、)])\s*)?\|?\s*([^:\uff1a|。，,]{1,24})[:\uff1a|]"
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence with two probabilities, each in [0, 1].

    Attributes:
        answer: that it belongs in the answer.
        useful: that it does, or that a longer answer could say it too.
        keyed: it was scored as a sentence of notes with key points.
    """

    candidate: Candidate
    answer: float
    useful: float
    keyed: bool = True

    def judged(self, verdict: Verdict) -> "Scored":
        """The same with the LLM's word."""
        values = judged_values(self.answer, self.useful, verdict)
        models = fitted(self.keyed)["judged"]
        return Scored(
            self.candidate,
            logistic(models["answer"], values),
            logistic(models["useful"], values),
            self.keyed,
        )


def scored(candidates: Sequence[Candidate], keyed: bool = True) -> list[Scored]:
    """All candidates, the likeliest to belong in the answer first.

    Args:
        keyed: the notes say of themselves what they answer; else other things tell.
    """
    models = _trees(keyed)
    rows = [item.features for item in candidates]
    found = [
        Scored(item, answer, useful, keyed)
        for item, answer, useful in zip(
            candidates,
            models["answer"].probabilities(rows).tolist(),
            models["useful"].probabilities(rows).tolist(),
            strict=True,
        )
    ]
    return sorted(found, key=lambda item: -item.answer)


def shortlist(ranked: Sequence[Scored], size: int = SHORTLIST) -> list[Scored]:
    """The first of those that differ from one another: what the LLM is asked about."""
    found: list[Scored] = []
    for item in ranked:
        if len(found) == size or (found and item.answer < HOPELESS):
            break
        if not _said(item, found):
            found.append(item)
    return found


def choose(
    ranked: Sequence[Scored],
    opening: Candidate | None = None,
    judged: bool = False,
    most: int = MOST,
    listed: bool = False,
) -> list[Candidate]:
    """The sentences of the answer, as they are to be told; at least one where there is any.

    Args:
        ranked: likeliest first.
        opening: what is said first in any case.
        judged: the LLM's word is in the probabilities.
        listed: all of something are asked for.
    """
    if not ranked:
        return []
    models = fitted(ranked[0].keyed)
    limits = models["judged"] if judged else models
    chosen = take(ranked, limits["least"], limits["share"], opening, most)
    chosen = _filled(chosen, ranked, _fewest(judged, listed, ranked[0].keyed, most))
    first = opening or max(chosen, key=_opens).candidate
    return [first, *arranged([each.candidate for each in chosen if each.candidate is not first])]


def _fewest(judged: bool, listed: bool, keyed: bool, most: int) -> int:
    """How many sentences are told at least, where so many are likely enough of use."""
    if listed:
        return min(FEWEST_LISTED, most) if judged or keyed else most
    return min(FEWEST_JUDGED if judged else FEWEST if keyed else 0, most)


def is_sure(ranked: Sequence[Scored]) -> bool:
    """One of the sentences is likely enough of use: else what is told is but the nearest."""
    return any(item.useful >= OF_USE for item in ranked)


def take(
    ranked: Sequence[Scored],
    least: float,
    share: float,
    opening: Candidate | None = None,
    most: int = MOST,
) -> list[Scored]:
    """At most `most`: the opening or the likeliest, then all that are likely enough of use and not
    much less likely to belong in the answer than the best; none that says again what a better one
    says.

    Args:
        ranked: likeliest first.
        least: probability of being of use.
        share: of the best one's probability of belonging there.
    """
    chosen: list[Scored] = [] if opening is None else [Scored(opening, 1.0, 1.0)]
    for item in ranked:
        if len(chosen) == most:
            break
        if chosen and (item.useful < least or item.answer < share * ranked[0].answer):
            continue
        if not _said(item, chosen):
            chosen.append(item)
    return chosen


def _filled(chosen: list[Scored], ranked: Sequence[Scored], fewest: int) -> list[Scored]:
    """One sentence is seldom an answer: the next ones, too, as long as they may be of use."""
    filled = list(chosen)
    for item in ranked:
        if len(filled) >= fewest:
            break
        if item not in filled and item.useful >= ENOUGH and not _said(item, filled):
            filled.append(item)
    return filled


def arranged(chosen: Sequence[Candidate]) -> list[Candidate]:
    """What the likest question asks for, as its author tells it; then the rest in the order of the
    notes, section by section. (The direct answer is told before them all.)"""

    def place(item: Candidate) -> tuple[int, int, int]:
        return (0, item.outline_place, 0) if item.outline_place >= 0 else (1, *item.place)

    return sorted(chosen, key=place)


def same(one: str, other: str) -> bool:
    """Two sentences share most of the words of the shorter one; two items of a list that head
    alike lines do not say the same."""
    heads = _HEAD.match(one), _HEAD.match(other)
    if heads[0] and heads[1] and heads[0][1].strip() != heads[1][1].strip():
        return False
    left, right = set(content_words(one)), set(content_words(other))
    return bool(left and right) and len(left & right) >= SAME * min(len(left), len(right))


def judged_values(answer: float, useful: float, verdict: Verdict) -> dict[str, float]:
    """What the second models see: the first ones' odds and the LLM's, in nats."""
    return {
        "answer": _odds(answer),
        "useful": _odds(useful),
        "yes": _odds(verdict.yes),
        "half": math.log(verdict.half + _LEAST_ODDS),
        "no": math.log(verdict.no + _LEAST_ODDS),
    }


def opening_values(item: Scored) -> dict[str, float]:
    """What tells the sentence that is said first from the others of an answer."""
    names = (
        "first", "lead", "what_lead", "defines", "row", "rank", "heading", "title", "told",
        "relevance", "named",
    )  # fmt: skip
    features = {**item.candidate.features, "told": float(item.candidate.outline_place == 0)}
    return {"answer": _odds(item.answer), **{name: features[name] for name in names}}


def _opens(item: Scored) -> float:
    return logistic(fitted(item.keyed)["opening"], opening_values(item))


def _odds(probability: float) -> float:
    return math.log(probability + _LEAST_ODDS) - math.log(1 - probability + _LEAST_ODDS)


def _said(item: Scored, others: Sequence[Scored]) -> bool:
    text = item.candidate.quote.text
    return any(same(text, other.candidate.quote.text) for other in others)


def fitted(keyed: bool = True) -> Mapping[str, Any]:
    """The models and limits for notes with key points, or without."""
    return dict(_stored()["keyed" if keyed else "plain"])


@lru_cache(maxsize=2)
def _trees(keyed: bool) -> Mapping[str, BoostedTrees]:
    return {name: BoostedTrees(fitted(keyed)[name]) for name in ("answer", "useful")}


@lru_cache(maxsize=1)
def _stored() -> Mapping[str, Any]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))
