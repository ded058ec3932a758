"""Passages and vectors in any number for measuring scale, drawn from a real base.

The base is real: the chunks of a corpus, their vectors from the embedding model, and the corpus'
own questions. What is drawn from it is synthetic and says so:

* A passage takes some sentences of one chunk (a share w of 0.5 to 0.9 of it) and of a second one,
  seven times in ten from the same note. Numbers are changed and one coined term is put in, from a
  vocabulary that grows with the collection as that of real text does (Heaps' law), so that no two
  passages are alike and rare words stay rare.
* Its vector is not embedded (a million would take hours) but modelled: the same mixture
  w·a + (1-w)·b of the two chunks' real vectors, moved by 0.2 times the difference of two other
  real vectors, normalised. Mixture and movement stay in the span of real vectors with their own
  covariance, so clusters by topic and the crowding of near neighbours within a topic remain; with
  many passages a note they are denser than in a real corpus, which makes neighbours harder to
  tell apart, not easier. `fidelity` embeds some passages to say how near the model comes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from langchain_core.documents import Document

from rag.text.compounds import passage_words
from rag.text.sentences import sentence_spans

BLOCK = 10_000
MOVE = 0.2
SAME_NOTE = 0.7
_NUMBER = re.compile(r"\d+")
_SYLLABLES = (
    "ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve", "xi", "yo", "zu", "ka",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Base:
    """Real chunks, their vectors `(n, dimension)`, real questions and their vectors."""

    chunks: tuple[Document, ...]
    vectors: np.ndarray
    questions: tuple[str, ...]
    asked: np.ndarray


@dataclass(frozen=True, slots=True)
class Drawn:
    """A passage: its sentences as (text, words), which the search words of the whole join."""

    note: str
    title: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    def document(self) -> Document:
        return Document(
            page_content=self.text,
            metadata={"note": self.note, "title": self.title, "headings": [self.title],
                      "start": 0, "end": len(self.text)},
        )  # fmt: skip

    def words(self) -> list[str]:
        """`passage_words` of title and text, each sentence cut only once in a run."""
        return [word for part in (self.title, *self.sentences) for word in _words(part)]


@lru_cache(maxsize=200_000)
def _words(sentence: str) -> tuple[str, ...]:
    return tuple(passage_words(sentence))


class Source:
    """Draws the same passages and vectors for a number, however often it is asked."""

    def __init__(self, base: Base, seed: int = 7) -> None:
        self._base = base
        self._seed = seed
        self._sentences = [_split(chunk.page_content) for chunk in base.chunks]
        notes = [str(chunk.metadata["note"]) for chunk in base.chunks]
        starts = {note: place for place, note in reversed(list(enumerate(notes)))}
        counts = {note: notes.count(note) for note in starts}
        self._start = np.array([starts[note] for note in notes])
        self._count = np.array([counts[note] for note in notes])

    @property
    def dimension(self) -> int:
        return int(self._base.vectors.shape[1])

    def vectors(self, size: int) -> Iterator[np.ndarray]:
        """Normalised float32 vectors of passages 0 to `size`, in blocks of up to `BLOCK`."""
        real = self._base.vectors
        for number, count in _blocks(size):
            first, second, share, rng = self._draw(number)
            other, another = rng.integers(0, len(real), (2, BLOCK))
            mixed = share * real[first] + (1 - share) * real[second]
            mixed += MOVE * (real[other] - real[another])
            mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
            yield mixed[:count].astype(np.float32)

    def passages(self, size: int) -> Iterator[Drawn]:
        """Passages 0 to `size`."""
        for number, count in _blocks(size):
            first, second, share, rng = self._draw(number)
            dice = rng.random((BLOCK, 3))
            for place in range(count):
                n = number * BLOCK + place
                yield self._passage(n, int(first[place]), int(second[place]),
                                    float(share[place, 0]), dice[place])  # fmt: skip

    def _draw(self, block: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.random.Generator]:
        rng = np.random.default_rng([self._seed, block])
        total = len(self._base.chunks)
        first = rng.integers(0, total, BLOCK)
        beside = self._start[first] + (rng.random(BLOCK) * self._count[first]).astype(int)
        second = np.where(rng.random(BLOCK) < SAME_NOTE, beside, rng.integers(0, total, BLOCK))
        return first, second, rng.uniform(0.5, 0.9, (BLOCK, 1)), rng

    def _passage(
        self, n: int, first: int, second: int, share: float, dice: Sequence[float] | np.ndarray
    ) -> Drawn:
        taken = (
            *_some(self._sentences[first], share, dice[0]),
            *_some(self._sentences[second], 1 - share, dice[1]),
        )
        # Heaps: of n passages' coined terms about 10·n^0.6 are different; low ranks are common.
        term = _coined(int((10 * (n + 1) ** 0.6) ** dice[2]))
        changed = (_NUMBER.sub(str(int(dice[0] * 997) + n % 89), taken[0]), *taken[1:])
        chunk = self._base.chunks[first]
        return Drawn(
            f"synthetic/{n // 8:07d}.md", str(chunk.metadata.get("title", "")), (*changed, term)
        )


def _blocks(size: int) -> Iterator[tuple[int, int]]:
    for start in range(0, size, BLOCK):
        yield start // BLOCK, min(BLOCK, size - start)


def _split(text: str) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in sentence_spans(text)) or (text,)


def _some(sentences: tuple[str, ...], share: float, die: float) -> tuple[str, ...]:
    """A run of the sentences, `share` of them, at least one, from a place the die says."""
    count = max(1, round(share * len(sentences)))
    start = int(die * (len(sentences) - count + 1))
    return sentences[start : start + count]


def _coined(rank: int) -> str:
    name = ""
    while True:
        name += _SYLLABLES[rank % 16]
        rank //= 16
        if not rank:
            return f"{name}term"


def fidelity(source: Source, embedder_vectors: np.ndarray, count: int) -> tuple[float, float]:
    """Mean cosine of modelled to real vectors of the first passages; the same to wrong ones."""
    model = next(source.vectors(count))[:count]
    return (
        float((model * embedder_vectors).sum(1).mean()),
        float((model * np.roll(embedder_vectors, 1, axis=0)).sum(1).mean()),
    )
