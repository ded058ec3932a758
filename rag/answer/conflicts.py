"""Passages that contradict one another: the answer says so and cites both.

The wish is RGB's "counterfactual robustness" (Chen et al. 2023). Two sentences conflict only when
they speak of the same thing (their clauses share most words, all names and sizes, and both are
about the question) and differ in a number, in polarity or by an antonym; see
`clauses.contradiction`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answer.answer import Answer, Sentence
from rag.grounding.citation import Citation
from rag.grounding.disagreement import contradiction
from rag.grounding.numbers_and_names import names
from rag.grounding.passage import Passage
from rag.grounding.selection import Relevances
from rag.index.opened import WordIndex
from rag.safety.orders import is_order
from rag.text.language import detect_language
from rag.text.markup import without_markup
from rag.text.sentences import sentence_spans
from rag.text.words import content_words

ON_TOPIC = 0.6  # share of the question's word mass that each of the two must carry
SAME_WORDS = 0.6  # Jaccard similarity of the two, numbers and negations apart

# What numbers belong to names: Llama 2, LLaMA-2-70B, 7B.
_SIZED = re.compile(r"[A-Z][A-Za-z]*[ -]?\d+(?:\.\d+)?|\d+(?:\.\d+)?\s?[BMbm](?![A-Za-z])")

_SAYS = {
    "zh": "笔记在这一点上不一致，另一处写道：“{quote}”",
    "en": "The notes disagree on this; elsewhere they say: “{quote}”",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A citation of the answer and a sentence of another passage that contradicts it."""

    cited: Citation
    other: Passage


def find_conflict(
    answer: Answer, passages: Sequence[Passage], lexical: WordIndex
) -> Conflict | None:
    """The first sentence of another passage that contradicts a quote of the answer."""
    relevances = Relevances(answer.standalone or answer.question, lexical)
    for citation in answer.citations:
        context = citation.heading_path
        for start, end in sentence_spans(citation.quote):
            quote = citation.quote[start:end]
            if relevances.for_text(citation.quote)(quote, context) < ON_TOPIC:
                continue
            for passage in passages:
                if _holds(passage, citation):
                    continue  # what stands side by side in one passage is told apart there
                relevance = relevances.for_text(passage.text)
                for first, last in sentence_spans(passage.text):
                    text = passage.text[first:last]
                    begin = passage.start + first
                    if relevance(text, passage.context) < ON_TOPIC:
                        continue
                    if disagree(quote, text) and not is_order(text):
                        return Conflict(citation, passage.narrowed(begin, passage.start + last))
    return None


def disagree(one: str, other: str) -> bool:
    """Two sentences say opposite things of the same subject."""
    left, right = without_markup(one), without_markup(other)
    if detect_language(left) != detect_language(right):
        return False
    if names(left) != names(right) or _sized(left) != _sized(right):
        return False
    words = [
        {word for word in content_words(text) if not word[0].isdigit()} for text in (left, right)
    ]
    if len(words[0] & words[1]) < SAME_WORDS * len(words[0] | words[1]):
        return False
    return bool(contradiction(left, right))


def _holds(passage: Passage, citation: Citation) -> bool:
    """The quote stands in the passage, at least in part."""
    return (
        (passage.collection, passage.note) == (citation.collection, citation.note)
        and passage.start < citation.end
        and citation.start < passage.end
    )


def _sized(text: str) -> set[str]:
    return {re.sub(r"[ -]", "", name).lower() for name in _SIZED.findall(text)}


def add_conflict(answer: Answer, conflict: Conflict) -> Answer:
    """`answer` with a sentence that quotes the other side and cites both."""
    number = len(answer.citations) + 1
    quote = without_markup(conflict.other.text)
    text = _SAYS[answer.language].format(quote=quote)
    return replace(
        answer,
        sentences=(*answer.sentences, Sentence(text, (conflict.cited.n, number), True)),
        citations=(*answer.citations, Citation.of(number, conflict.other)),
    )
