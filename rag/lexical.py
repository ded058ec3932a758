"""BM25 over jieba words, memory-mapped: Robertson et al. 1994, in the eager sparse form of Lù
2024, "BM25S" (package `bm25s`: its file format and scoring).

The best rows are found by MaxScore (Turtle & Flood 1995, "Query evaluation: strategies and
optimizations"): words are taken by falling upper bound, and once the rest cannot lift a new row
into the first k, only the rows found so far are looked up. The result is exact.

On disk: `lexical.json` (sizes), `words.sqlite` (word → column), `bm25/` (column-wise scores),
`peaks.npy` (best score of a column), `tokens.npy` and `token_ends.npy` (each row's columns, so that
no text is tokenised twice).
"""

import json
import math
import sqlite3
import threading
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import bm25s
import numpy as np

from rag.errors import IndexError_
from rag.language import content_words

K1 = 1.2
B = 0.75
FACTS = "lexical.json"
WORDS = "words.sqlite"
MATRIX = "bm25"
TOKENS = "tokens.npy"
ENDS = "token_ends.npy"
PEAKS = "peaks.npy"
SMALL = 10_000  # rows up to which scoring all of them costs less than finding out which to score


class Vocabulary(Protocol):
    """Word → column."""

    def get(self, word: str, default: None = None, /) -> int | None: ...
    def items(self) -> Iterable[tuple[str, int]]: ...


