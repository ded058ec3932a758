"""How well an explanation states a key point: signals without an LLM, and what is said wrongly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.grounding.disagreement import contradiction
from rag.grounding.support import Embed
from rag.practice.explanation import Utterance
from rag.practice.points import KeyPoint
from rag.text.language import detect_language
from rag.text.markup import without_markup
from rag.text.words import content_words

LONGEST_WINDOW = 3  # sentences
TOPIC_WORD = 0.25  # what a word of the note's title counts: every sentence has it
CONTRADICTS_AT = 0.15  # coverage from which a clash of polarity or number is one
STATES_AT = 0.15  # coverage from which a sentence of a run helps to state the point
SPEAKS_OF = 0.8  # of a sentence's likeness to the point that it is most like: it speaks of that one

Idf = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Match:
    """The run of the learner's sentences that states a point best, and how well."""

    coverage: float  # share of the point's idf mass in that run, [0, 1]; 0 across languages
    anywhere: float  # the same in the whole explanation
    cosine: float  # of the point and its nearest run
    lift: float  # that cosine above the explanation's mean cosine to all points
    crossing: float  # 1 where point and explanation share no language
    said: Utterance | None
    stating: tuple[Utterance, ...]  # the sentences of that run that help to state the point
    clash: str  # "negation", "antonym" or "number" if a sentence says the opposite
    clashing: Utterance | None
    recited: Utterance | None = None  # a run that is the point, to the letter


def match_points(
    points: Sequence[KeyPoint],
    counted: Sequence[Utterance],
    explanation: str,
    title: str,
    idf: Idf,
    embed: Embed,
) -> list[Match]:
    """One `Match` a point, in order; all zero when nothing counts."""
    if not counted:
        return [Match(0, 0, 0, 0, 0, None, (), "", None) for _ in points]
    runs = _runs(counted, explanation)
    wordings = [point.in_language(detect_language(explanation)) for point in points]
    vectors = embed([*wordings, *(without_markup(run.text) for run in runs)])
    cosines = vectors[: len(points)] @ vectors[len(points) :].T
    background = float(cosines[:, : len(counted)].mean())
    topic = set(content_words(title))
    run_words = [set(content_words(run.text)) for run in runs]
    everything = set().union(*run_words)
    meant = _meant(wordings, counted, run_words, idf)
    return [
        _match(wording, row, runs, run_words, everything, counted, about, topic, background, idf)
        for wording, row, about in zip(wordings, cosines, meant, strict=True)
    ]


def _meant(
    wordings: Sequence[str],
    counted: Sequence[Utterance],
    said: Sequence[set[str]],
    idf: Idf,
) -> list[list[Utterance]]:
    """For each point the sentences that speak of it. What says something of another
    point (the other method's number, what the sibling does not do) says nothing against this."""

    def likeness(one: set[str], other: set[str]) -> float:
        return sum(map(idf, one & other)) / (sum(map(idf, one | other)) or 1.0)

    words = [set(content_words(wording)) for wording in wordings]
    likes = [[likeness(point, heard) for heard in said[: len(counted)]] for point in words]
    most = [max(column) for column in zip(*likes, strict=True)]
    return [
        [counted[i] for i, like in enumerate(row) if like >= SPEAKS_OF * most[i]] for row in likes
    ]


def _match(
    wording: str,
    cosines: np.ndarray,
    runs: Sequence[Utterance],
    run_words: Sequence[set[str]],
    everything: set[str],
    counted: Sequence[Utterance],
    about: Sequence[Utterance],
    topic: set[str],
    background: float,
    idf: Idf,
) -> Match:
    weights = {
        word: idf(word) * (TOPIC_WORD if word in topic else 1.0)
        for word in set(content_words(wording))
    }
    mass = sum(weights.values()) or 1.0

    def covered(said: set[str]) -> float:
        return sum(weight for word, weight in weights.items() if word in said) / mass

    coverages = [covered(words) for words in run_words]
    # The shortest run that says it: a longer one must add something.
    best = max(
        range(len(runs)),
        key=lambda i: coverages[i] + 4 * float(cosines[i]) - 0.0004 * len(runs[i].text),
    )
    crossing = detect_language(wording) != detect_language(runs[best].text)
    clash, clashing = "", None
    if not crossing:
        for said in sorted(about, key=lambda s: -covered(set(content_words(s.text)))):
            if covered(set(content_words(said.text))) < CONTRADICTS_AT:
                break
            if clash := contradiction(wording, said.text, topic):
                clashing = said
                break
    whole = runs[best]
    stating = [
        said
        for said, states in zip(counted, coverages, strict=False)  # the first runs are sentences
        if whole.start <= said.start
        and said.end <= whole.end
        and (said == whole or crossing or states >= STATES_AT)
    ]
    return Match(
        coverage=0.0 if crossing else max(coverages),
        anywhere=0.0 if crossing else covered(everything),
        cosine=float(cosines.max()),
        lift=float(cosines.max()) - background,
        crossing=float(crossing),
        said=whole,
        stating=tuple(stating),
        clash=clash,
        clashing=clashing,
        recited=next((run for run in runs if _letters(run.text) == _letters(wording)), None),
    )


def _letters(text: str) -> str:
    """A text but for its markup, its spaces and how it ends; signs stay: `<` is not `>`."""
    return "".join(without_markup(text).lower().split()).rstrip(".。;；!！")


def _runs(counted: Sequence[Utterance], explanation: str) -> list[Utterance]:
    """Each sentence, then each run of two and three neighbours."""
    found = list(counted)
    for size in range(2, LONGEST_WINDOW + 1):
        for first in range(len(counted) - size + 1):
            start, end = counted[first].start, counted[first + size - 1].end
            found.append(Utterance(explanation[start:end], start, end))
    return found
