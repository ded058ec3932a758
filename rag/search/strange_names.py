"""Names that no capital in their middle and no digit gives away: words that the notes have nowhere,
where they stand in a question as only a name does."""

import re
import unicodedata
from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache

from rag.search.term_weight import background_words
from rag.text.language import CJK
from rag.text.words import words

# One that begins no sentence: Quorvex, Thornquist-Vale.
_LARGE = re.compile(r"(?<![A-Za-z0-9_.-])[A-Z][a-z]{3,}(?:-[A-Z][a-z]+)*(?![A-Za-z0-9])")
_BEFORE = re.compile(r"[^\s.?!。？！:：\"“”'(]\s*$")
_SMALL = re.compile(r"(?<![A-Za-z0-9_.:/@-])[a-z][a-z0-9]{4,}(?![A-Za-z0-9])")
_LETTERS = re.compile("[A-Za-z]+")
_TYPO = 0.75  # likeness (difflib's) to a word of the field from which it is that, misspelt
_STEM = 0.8  # the same for the beginning of a word
_HALF = 3  # letters of each of two words that are written as one: huggingface, badcase


def strange_names(question: str, known: Callable[[str], bool]) -> list[str]:
    """Words written large in the middle of a sentence ("the Quorvex engine"), and in a Chinese
    question Latin ones in small letters (“docker 里怎么…”), that stand nowhere in the notes.

    Args:
        known: whether a word stands in the notes.
    """
    text = unicodedata.normalize("NFKC", question)
    found = [
        match.group()
        for match in _LARGE.finditer(text)
        if _BEFORE.search(text[: match.start()])
        and not any(
            known(word) or _is_of_the_field(word) for word in _LETTERS.findall(match.group())
        )
    ]
    if CJK.search(text):
        small = (match.group() for match in _SMALL.finditer(text))
        found += [word for word in small if not (known(word) or _is_misspelt(word, known))]
    return list(dict.fromkeys(found))


def _is_of_the_field(word: str) -> bool:
    """A word that few notes may lack and is no name: English, Python."""
    stem = words(word)[:1]
    return bool(stem) and stem[0] in _field().get(stem[0][0], ())


def _is_misspelt(word: str, known: Callable[[str], bool]) -> bool:
    """It is two known words written as one, or one letter or two from a word of the field."""
    halves = range(_HALF, len(word) - _HALF + 1)
    if any(known(word[:place]) and known(word[place:]) for place in halves):
        return True
    stem = words(word)[0]
    field = _field().get(stem[0], ())
    alike = [each for each in field if abs(len(each) - len(stem)) < 3]
    # What is misspelt keeps an ending that the field's words, which are stems, have lost.
    begun = [each for each in field if each[:3] == stem[:3] and 5 < len(each) < len(stem)]
    return bool(get_close_matches(stem, alike, 1, _TYPO)) or any(
        get_close_matches(stem[: len(each)], [each], 1, _STEM) for each in begun
    )


@lru_cache(maxsize=1)
def _field() -> dict[str, list[str]]:
    """Latin words of the field, by their first letters."""
    found: dict[str, list[str]] = {}
    for word in background_words():
        if word.isascii() and word.isalpha():
            found.setdefault(word[0], []).append(word)
    return found
