"""BM25 of every word in every row: Robertson et al. 1994, in the eager sparse form of Lù 2024,
"BM25S" (files and scores are as package `bm25s` has them). Words are known by their column.

The best rows are found by MaxScore (Turtle & Flood 1995, "Query evaluation: strategies and
optimizations"): words are taken by falling upper bound, and once the rest cannot lift a new row
into the first k, only the rows found so far are looked up. The result is exact.

On disk: `bm25/` (column-wise scores) and `peaks.npy` (best score of a column).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from rag.index.bm25_parameters import K1, B

MATRIX = "bm25"
ARRAYS = ("data", "indices", "indptr")
PEAKS = "peaks.npy"
SMALL = 10_000  # rows up to which scoring all of them costs less than finding out which to score

Columns = Mapping[int, int]  # what is asked for: column → how often


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores by column: rows `indices[indptr[c]:indptr[c+1]]` rise, `data` beside them."""

    rows: int  # deleted ones included
    data: np.ndarray  # float32
    indices: np.ndarray  # int32
    indptr: np.ndarray  # int64
    peaks: np.ndarray  # float32, the largest score of each column

    @classmethod
    def weigh(cls, tokens: np.ndarray, lengths: np.ndarray, columns: int, size: int) -> Self:
        """BM25 (Lucene's variant, as bm25s has it) of every word in every row that has it.

        Args:
            tokens: the columns of all rows' words, row after row, repeats kept.
            lengths: how many of them are each row's.
            size: rows that count; the others have no words.
        """
        rows = max(1, len(lengths))
        keys = tokens.astype(np.int64)
        keys *= rows
        keys += np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        keys.sort()
        first = (
            np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else keys
        )
        times = np.diff(first, append=len(keys)).astype(np.float32)
        keys = keys[first]
        found = keys // rows
        indices = (keys - found * rows).astype(np.int32)
        del keys, first
        seen = np.bincount(found, minlength=columns)
        idf = np.log(1 + (size - seen + 0.5) / (seen + 0.5)).astype(np.float32)
        mean = len(tokens) / max(1, size)
        norm = (K1 * (1 - B + B * lengths / (mean or 1.0))).astype(np.float32)
        data = times / (norm[indices] + times)
        data *= idf[found]
        indptr = np.concatenate([[0], np.cumsum(seen)]).astype(np.int64)
        peaks = np.maximum.reduceat(data, indptr[:-1]) if columns else np.zeros(0, np.float32)
        return cls(len(lengths), data, indices, indptr, peaks)

    def column(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows that have a word, and its score in each."""
        part = slice(self.indptr[number], self.indptr[number + 1])
        return self.indices[part], self.data[part]

    def frequency(self, number: int) -> int:
        """How many rows have a word."""
        return int(self.indptr[number + 1] - self.indptr[number])

    def all(self, columns: Columns) -> np.ndarray:
        """BM25 of every row, shape `(rows,)`, float32, 0 where no word is shared."""
        scores = np.zeros(self.rows, np.float32)
        for column, times in columns.items():
            rows, values = self.column(column)
            np.add.at(scores, rows, values if times == 1 else times * values)
        return scores

    def scores_of(self, columns: Columns, rows: np.ndarray) -> np.ndarray:
        """BM25 of some rows, in their order, float32."""
        if self.rows <= SMALL:
            wanted: np.ndarray = self.all(columns)[rows]
            return wanted
        total = np.zeros(len(rows), np.float32)
        for column, times in columns.items():
            _add_known(total, rows, *self.column(column), times)
        return total

    def top(
        self, columns: Columns, k: int, among: np.ndarray | None = None
    ) -> list[tuple[int, float]]:
        """The `k` best rows with their BM25, best first; rows that share no word are left out.

        Args:
            among: the only rows to look at, rising; None means all.
        """
        if not columns or k < 1:
            return []
        if among is not None and (self.rows <= SMALL or len(among) <= 100 * k):
            return _best(among, self.scores_of(columns, among), k)
        if self.rows <= SMALL:
            scores = self.all(columns)
            rows = np.flatnonzero(scores)
            return _best(rows, scores[rows], k)
        return self._max_score(columns, k, among)

    def _max_score(
        self, columns: Columns, k: int, among: np.ndarray | None
    ) -> list[tuple[int, float]]:
        allowed = None
        if among is not None:
            allowed = np.zeros(self.rows, bool)
            allowed[among] = True
        terms = sorted(columns.items(), key=lambda item: -item[1] * self.peaks[item[0]])
        bounds = np.array([times * self.peaks[column] for column, times in terms])
        rest = np.append(np.cumsum(bounds[::-1])[::-1][1:], 0.0) * (1 + 1e-5)  # behind each word
        scores = np.zeros(self.rows, np.float32)
        found = np.zeros(0, np.int32)
        floor = 0.0
        done = 0
        for place, (column, times) in enumerate(terms):
            rows, values = self.column(column)
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
            _add_known(reached, found, *self.column(column), times)
            if len(reached) > k:
                floor = max(floor, float(np.partition(reached, len(reached) - k)[-k]))
        return _best(found, reached, k)

    def save(self, folder: Path) -> None:
        """Write into an existing folder."""
        (folder / MATRIX).mkdir()
        for name in ARRAYS:
            np.save(folder / MATRIX / f"{name}.csc.index.npy", getattr(self, name))
        np.save(folder / PEAKS, self.peaks)

    @classmethod
    def load(cls, folder: Path, rows: int) -> Self:
        """Read what `save` wrote, memory-mapped.

        Raises:
            OSError, ValueError, KeyError, TypeError: a file is missing or damaged.
        """
        data, indices, indptr = (
            np.asarray(np.load(folder / MATRIX / f"{name}.csc.index.npy", mmap_mode="r"))
            for name in ARRAYS
        )
        peaks = np.asarray(np.load(folder / PEAKS, mmap_mode="r"))
        if len(indptr) != len(peaks) + 1 or not len(data) == len(indices) == indptr[-1]:
            raise ValueError("its files differ in size")
        return cls(rows, data, indices, indptr, peaks)


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
