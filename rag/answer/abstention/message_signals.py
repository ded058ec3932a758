"""What speaks for the notes' holding the answer to a message: to all of it, or to what it asks."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.answer.abstention import decision
from rag.answer.abstention.background import Background
from rag.answer.abstention.signals import Signals, measure
from rag.answer.understanding.parts import asking_sentence
from rag.embedding.embedder import Embedder
from rag.index.opened import Index
from rag.search.hit import Hit
from rag.text.sentences import sentence_spans


def message_signals(
    message: str, hits: Sequence[Hit], index: Index, embedder: Embedder, back: Background
) -> Signals:
    """The signals of the whole message, or of the sentence of it that asks, alone or with the one
    before it: of whichever the notes answer more surely. A log line or an advert before it is not
    what the notes must hold; but where they speak of no thing that the message names, that stays
    so."""

    def measured(text: str) -> Signals:
        vector = np.asarray(embedder.embed_query(text), np.float32)
        return measure(text, vector, hits, index, back)

    whole = measured(message)
    asking = asking_sentence(message)
    if asking == message:
        return whole
    spans = sentence_spans(message)
    told_before = message[spans[-2][0] :] if len(spans) > 1 else asking
    found = [
        # Cosines were taken with the whole message.
        replace(measured(text), absent=whole.absent, z=whole.z, margin=whole.margin)
        for text in dict.fromkeys([asking, told_before])
    ]
    return max(whole, *found, key=decision.margin)