@dataclass(frozen=True, slots=True)
class _Matrix:
    """BM25 scores by column: rows `indices[indptr[c]:indptr[c+1]]` rise, `data` beside them."""

    data: np.ndarray  # float32
    indices: np.ndarray  # int32
    indptr: np.ndarray  # int64
    peaks: np.ndarray  # float32, the largest score of each column

    def column(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        part = slice(self.indptr[number], self.indptr[number + 1])
        return self.indices[part], self.data[part]


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
        matrix: _Matrix,
        tokens: np.ndarray,
        ends: np.ndarray,
    ) -> None:
        self.size = size
        self.rows = len(ends) - 1
        self._words = words
        self._matrix = matrix
        self._tokens = tokens
        self._ends = ends

    @classmethod
    def build(cls, texts: Iterable[str]) -> "LexicalIndex":
        """Index `texts`; the row number of a passage is its place here."""
        return cls.of_words(content_words(text) for text in texts)

    @classmethod
    def of_words(cls, passages: Iterable[Sequence[str]]) -> "LexicalIndex":
        """Index passages that are cut into words already (`content_words`)."""
        return _assemble({}, np.zeros(0, np.int32), np.zeros(1, np.int64), passages, frozenset())

    def updated(self, gaps: Iterable[int], texts: Iterable[str]) -> "LexicalIndex":
        """A new index without the rows `gaps` (all gaps there are), `texts` behind the last row."""
        passages = (content_words(text) for text in texts)
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
        seen = 0 if column is None else self._seen(column)
        return math.log(1 + (self.size - seen + 0.5) / (seen + 0.5))

    def knows(self, word: str) -> bool:
        return self._words.get(word) is not None

    def frequency(self, word: str) -> int:
        """In how many passages a word stands."""
        column = self._words.get(word)
        return 0 if column is None else self._seen(column)

    def word_scores_of(self, word: str, rows: Sequence[int]) -> np.ndarray:
        """BM25 of some rows for one word alone, in their order, float32."""
        total = np.zeros(len(rows), np.float32)
        column = self._words.get(word)
        if column is not None:
            _add_known(total, np.asarray(rows, np.int32), *self._matrix.column(column), 1)
        return total

    def vocabulary(self) -> Iterable[tuple[str, int]]:
        """Every word with its column."""
        return self._words.items()

    def scores(self, words: Iterable[str]) -> np.ndarray:
        """BM25 of every row, shape `(rows,)`, float32, 0 where no word is shared."""
        scores = np.zeros(self.rows, np.float32)
        for column, times in self._columns(words).items():
            rows, values = self._matrix.column(column)
            np.add.at(scores, rows, values if times == 1 else times * values)
        return scores

    def scores_of(self, words: Iterable[str], rows: Sequence[int] | np.ndarray) -> list[float]:
        """BM25 of some rows, in their order."""
        return self._scores_of(words, np.asarray(rows, np.int32)).tolist()

    def _scores_of(self, words: Iterable[str], rows: np.ndarray) -> np.ndarray:
        if self.rows <= SMALL:
            return self.scores(words)[rows]
        total = np.zeros(len(rows), np.float32)
        for column, times in self._columns(words).items():
            _add_known(total, rows, *self._matrix.column(column), times)
        return total

    def top(
        self, words: Iterable[str], k: int, among: np.ndarray | None = None
    ) -> list[tuple[int, float]]:
        """The `k` best rows with their BM25, best first; rows that share no word are left out.

        Args:
            words: of a question, as `content_words` has them.
            among: the only rows to look at, rising; None means all.
        """
        if k < 1:
            return []
        if among is not None and (self.rows <= SMALL or len(among) <= 100 * k):
            return _best(among, self._scores_of(words, among), k)
        if self.rows <= SMALL:
            scores = self.scores(words)
            rows = np.flatnonzero(scores)
            return _best(rows, scores[rows], k)
        columns = self._columns(words)
        return self._max_score(columns, k, among) if columns else []

    def _max_score(
        self, columns: Counter[int], k: int, among: np.ndarray | None
    ) -> list[tuple[int, float]]:
        allowed = None
        if among is not None:
            allowed = np.zeros(self.rows, bool)
            allowed[among] = True
        terms = sorted(columns.items(), key=lambda item: -item[1] * self._matrix.peaks[item[0]])
        bounds = np.array([times * self._matrix.peaks[column] for column, times in terms])
        rest = np.append(np.cumsum(bounds[::-1])[::-1][1:], 0.0) * (1 + 1e-5)  # behind each word
        scores = np.zeros(self.rows, np.float32)
        found = np.zeros(0, np.int32)
        floor = 0.0
        done = 0
        for place, (column, times) in enumerate(terms):
            rows, values = self._matrix.column(column)
            if allowed is not None:
                chosen = allowed[rows]
                rows, values = rows[chosen], values[chosen]
            fresh = rows[scores[rows] == 0]
            np.add.at(scores, rows, values if times == 1 else times * values)
            found = np.concatenate([found, fresh])
            done = place + 1
            if len(found) >= k and rest[place] > 0:
                reached = scores[found]
                floor = float(np.partition(reached, len(reached) - k)[len(reached) - k])
                if rest[place] < floor:  # no row without one of these words can come in
                    break
        reached = scores[found]
        for place in range(done, len(terms)):
            hopeful = reached + rest[place - 1] >= floor
            found, reached = found[hopeful], reached[hopeful]
            column, times = terms[place]
            _add_known(reached, found, *self._matrix.column(column), times)
            if len(reached) > k:
                floor = max(floor, float(np.partition(reached, len(reached) - k)[-k]))
        return _best(found, reached, k)

    def _columns(self, words: Iterable[str]) -> Counter[int]:
        found = (self._words.get(word) for word in words)
        return Counter(column for column in found if column is not None)

    def _seen(self, column: int) -> int:
        return int(self._matrix.indptr[column + 1] - self._matrix.indptr[column])

    def save(self, folder: Path) -> None:
        """Write into an existing folder."""
        facts = json.dumps({"size": self.size, "words": len(self._matrix.peaks)})
        (folder / FACTS).write_text(facts, encoding="utf-8")
        with closing(sqlite3.connect(folder / WORDS)) as database, database:
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("PRAGMA synchronous = OFF")
            database.execute("CREATE TABLE words (word TEXT PRIMARY KEY, column INTEGER) "
                             "WITHOUT ROWID")  # fmt: skip
            database.executemany("INSERT INTO words VALUES (?, ?)", sorted(self._words.items()))
        scorer = bm25s.BM25(k1=K1, b=B, method="lucene")
        scorer.scores = {
            "data": self._matrix.data,
            "indices": self._matrix.indices,
            "indptr": self._matrix.indptr,
            "num_docs": self.rows,
        }
        scorer.vocab_dict = {}
        scorer.nonoccurrence_array = None  # bm25s sets it while indexing, and saving reads it
        scorer.save(str(folder / MATRIX), show_progress=False)
        np.save(folder / TOKENS, self._tokens)
        np.save(folder / ENDS, self._ends)
        np.save(folder / PEAKS, self._matrix.peaks)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Read what `save` wrote, memory-mapped.

        Raises:
            IndexError_: a file is missing or damaged.
        """
        try:
            facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            scorer = bm25s.BM25.load(
                str(folder / MATRIX), load_corpus=False, load_vocab=False, mmap=True
            )
            arrays = [np.asarray(scorer.scores[name]) for name in ("data", "indices", "indptr")]
            tokens, ends, peaks = (
                np.asarray(np.load(folder / name, mmap_mode="r")) for name in (TOKENS, ENDS, PEAKS)
            )
            if len(arrays[2]) != facts["words"] + 1 or len(tokens) != ends[-1]:
                raise ValueError("its files differ in size")
            words = _StoredWords(folder / WORDS)
            matrix = _Matrix(arrays[0], arrays[1], arrays[2], peaks)
            return cls(facts["size"], words, matrix, tokens, ends)
        except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as error:
            raise IndexError_(f"The word index in {folder} is damaged; run `rag index`.") from error


class _StoredWords:
    """The vocabulary of a saved index, looked up in SQLite; lookups are remembered."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._lock = threading.Lock()
        self._find = lru_cache(maxsize=20_000)(self._look_up)
        self._look_up("")  # a missing or foreign file shows now

    def get(self, word: str, default: None = None, /) -> int | None:
        return self._find(word)

    def items(self) -> Iterable[tuple[str, int]]:
        with self._lock:
            return self._database.execute("SELECT word, column FROM words").fetchall()

    def _look_up(self, word: str) -> int | None:
        with self._lock:
            found = self._database.execute(
                "SELECT column FROM words WHERE word = ?", (word,)
            ).fetchone()
        return None if found is None else int(found[0])


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
    return LexicalIndex(size, words, _score(tokens, lengths, len(words), size), tokens, ends)


