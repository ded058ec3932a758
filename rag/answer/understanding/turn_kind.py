"""How a question stands to the one before it: by itself, leaning on it, asking for more, …

A multinomial logistic model over how the question is put (letters in a row, with names blotted out)
and what it names. Fitted by `rag/evaluation/fit/fit_turn_kind.py` on conversations that people
wrote, and stored in `turn_kind.json` with what it reaches on those set apart.
"""

import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from rag.answer.understanding.subject import latin_names, names_in
from rag.index.opened import Index
from rag.search.term_weight import term_weight
from rag.text.language import detect_language
from rag.text.words import content_words

Kind = Literal["alone", "leans", "renames", "more", "corrects", "thanks", "pasted"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WEIGHTS = Path(__file__).with_name("turn_kind.json")
_BEGINNING = 60  # characters whose letters are looked at
_LONGEST_GRAM = 3
_GRAM_SCALE = 3.0  # of all the letters, against one of the other features
_NAME = re.compile(r"[A-Za-z]*[A-Z0-9][A-Za-z0-9\-+./]+")
_POINTS_BACK = {
    "zh": re.compile(r"它|这|那(?!么)|前者|后者|两者|二者|其(?!中|他|它|实|余|次)|该|此|上面|刚才"),
    "en": re.compile(
        r"\b(?:it|its|they|their|them|this|that|these|those|ones?|same|above)\b", re.IGNORECASE
    ),
}
_ASKS = re.compile(
    r"什么|怎么|为什么|为啥|为何|如何|哪|吗|多少|几|啥|\?|\uff1f|\b(?:what|how|why|which|when)\b"
    r"|\b(?:is|are|does|do|can)\s",
    re.IGNORECASE,
)


def kind_of(question: str, before: str, index: Index) -> tuple[Kind, float]:
    """The likeliest kind, and how likely it is, in [0, 1].

    Args:
        before: the question before it, standing alone; "" where there is none.
    """
    model = _fitted()
    scores = list(model["intercept"])
    weights = model["weights"]
    for name, value in features(question, before, index).items():
        for place, weight in enumerate(weights.get(name, ())):
            scores[place] += weight * value
    top = max(scores)
    odds = [math.exp(score - top) for score in scores]
    place = max(range(len(odds)), key=odds.__getitem__)
    kind: Kind = model["kinds"][place]
    return kind, odds[place] / sum(odds)


def features(question: str, before: str, index: Index) -> dict[str, float]:
    """Named inputs of the model, each in [0, 1] or little more."""
    language = detect_language(question)
    every = content_words(question)
    weights = [term_weight(word, index.lexical) for word in every]
    new = [word for word in every if word not in set(content_words(before))]
    latin = latin_names(question)
    named = names_in(question, index.keys)
    values = {
        "zh": float(language == "zh"),
        "words": min(len(every), 10) / 10,
        "no_word": float(not every),
        "one_word": float(len(every) == 1),
        "two_words": float(len(every) == 2),
        "points_back": float(bool(_POINTS_BACK[language].search(question))),
        "latin": float(bool(latin)),
        "new_latin": float(any(name.lower() not in before.lower() for name in latin)),
        "topic": float(bool(named)),
        "topic_share": min(1.0, sum(map(len, named)) / max(1, len(question.strip()))),
        "rarest": max(weights, default=0.0),
        "rare": sum(weights) / len(weights) if weights else 0.0,
        "shared": float(len(new) < len(every)),
        "new": len(new) / max(1, len(every)),
        "asks": float(bool(_ASKS.search(question))),
        "lines": min(question.strip().count("\n"), 5) / 5,
        "length": min(len(question), 200) / 200,
        "short": float(len(question.strip()) < (6 if language == "zh" else 16)),
    }
    grams = _grams(question)
    return values | {f"'{gram}": _GRAM_SCALE / math.sqrt(len(grams)) for gram in grams}


def _grams(question: str) -> set[str]:
    text = f" {_NAME.sub('N', ' '.join(question.split()))[:_BEGINNING].lower()} "
    return {
        text[start : start + length]
        for length in range(1, _LONGEST_GRAM + 1)
        for start in range(len(text) - length + 1)
    } - {" "}


@lru_cache(maxsize=1)
def _fitted() -> Mapping[str, Any]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))
