"""The word index: passages by row, their words (rjieba and stems) by column, BM25 between them.

On disk: `lexical.json` (sizes), `words.sqlite` (`vocabulary.py`), the scores (`bm25.py`),
`tokens.npy` and `token_ends.npy` (each row's columns, so that no text is tokenised twice). All but
the sizes is read memory-mapped or looked up where it lies.
"""

import json
import math
import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from rag.errors import IndexUnusable
from rag.index.local.bm25 import Scores
from rag.index.local.vocabulary import StoredWords, Vocabulary, save_words
from rag.text.compounds import passage_words

FACTS = "lexical.json"
WORDS = "words.sqlite"
TOKENS = "tokens.npy"
ENDS = "token_ends.npy"


class LexicalIndex:
    """Scores passages, addressed by their row number, for a query's words.

    Args:
        size: passages that count; `rows` minus the deleted ones.
        rows: rows, deleted ones included.
        tokens, ends: the columns of row n are `tokens[ends[n]:ends[n+1]]`, repeats kept.
    """

    def __init__(
        self,
        size: int,
        words: Vocabulary,
        scores: Scores,
        tokens: np.ndarray,
        ends: np.ndarray,
    ) -> None:
        self.size = size
        self.rows = scores.rows
        self._words = words
        self._scores = scores
        self._tokens = tokens
        self._ends = ends

    @classmethod
    def build(cls, texts: Iterable[str]) -> "LexicalIndex":
        """Index `texts`; the row number of a passage is its place here."""
        return cls.of_words(passage_words(text) for text in texts)

    @classmethod
    def of_words(cls, passages: Iterable[Sequence[str]]) -> "LexicalIndex":
        """Index passages that are cut into words already (`passage_words`)."""
        return _assemble({}, np.zeros(0, np.int32), np.zeros(1, np.int64), passages, frozenset())

    def updated(self, gaps: Iterable[int], texts: Iterable[str]) -> "LexicalIndex":
        """A new index without the rows `gaps` (all gaps there are), `texts` behind the last row."""
        passages = (passage_words(text) for text in texts)
        return _assemble(dict(self._words.items()), self._tokens, self._ends, passages, gaps)

    def compacted(self, kept: np.ndarray) -> "LexicalIndex":
        """A new index of the rows `kept` (rising), numbered from 0."""
        lengths = np.diff(self._ends)
        mask = np.zeros(self.rows, bool)
        mask[kept] = True
        tokens = self._tokens[np.repeat(mask, lengths)]
        ends = np.concatenate([[0], np.cumsum(lengths[mask])]).astype(np.int64)
        return _assemble(dict(self._words.items()), tokens, ends, (), frozenset())

    def idf(self, word: str) -> float:
        """How much a word tells: BM25's inverse document frequency, positive, in nats."""
        column = self._words.get(word)
        seen = 0 if column is None else self._scores.frequency(column)
        return math.log(1 + (self.size - seen + 0.5) / (seen + 0.5))

    def knows(self, word: str) -> bool:
        return self._words.get(word) is not None

    def frequency(self, word: str) -> int:
        """In how many passages a word stands."""
        column = self._words.get(word)
        return 0 if column is None else self._scores.frequency(column)

    def word_scores_of(self, word: str, rows: Sequence[int]) -> np.ndarray:
        """BM25 of some rows for one word alone, in their order, float32."""
        column = self._words.get(word)
        if column is None:
            return np.zeros(len(rows), np.float32)
        return self._scores.scores_of({column: 1}, np.asarray(rows, np.int32))

    def vocabulary(self) -> Iterable[tuple[str, int]]:
        """Every word with its column."""
        return self._words.items()

    def scores(self, words: Iterable[str]) -> np.ndarray:
        """BM25 of every row, shape `(rows,)`, float32, 0 where no word is shared."""
        return self._scores.all(self._columns(words))

    def scores_of(self, words: Iterable[str], rows: Sequence[int] | np.ndarray) -> list[float]:
        """BM25 of some rows, in their order."""
        found = self._scores.scores_of(self._columns(words), np.asarray(rows, np.int32))
        scores: list[float] = found.tolist()
        return scores

    def top(
        self, words: Iterable[str], k: int, among: np.ndarray | None = None
    ) -> list[tuple[int, float]]:
        """The `k` best rows with their BM25, best first; rows that share no word are left out.

        Args:
            words: of a question, as `question_words` has them.
            among: the only rows to look at, rising; None means all.
        """
        return self._scores.top(self._columns(words), k, among)

    def _columns(self, words: Iterable[str]) -> Counter[int]:
        found = (self._words.get(word) for word in words)
        return Counter(column for column in found if column is not None)

    def save(self, folder: Path) -> None:
        """Write into an existing folder."""
        facts = json.dumps({"size": self.size, "words": len(self._scores.peaks)})
        (folder / FACTS).write_text(facts, encoding="utf-8")
        save_words(self._words, folder / WORDS)
        self._scores.save(folder)
        np.save(folder / TOKENS, self._tokens)
        np.save(folder / ENDS, self._ends)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Read what `save` wrote, memory-mapped.

        Raises:
            IndexUnusable: a file is missing or damaged.
        """
        try:
            facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            tokens, ends = (
                np.asarray(np.load(folder / name, mmap_mode="r")) for name in (TOKENS, ENDS)
            )
            scores = Scores.load(folder, len(ends) - 1)
            if len(scores.peaks) != facts["words"] or len(tokens) != ends[-1]:
                raise ValueError("its files differ in size")
            words = StoredWords(folder / WORDS)
            return cls(facts["size"], words, scores, tokens, ends)
        except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as error:
            raise IndexUnusable(
                f"The word index in {folder} is damaged; run `rag index`."
            ) from error


def _assemble(
    words: dict[str, int],
    tokens: np.ndarray,
    ends: np.ndarray,
    passages: Iterable[Sequence[str]],
    gaps: Iterable[int],
) -> LexicalIndex:
    """Old rows' words without those of `gaps`, new passages' words behind them, and the scores."""
    lengths = np.diff(ends)
    keep = np.ones(len(lengths), bool)
    gone = [row for row in gaps if row < len(keep)]
    keep[gone] = False
    more, counts = array("i"), array("q")
    for found in passages:
        more.extend(words.setdefault(word, len(words)) for word in found)
        counts.append(len(found))
    old = tokens if keep.all() else tokens[np.repeat(keep, lengths)]
    tokens = np.concatenate([old, np.frombuffer(more, np.int32)]).astype(np.int32, copy=False)
    lengths = np.concatenate([np.where(keep, lengths, 0), np.frombuffer(counts, np.int64)])
    used = np.zeros(len(words), bool)
    used[tokens] = True
    if not used.all():  # words that stood only in rows that are gone
        place = np.cumsum(used) - 1
        tokens = place[tokens].astype(np.int32)
        words = {word: int(place[column]) for word, column in words.items() if used[column]}
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    size = len(lengths) - len(gone)
    scores = Scores.weigh(tokens, lengths, len(words), size)
    return LexicalIndex(size, words, scores, tokens, ends)
