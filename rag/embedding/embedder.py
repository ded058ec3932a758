"""What everything that embeds texts can do."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

BATCH = 64


Vector = Sequence[float] | np.ndarray


class Embedder(Protocol):
    """An `Embeddings` that knows its name and counts tokens."""

    model_id: str

    def embed_documents(self, texts: list[str]) -> list[list[float]]: ...
    def embed_query(self, text: str) -> list[float]: ...
    def count_tokens(self, text: str) -> int: ...


def remembered(
    embed: Callable[[list[str]], np.ndarray],
) -> Callable[[list[str]], np.ndarray]:
    """`embed`, which gives shape `(len(texts), dimension)`, but no text is embedded twice."""
    known: dict[str, np.ndarray] = {}

    def look(texts: list[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(new), strict=True))
        return np.stack([known[text] for text in texts])

    return look
