"""How much a word of a question tells, also where there are only a few notes.

Document frequencies say little in a collection of three notes: a word of its one topic stands in
all of them and would weigh nothing, a word of how one asks (“列出”) stands in none and would weigh
most. The fewer the chunks, the more a word's frequency in a background counts: our own notes and
questions, counted by `rag/evaluation/fit/count_words.py`. (Jelinek and Mercer's interpolation.)
"""

import json
import math
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from rag.index.opened import WordIndex

COUNTS = Path(__file__).with_name("background_words.json")
EVEN = 1000  # chunks from which the notes count as much as the background


def term_weight(word: str, lexical: WordIndex) -> float:
    """Weight in [0, 1]; 1 for a word that stands nowhere."""
    size = lexical.size
    texts, counts = _background()
    seen = counts.get(word, 0)
    behind = math.log(1 + (texts - seen + 0.5) / (seen + 0.5)) / math.log(2 * texts + 2)
    if not size:
        return behind
    here = lexical.idf(word) / math.log(2 * size + 2)
    share = size / (size + EVEN)
    return share * here + (1 - share) * behind


def background_words() -> Collection[str]:
    """Words of the field: those of our own notes and questions, as `words` gives them."""
    return _background()[1]


@lru_cache(maxsize=1)
def _background() -> tuple[int, dict[str, int]]:
    data = json.loads(COUNTS.read_text(encoding="utf-8"))
    return data["texts"], data["words"]
