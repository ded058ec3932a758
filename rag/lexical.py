"""BM25 over jieba words (package `bm25s`): Lù 2024, "BM25S: Orders of magnitude faster lexical
search via eager sparse scoring"; the ranking function is Robertson et al. 1994."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy as np

from rag.errors import IndexError_
from rag.language import content_words

K1 = 1.2
B = 0.75
FREQUENCIES = "words.json"
MATRIX = "bm25"


class LexicalIndex:
    """Scores passages, addressed by their row number, for a query's words."""

    def __init__(self, size: int, frequencies: Mapping[str, int], scorer: Any) -> None:
        self.size = size
        self._frequencies = frequencies  # in how many passages a word stands
        self._scorer = scorer

    @classmethod
    def build(cls, texts: Sequence[str]) -> "LexicalIndex":
        """Index `texts`; the row number of a passage is its place here."""
        tokens = [content_words(text) for text in texts]
        frequencies = Counter(word for row in tokens for word in set(row))
        scorer = None
        if frequencies:
            scorer = bm25s.BM25(k1=K1, b=B, method="lucene")
            scorer.index(tokens, show_progress=False)
        return cls(len(texts), frequencies, scorer)

    def idf(self, word: str) -> float:
        """How much a word tells: BM25's inverse document frequency, positive, in nats."""
        seen = self._frequencies.get(word, 0)
        return math.log(1 + (self.size - seen + 0.5) / (seen + 0.5))

    def knows(self, word: str) -> bool:
        return word in self._frequencies

    def scores(self, query: str) -> np.ndarray:
        """BM25 of every passage, shape `(size,)`, float32, 0 where no word is shared."""
        known = [word for word in content_words(query) if word in self._frequencies]
        if not known or self._scorer is None:
            return np.zeros(self.size, np.float32)
        return np.asarray(self._scorer.get_scores(known), np.float32)

    def save(self, folder: Path) -> None:
        """Write into an existing folder."""
        data = {"size": self.size, "frequencies": self._frequencies}
        (folder / FREQUENCIES).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        if self._scorer is not None:
            self._scorer.save(str(folder / MATRIX))

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Read what `save` wrote.

        Raises:
            IndexError_: a file is missing or damaged.
        """
        try:
            data = json.loads((folder / FREQUENCIES).read_text(encoding="utf-8"))
            scorer = None
            if data["frequencies"]:
                scorer = bm25s.BM25.load(str(folder / MATRIX), load_corpus=False)
            return cls(data["size"], data["frequencies"], scorer)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexError_(f"The word index in {folder} is damaged; run `rag index`.") from error
