"""Words of our field in the other language: 学习率 is learning rate.

Fitted by `rag/evaluation/fit/fit_word_pairs.py` on our notes that are written in two languages.
"""

import json
from functools import lru_cache
from pathlib import Path

PAIRS = Path(__file__).with_name("word_pairs.json")


def in_other_language(word: str) -> tuple[str, ...]:
    """What a word, as `words` gives it, may be in the other language; the likeliest first."""
    return _pairs().get(word, ())


@lru_cache(maxsize=1)
def _pairs() -> dict[str, tuple[str, ...]]:
    data = json.loads(PAIRS.read_text(encoding="utf-8"))
    return {word: tuple(others) for word, others in data.items()}
