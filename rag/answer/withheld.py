"""Sentences near the question that are told to nobody as an answer, for they read like orders.

Whoever asks sees them apart and judges himself: the patterns of `rag.safety.orders` err.
"""

from collections.abc import Sequence
from dataclasses import replace

from rag.answer.answer import Answer, Withheld
from rag.grounding.passage import Passage
from rag.grounding.selection import Relevances
from rag.index.opened import WordIndex
from rag.safety.orders import is_order
from rag.text.sentences import sentence_spans

NEAR = 0.3  # of the question's words, weighed: a sentence that could have been in the answer
MOST = 5


def with_withheld(answer: Answer, passages: Sequence[Passage], lexical: WordIndex) -> Answer:
    """`answer` with what was kept out of it."""
    relevances = Relevances(answer.standalone or answer.question, lexical)
    found: dict[tuple[str, str, int], Withheld] = {}
    for passage in passages:
        relevance = relevances.for_text(passage.text)
        for start, end in sentence_spans(passage.text):
            text = passage.text[start:end]
            # By its own words: each sentence stands under a title that the question names.
            if is_order(text) and relevance(text, "") >= NEAR:
                first, last = passage.start + start, passage.start + end
                found.setdefault(
                    (passage.collection, passage.note, first),
                    Withheld(passage.note, first, last, text, passage.collection),
                )
    return replace(answer, withheld=tuple(found.values())[:MOST]) if found else answer
