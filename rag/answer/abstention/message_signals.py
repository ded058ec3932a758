"""What speaks for the notes' holding the answer to a message: to all of it, or to what it asks."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.answer.abstention import decision
from rag.answer.abstention.background import Background
from rag.answer.abstention.signals import Signals, measure
from rag.answer.understanding.parts import asking_sentences
from rag.embedding.embedder import Embedder
from rag.index.opened import Index
from rag.search.hit import Hit
from rag.text.sentences import sentence_spans

MOST_QUESTIONS = 4  # of a message, the last ones: each is embedded


def message_signals(
    message: str, hits: Sequence[Hit], index: Index, embedder: Embedder, back: Background
) -> Signals:
    """The signals of the whole message, or of a sentence of it that asks, the last one also with
    what stands before it: of whichever the notes answer more surely. A log line or an advert is
    not what the notes must hold; but where they speak of no thing that the message names, or do
    not know a name that one of its questions asks about, that stays so."""

    def measured(text: str) -> Signals:
        vector = np.asarray(embedder.embed_query(text), np.float32)
        return measure(text, vector, hits, index, back)

    whole = measured(message)
    spans = sentence_spans(message)
    asking = asking_sentences(message)
    if len(spans) < 2 or not asking:
        return whole
    of_questions = [measured(text) for text in asking[-MOST_QUESTIONS:]]
    unknown = max(signals.unknown for signals in of_questions)
    last_two = [measured(message[spans[-2][0] :])] if len(spans) > 2 else []  # else it is whole
    found = [
        # Cosines were taken with the whole message.
        replace(
            signals,
            absent=whole.absent,
            unknown=max(signals.unknown, unknown),
            z=whole.z,
            margin=whole.margin,
        )
        for signals in (*of_questions, *last_two)
    ]
    return max(whole, *found, key=decision.margin)
