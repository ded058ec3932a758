"""Fit `rag/search/word_pairs.json`: which word of the other language a word of our field is.

IBM Model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine Translation") over the
paragraphs of notes that are written in two languages, fitted in both directions; a pair stays
where both find it likely.

    python -m rag.evaluation.fit.fit_word_pairs
"""

import json
import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
from scipy import sparse

from rag.notes.note import Note
from rag.notes.topic import topic_of, twin_of
from rag.readers.corpus import read_corpus
from rag.search.word_pairs import PAIRS
from rag.settings import load_settings
from rag.storage.atomic import write_atomic
from rag.text.language import CJK
from rag.text.words import content_words

ROUNDS = 8
SEEN = 4  # paragraphs that a word must stand in
LIKELY = 0.1  # probability that a word is another, in the geometric mean of both directions
MOST = 4  # others that a word may be
_BETWEEN = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*#|]|\d+\.))")


def main() -> None:
    settings = load_settings(llm="none")
    notes = {
        entry.path: entry
        for entry in read_corpus(settings.corpus.expanduser(), settings.read_limits)
        if isinstance(entry, Note)
    }
    pairs = [
        pair
        for path, note in sorted(notes.items())
        if (twin := twin_of(path)) in notes
        for pair in _parallel(note, notes[twin])
    ]
    words = fitted(pairs)
    text = json.dumps(words, ensure_ascii=False, indent=0, sort_keys=True)
    write_atomic(PAIRS, text.encode())
    print(f"{len(pairs)} pairs of paragraphs, {len(words)} words")


def _parallel(chinese: Note, english: Note) -> Iterator[tuple[str, str]]:
    """Titles, questions and paragraphs that say the same; sections where the
    paragraphs of one are not those of the other."""
    told, twin = topic_of(chinese), topic_of(english)
    yield chinese.title, english.title
    yield from zip(told.questions, twin.questions, strict=False)
    ours, theirs = _sections(chinese.text), _sections(english.text)
    if len(ours) != len(theirs):
        return
    for one, other in zip(ours, theirs, strict=True):
        ours_cut, theirs_cut = _paragraphs(one), _paragraphs(other)
        if len(ours_cut) == len(theirs_cut):
            yield from zip(ours_cut, theirs_cut, strict=True)
        else:
            yield one, other


def _sections(text: str) -> list[str]:
    return re.split(r"^(?=#{1,6} )", text, flags=re.MULTILINE)


def _paragraphs(text: str) -> list[str]:
    return [part for part in _BETWEEN.split(text) if part.strip()]


def fitted(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Each word with what it may be in the other language, the likeliest first."""
    sides = [[_own(pair[side], bool(side)) for pair in pairs] for side in (0, 1)]
    tables, vocabularies = zip(*(_counted(texts) for texts in sides), strict=True)
    there = _model_1(tables[0], tables[1])
    back = _model_1(tables[1], tables[0])
    both = there.multiply(back.T.tocsr()).sqrt().tocoo()
    found: dict[str, list[tuple[float, str]]] = {}
    for row, column, likely in zip(both.row, both.col, both.data, strict=True):
        if likely >= LIKELY:
            one, other = vocabularies[0][row], vocabularies[1][column]
            found.setdefault(one, []).append((float(likely), other))
            found.setdefault(other, []).append((float(likely), one))
    return {
        word: [other for _, other in sorted(others, reverse=True)[:MOST]]
        for word, others in found.items()
    }


def _own(text: str, english: bool) -> list[str]:
    """The words of one language: Latin ones in a Chinese text are the same in both."""
    return [word for word in set(content_words(text)) if bool(CJK.search(word)) != english]


def _counted(texts: list[list[str]]) -> tuple[sparse.csr_matrix, list[str]]:
    """Which text has which word, shape `(texts, words)`, and the words."""
    counts = Counter(word for words in texts for word in words)
    kept = sorted(word for word, count in counts.items() if count >= SEEN and not word[0].isdigit())
    place = {word: number for number, word in enumerate(kept)}
    cells = [
        (row, place[word]) for row, words in enumerate(texts) for word in words if word in place
    ]
    rows, columns = np.array(cells).T
    shape = len(texts), len(kept)
    return sparse.csr_matrix((np.ones(len(cells), np.float32), (rows, columns)), shape), kept


def _model_1(given: sparse.csr_matrix, told: sparse.csr_matrix) -> sparse.csr_matrix:
    """Probability of a told word for a given one, shape `(given words, told words)`."""
    likely = _normalised((given.T @ told).tocsr())
    for _ in range(ROUNDS):
        counts = sparse.csr_matrix(likely.shape, dtype=np.float32)
        for first in range(0, given.shape[0], 4000):
            counts = counts + _expected(
                given[first : first + 4000], told[first : first + 4000], likely
            )
        likely = _normalised(counts)
    return likely


def _expected(
    given: sparse.csr_matrix, told: sparse.csr_matrix, likely: sparse.csr_matrix
) -> sparse.csr_matrix:
    """How often each given word is behind each told one, by what is likely so far."""
    whole = (given @ likely).multiply(told)  # of each told word in each pair
    share = whole.copy()
    share.data = 1 / np.maximum(share.data, 1e-9)
    counts = (given.T @ share).multiply(likely)
    return counts.tocsr()


def _normalised(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    sums = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1e-9)
    return sparse.diags(1 / sums) @ counts


if __name__ == "__main__":
    main()
