"""Names that the notes never mention: asked about, or no more than the setting of a question.

"How does HeronKV drop tokens?" cannot be answered, and an answer about a sibling of HeronKV would
be wrong. "HeronBot runs out of memory at 8k" can: HeronBot is the asker's own. Which of the two a
name is, a logistic model over the words around it tells, fitted by
`rag/evaluation/fit/fit_strangers.py` on messages that people wrote, and stored in `strangers.json`
with what it reaches on other writers' messages.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from rag.answer.understanding.parts import asking_sentences, points_back
from rag.answer.understanding.subject import spans_of_names
from rag.grounding.logistic import logistic_known
from rag.index.opened import Index
from rag.search.names import asked_names, holds_name, is_coined
from rag.search.strange_names import strange_names
from rag.search.term_weight import background_words
from rag.text.words import words

WEIGHTS = Path(__file__).with_name("strangers.json")
ASKED_ABOUT = 0.7  # probability from which a name is what is asked about
PERHAPS = 0.2  # from which it may be: what the notes lack is said beside the answer
MOST_NAMES = 12  # of a message that are looked at: more stand in a log, not in a question
_SHORTEST = 5  # characters of a name that can be no abbreviation: FA2, VRAM
_KNOWN_PART = 3  # letters of a word of the notes that a name is not taken out with: BERT-CRF
_VARIANT = 0.85  # likeness (difflib's) to a topic's name from which it is that, misspelt
_BEGINNING = 4  # letters that a topic's name shares with what is short for it: FlashAttn
_AROUND = 4  # words on either side that are looked at most closely
_WHOLE = 6.0  # of all the words of a message, against one beside the name
_TOKEN = re.compile(r"[a-z']+|\d+|[\u4e00-\u9fff]|[^\sa-z0-9\u4e00-\u9fff]")
_SPACES = re.compile(r"[ \t]{2,}")
_PARTS = re.compile(r"[A-Za-z]+|[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Strangers:
    """The names in a message that can be nothing but names, of things that the notes lack.

    Attributes:
        asked: it asks about them.
        settings: it asks about something else.
        doubtful: those of `settings` that it may ask about.
    """

    asked: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


def strangers(message: str, index: Index) -> Strangers:
    """The strangers in a message, and what they are there."""
    asked, settings, doubtful = [], [], []
    for name in names_asked(message, index)[:MOST_NAMES]:
        if name not in message or not is_unknown(name, index) or not _is_but_a_name(name, index):
            continue
        likely = asked_about(message, name)
        if _only_told_of(message, name, index):
            likely = 0.0
        if likely < ASKED_ABOUT:
            settings.append(name)
            doubtful += [name] if likely >= PERHAPS else []
        elif not _is_variant(name, chain((key.name for key in index.keys.names), _field())):
            asked.append(name)
    return Strangers(tuple(asked), tuple(settings), tuple(doubtful))


def names_asked(question: str, index: Index) -> list[str]:
    """The names in a question: strong ones, and words that stand nowhere in the notes where only a
    name stands. None that stands only as a part of another one."""

    def known(word: str) -> bool:
        return all(map(index.lexical.knows, words(word)))

    strange = strange_names(question, known)
    topics = index.keys.words_of_names if strange else frozenset()
    strange = [name for name in strange if not topics & set(words(name))]
    found = list(dict.fromkeys([*asked_names(question), *strange]))
    return [name for name in found if not _only_in_others(name, found, question)]


def is_unknown(name: str, index: Index) -> bool:
    """It has a word that stands nowhere in the notes, and no topic goes by it."""
    if all(index.lexical.knows(word) for word in words(name) if word.isalpha()):
        return False
    return not any(holds_name(key.name, name) for key in index.keys.names)


def asked_about(message: str, name: str) -> float:
    """Probability that a message asks about the thing that goes by a name in it."""
    return logistic_known(_fitted(), features(message, name))


def without(message: str, names: Sequence[str]) -> str:
    """The message without some names; unchanged where nothing would be left of it."""
    left = message
    for name in sorted(names, key=len, reverse=True):
        left = _whole(name).sub(" ", left)
    left = _SPACES.sub(" ", left).strip(" ,\uff0c:\uff1a\u3001")
    return left if words(left) else message


def features(message: str, name: str) -> dict[str, float]:
    """The words right before and behind a name, those of the whole message, and whether the name
    is in what it asks."""
    start = message.index(name)
    before = _TOKEN.findall(message[:start].lower())
    behind = _TOKEN.findall(message[start + len(name) :].lower())
    values = {f"before {word}": 1.0 for word in before[-_AROUND:]}
    values |= {f"behind {word}": 1.0 for word in behind[:_AROUND]}
    values["last " + " ".join(before[-1:])] = 1.0
    values["next " + " ".join(behind[:1])] = 1.0
    values["last two " + " ".join(before[-2:])] = 1.0
    values["next two " + " ".join(behind[:2])] = 1.0
    every = {f"word {word}" for word in [*before, *behind] if word[0].isalnum()}
    every |= {f"{one} {other}" for part in (before, behind) for one, other in pairwise(part)}
    values |= dict.fromkeys(every, _WHOLE / math.sqrt(len(every) or 1))
    asked = asking_sentences(message)
    values["in_question"] = float(any(name in sentence for sentence in asked))
    values["other_question"] = float(any(name not in sentence for sentence in asked))
    values["place"] = len(before) / (len(before) + len(behind) + 1)
    return values


def _only_told_of(message: str, name: str, index: Index) -> bool:
    """It stands beside the questions, and these name something else."""
    asked = asking_sentences(message)
    if not asked or any(name in sentence or points_back(sentence) for sentence in asked):
        return False
    return any(asked_names(text) or spans_of_names(text, index.keys, latin=False) for text in asked)


def _is_but_a_name(name: str, index: Index) -> bool:
    """No abbreviation, no word of any language, and no part of it a word of the notes."""
    if len(name) < _SHORTEST or "/" in name:
        return False
    parts = _PARTS.findall(name)
    if len(parts) > 1 and "-" in name:
        known = (part for part in name.split("-") if all(map(index.lexical.knows, words(part))))
        if any(part.isalpha() and len(part) >= _KNOWN_PART for part in known):
            return False
        return is_coined(name) or max(map(len, name.split("-"))) >= _SHORTEST
    return is_coined(name) or (name.isupper() and len(name) > _SHORTEST)


def _is_variant(name: str, topics: Iterable[str]) -> bool:
    """It is a topic's name misspelt, or short for it."""
    own = _letters(name)
    return any(
        _is_short_for(own, other) or _is_like(own, other)
        for other in map(_letters, topics)
        if own[:1] == other[:1]
    )


