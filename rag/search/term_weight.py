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
from rag.search.word_pairs import in_other_language

COUNTS = Path(__file__).with_name("background_words.json")
EVEN = 1000  # chunks from which the notes count as much as the background


def term_weight(word: str, lexical: WordIndex, crossing: bool = False) -> float:
    """Weight in [0, 1]; 1 for a word that stands nowhere.

    Args:
        crossing: notes in the other language are asked: a word that they do not know weighs what it
            may be there; without such a pair, what it weighs in the background.
    """
    if crossing and not lexical.knows(word):
        others = [term_weight(other, lexical) for other in in_other_language(word)]
        return max(others) if others else _background_weight(word)
    size = lexical.size
    behind = _background_weight(word)
    if not size:
        return behind
    here = lexical.idf(word) / math.log(2 * size + 2)
    share = size / (size + EVEN)
    return share * here + (1 - share) * behind


def _background_weight(word: str) -> float:
    texts, counts = _background()
    seen = counts.get(word, 0)
    return math.log(1 + (texts - seen + 0.5) / (seen + 0.5)) / math.log(2 * texts + 2)


def background_words() -> Collection[str]:
    """Words of the field: those of our own notes and questions, as `words` gives them."""
    return _background()[1]


@lru_cache(maxsize=1)
def _background() -> tuple[int, dict[str, int]]:
    data = json.loads(COUNTS.read_text(encoding="utf-8"))
    return data["texts"], data["words"]