def _score(tokens: np.ndarray, lengths: np.ndarray, words: int, size: int) -> _Matrix:
    """BM25 (Lucene's variant, as bm25s has it) of every word in every row that has it."""
    rows = max(1, len(lengths))
    keys = tokens.astype(np.int64)
    keys *= rows
    keys += np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    keys.sort()
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else keys
    times = np.diff(first, append=len(keys)).astype(np.float32)
    keys = keys[first]
    columns = keys // rows
    indices = (keys - columns * rows).astype(np.int32)
    del keys, first
    seen = np.bincount(columns, minlength=words)
    idf = np.log(1 + (size - seen + 0.5) / (seen + 0.5)).astype(np.float32)
    mean = len(tokens) / max(1, size)
    norm = (K1 * (1 - B + B * lengths / (mean or 1.0))).astype(np.float32)
    data = times / (norm[indices] + times)
    data *= idf[columns]
    indptr = np.concatenate([[0], np.cumsum(seen)]).astype(np.int64)
    peaks = np.maximum.reduceat(data, indptr[:-1]) if words else np.zeros(0, np.float32)
    return _Matrix(data, indices, indptr, peaks)


def _add_known(
    total: np.ndarray, asked: np.ndarray, rows: np.ndarray, values: np.ndarray, times: int
) -> None:
    """Add a column's scores to `total` where `asked` rows stand in it."""
    if not len(rows) or not len(asked):
        return
    places = np.minimum(np.searchsorted(rows, asked), len(rows) - 1)
    hit = rows[places] == asked
    total[hit] += times * values[places[hit]]


def _best(rows: np.ndarray, scores: np.ndarray, k: int) -> list[tuple[int, float]]:
    """The `k` best of some rows, zeros left out, equal ones by row."""
    positive = scores > 0
    rows, scores = rows[positive], scores[positive]
    if len(rows) > k:
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        near = scores >= edge
        rows, scores = rows[near], scores[near]
    order = np.lexsort((rows, -scores))[:k]
    return list(zip(rows[order].tolist(), scores[order].tolist(), strict=True))
