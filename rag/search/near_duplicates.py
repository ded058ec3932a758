"""Near-duplicates among texts: their sets of character n-grams overlap almost wholly.

Making and comparing the sets takes longer than all the rest of a search in a small collection, so
they are made only for pairs that may be alike. Which may is told, for all pairs at one go, from
the hashes of the n-grams: a text whose n-grams fall in a bucket has one that a text with the
bucket empty has not, so the empty buckets are a lower bound of the n-grams that are missing.
"""

from collections.abc import Sequence

import numpy as np

SIZE = 4  # characters of an n-gram
DUPLICATE = 0.9  # Jaccard similarity from which two texts are nearly the same
_BITS = 11  # of a hash: 2048 buckets, for texts of some hundred characters
_MIX = np.array([2654435761, 2246822519, 3266489917, 668265263], np.uint32)


def distinct(texts: Sequence[str]) -> list[int]:
    """Places of the texts that are not nearly the same as an earlier one of them."""
    dense = ["".join(text.split()) for text in texts]
    alike = _may_be_same(dense)
    if alike.sum() == len(texts):  # each like itself only
        return list(range(len(texts)))
    kept: list[int] = []
    for place, text in enumerate(dense):
        if not any(alike[place, other] and nearly_same(text, dense[other]) for other in kept):
            kept.append(place)
    return kept


def nearly_same(one: str, other: str) -> bool:
    """The Jaccard similarity of their n-grams is at least `DUPLICATE`."""
    first, second = shingles(one), shingles(other)
    return len(first & second) >= DUPLICATE * len(first | second)


def shingles(text: str) -> set[str]:
    """The n-grams of a text; a shorter text is its only one."""
    return {text[n : n + SIZE] for n in range(max(1, len(text) - SIZE + 1))}


def _may_be_same(texts: Sequence[str]) -> np.ndarray:
    """For each pair, shape `(n, n)`: False where they are certainly not nearly the same."""
    padded = [text.ljust(SIZE, "\0") for text in texts]
    lengths = np.array([len(text) for text in padded])
    joined = "".join(padded).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(joined, np.uint32)
    owner = np.repeat(np.arange(len(texts)), lengths)
    hashes = np.zeros(len(codes) - SIZE + 1, np.uint32)
    for place, factor in enumerate(_MIX):
        hashes += codes[place : place + len(hashes)] * factor
    hashes >>= np.uint32(32 - _BITS)
    first, last = owner[: len(hashes)], owner[SIZE - 1 :]
    inside = first == last
    filled = np.zeros((len(texts), 2**_BITS), np.float32)
    filled[first[inside], hashes[inside]] = 1
    shared = filled @ filled.T
    missing = shared.diagonal()[:, None] - shared
    few = missing <= (1 - DUPLICATE) * (lengths - SIZE + 1)[:, None]
    near: np.ndarray = few & few.T
    return near
