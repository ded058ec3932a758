"""Which nuggets the quotes of an answer state, and which of its sentences state any."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any

from rag.answer.answer import Answer
from rag.evaluation.nuggets.nugget_set import Nugget, NuggetQuestion

HELD = 0.6  # share of a nugget's quote that a citation must hold

Span = tuple[str, int, int]  # note, start, end
Texts = Callable[[str], str]  # a note's text by path; "" for an unknown one


@dataclass(frozen=True, slots=True)
class NuggetRecord:
    """One question asked of one system."""

    system: str
    question: str
    language: str
    answerable: bool
    abstained: bool
    answer: str
    sentences: int
    useful: int  # sentences that state a nugget
    vital: int  # vital nuggets that the notes state
    vital_stated: int
    nuggets: int
    stated: int
    missed: tuple[str, ...]
    total_s: float
    prompt_tokens: int = 0
    timings: dict[str, float] = field(default_factory=dict)


def score(item: NuggetQuestion, answer: Answer, texts: Texts, system: str) -> NuggetRecord:
    """What an answer states of the nuggets, by the spans that it cites."""
    cited = {c.n: (c.note, c.start, c.end) for c in answer.citations}
    known = [nugget for nugget in item.nuggets if nugget.places]
    stated = [n for n in known if states(list(cited.values()), n, texts)]
    useful = sum(
        1
        for sentence in answer.sentences
        if any(
            states([cited[n] for n in sentence.citations if n in cited], k, texts) for k in known
        )
    )
    vital = [nugget for nugget in known if nugget.vital]
    return NuggetRecord(
        system,
        item.question,
        item.language,
        item.answerable,
        answer.abstained,
        answer.text,
        0 if answer.abstained else len(answer.sentences),
        useful,
        len(vital),
        sum(1 for nugget in vital if nugget in stated),
        len(known),
        len(stated),
        tuple(nugget.text for nugget in vital if nugget not in stated),
        answer.timings.get("total_s", 0.0),
        (answer.usage or {}).get("prompt_tokens", 0),
        dict(answer.timings),
    )


def states(spans: Sequence[Span], nugget: Nugget, texts: Texts) -> bool:
    """One of the spans holds most of one of the nugget's quotes."""
    for place in nugget.places:
        start = texts(place.note).find(place.quote)
        if start < 0:
            continue
        end = start + len(place.quote)
        for note, first, last in spans:
            held = min(end, last) - max(start, first)
            if note == place.note and held >= HELD * len(place.quote):
                return True
    return False


def figures(records: Sequence[NuggetRecord]) -> dict[str, Any]:
    """The figures of one system over some questions; shares in [0, 1], None where none apply."""
    answerable = [r for r in records if r.answerable]
    others = [r for r in records if not r.answerable]
    answered = [r for r in records if not r.abstained]
    given = sum(r.sentences for r in answerable if not r.abstained)
    return {
        "questions": len(records),
        "vital_recall": _share(
            sum(r.vital_stated for r in answerable), sum(r.vital for r in answerable)
        ),
        "all_recall": _share(sum(r.stated for r in answerable), sum(r.nuggets for r in answerable)),
        "useful_sentences": _share(sum(r.useful for r in answerable), given),
        "wrong_refusals": _share(sum(r.abstained for r in answerable), len(answerable)),
        "right_refusals": _share(sum(r.abstained for r in others), len(others)),
        "sentences": round(mean(r.sentences for r in answered), 2) if answered else None,
        "total_s": round(median(r.total_s for r in records), 3) if records else None,
        "prompt_tokens": round(mean(r.prompt_tokens for r in records)) if records else None,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
