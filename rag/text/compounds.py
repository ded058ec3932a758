"""Words written with a hyphen or as one: re-ranking, reranking.

`content_words` has their parts alone: by them, a “cross-encoder” is any encoder that stands near a
cross. So passages are indexed by both, and questions look for both.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from rag.text.folding import folded
from rag.text.words import content_words, stem

_HYPHENED = re.compile(r"[a-z]+(?:-[a-z]+)+")
_LETTERS = re.compile(r"[a-z]+")


def passage_words(text: str) -> list[str]:
    """`content_words`, and every two parts of a hyphened word as one."""
    return content_words(text) + _joined(text)


def question_words(question: str, knows: Callable[[str], bool]) -> list[str]:
    """`content_words`, and those parts as one which the notes know so."""
    return content_words(question) + [word for word in _joined(question) if knows(word)]


def _joined(text: str) -> list[str]:
    found = []
    for match in _HYPHENED.finditer(folded(text).lower()):
        parts = _LETTERS.findall(match.group())
        found += [stem(one + other) for one, other in pairwise(parts)]
    return found