def _is_like(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one, other)
    return matcher.real_quick_ratio() >= _VARIANT and matcher.ratio() >= _VARIANT


def _is_short_for(short: str, whole: str) -> bool:
    rest = iter(whole)
    return short[:_BEGINNING] == whole[:_BEGINNING] and all(letter in rest for letter in short)


def _letters(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _only_in_others(name: str, names: Sequence[str], text: str) -> bool:
    longer = [other for other in names if name != other and name in other]
    return bool(longer) and not _whole(name).search(without(text, longer))


@lru_cache(maxsize=500)
def _whole(name: str) -> re.Pattern[str]:
    """A name where it is no part of another one, with what says whose something is."""
    left = r"(?<![A-Za-z0-9])(?<![A-Za-z0-9][-.])" if name[0].isascii() else ""
    right = r"(?:['\u2019]s|(?<=s)['\u2019](?=\s))?(?![A-Za-z0-9])(?!-[A-Za-z0-9])"
    return re.compile(left + re.escape(name) + right)


@lru_cache(maxsize=1)
def _field() -> tuple[str, ...]:
    """Latin words of the field that are long enough to have a short form."""
    return tuple(word for word in background_words() if word.isascii() and len(word) > _SHORTEST)


@lru_cache(maxsize=1)
def _fitted() -> Mapping[str, Any]:
    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))
