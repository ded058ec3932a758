"""What everything that embeds texts can do."""

from abc import abstractmethod
from collections.abc import Callable, Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

BATCH = 64


Vector = Sequence[float] | np.ndarray


class Embedder(Embeddings):
    """LangChain's `Embeddings` that knows its name and counts tokens."""

    model_id: str

    def embed_queries(self, texts: list[str]) -> list[list[float]]:
        """Vectors of several questions, as `embed_query` gives them one by one."""
        return [self.embed_query(text) for text in texts]

    def dimension(self) -> int | None:
        """Numbers in a vector, where another model may come to stand behind the same name; None
        where the name tells the vectors.
        """
        return None

    @abstractmethod
    def count_tokens(self, text: str) -> int:
        """Length of `text` in this model's tokens."""


def memoised(
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
