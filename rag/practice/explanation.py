"""What of an explanation counts: sentences. Not keyword lists, the question again, or orders."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.grounding.support import echoes_question
from rag.safety.orders import is_order_to_grader
from rag.text.language import CJK, detect_language
from rag.text.markup import without_markup
from rag.text.sentences import sentence_spans
from rag.text.words import STOP_WORDS, content_words, words

_FRAGMENT_END = re.compile(
    r"[,\uff0c、;\uff1b:\uff1a/|。.!?\uff01\uff1f\n()\uff08\uff09+]+"
    r"|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])|\s+-\s+"
)
_GLUE_ZH = re.compile(r"[的了是在和与或把被让使为因所以只会可能要从对而需将由等比就也都有用给到]")
FEWEST_FRAGMENTS = 5
SHORT_FRAGMENT = 2.4  # words
LONG_RUN = 10  # words without any glue
RECITED = 0.6  # share of a sentence that runs on as the notes have it
SHORTEST_RECITED = 8  # characters


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence of the learner: `explanation[start:end] == text`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParsedExplanation:
    """An explanation's sentences, sorted into those that count and those that do not."""

    counted: tuple[Utterance, ...]
    keyword_lists: tuple[Utterance, ...]
    instructions: tuple[Utterance, ...]  # words to the grader
    repeats_question: tuple[Utterance, ...]


def read_explanation(
    explanation: str, question: str, stated: Sequence[str] = ()
) -> ParsedExplanation:
    """Sort an explanation's sentences; a text of keywords alone leaves nothing that counts.

    Args:
        stated: what the notes state, as they word it: a row of terms or a formula in their own
            order is what they say, no list of keywords.
    """
    kinds: dict[str, list[Utterance]] = {
        "counted": [],
        "keyword_lists": [],
        "instructions": [],
        "repeats_question": [],
    }
    for start, end in sentence_spans(explanation):
        said = Utterance(explanation[start:end], start, end)
        if not any(char.isalnum() for char in said.text):
            continue
        if is_order_to_grader(said.text):
            kinds["instructions"].append(said)
        elif echoes_question(said.text, question):
            kinds["repeats_question"].append(said)
        elif is_keyword_list(said.text) and not _recited(said.text, stated):
            kinds["keyword_lists"].append(said)
        else:
            kinds["counted"].append(said)
    # Keywords on a line each: no line alone looks like a list, all of them together do.
    counted = kinds["counted"]
    if len(counted) >= FEWEST_FRAGMENTS and not kinds["keyword_lists"]:
        sizes = [len(words(said.text)) for said in counted]
        if sum(sizes) / len(sizes) <= SHORT_FRAGMENT + 0.6:
            kinds["counted"] = [said for said in counted if _recited(said.text, stated)]
            kinds["keyword_lists"] = [said for said in counted if said not in kinds["counted"]]
    return ParsedExplanation(**{name: tuple(found) for name, found in kinds.items()})


def _recited(sentence: str, stated: Sequence[str]) -> bool:
    """Most of a sentence runs on as something that the notes state."""
    said = _letters(sentence)
    if len(said) < SHORTEST_RECITED:
        return False
    for text in map(_letters, stated):
        matcher = SequenceMatcher(None, said, text, autojunk=False)
        if matcher.find_longest_match().size >= max(SHORTEST_RECITED, RECITED * len(said)):
            return True
    return False


def _letters(text: str) -> str:
    return "".join(char for char in without_markup(text).lower() if char.isalnum())


def is_keyword_list(sentence: str) -> bool:
    """Terms in a row that say nothing of one another."""
    if detect_language(sentence) == "en":
        tokens = re.findall(r"[A-Za-z]+", sentence.lower())
        glue = sum(1 for token in tokens if token in STOP_WORDS or token in _GLUE_EN)
        if len(tokens) >= 8 and glue / len(tokens) < 0.13:
            return True
    fragments = [part for part in _FRAGMENT_END.split(sentence) if part and part.strip()]
    sizes = [len(content_words(part)) for part in fragments]
    if len(fragments) >= FEWEST_FRAGMENTS and sum(sizes) / len(sizes) <= SHORT_FRAGMENT:
        return True
    said = content_words(sentence)
    return bool(CJK.search(sentence) and len(said) >= LONG_RUN and not _GLUE_ZH.search(sentence))


_GLUE_EN = frozenset(
    ["but", "because", "while", "such", "each", "both", "all", "any", "when", "use", "uses", "used",
     "get", "gets", "make", "makes", "more", "less", "them", "after", "before", "during", "without",
     "has", "needs", "need", "lets", "keeps", "just", "every", "all", "very", "since", "same"]
)  # fmt: skip
