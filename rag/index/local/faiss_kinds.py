"""Which faiss index for how many vectors, and with which parameters.

Vectors are L2-normalised and compared by inner product. Kinds (`KINDS`), by growing size:

flat   exact
hnsw   graph over 8-bit vectors (Malkov & Yashunin 2016): fast at any size, slow to build
ivf    inverted lists of 8-bit vectors (Jégou et al. 2011; scalar quantiser)
ivfpq  inverted lists of 48-byte product codes, the best re-ranked by 8-bit vectors on disk

Exact up to 30,000, then ivf; ivfpq only where memory decides. Figures: `docs/measurements.md`.

Every kind is read memory-mapped (`IO_FLAG_MMAP_IFC`), adds without retraining and gives vectors
back (`reconstruct`); none removes in place, so deleted rows are masked by a selector.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import faiss
import numpy as np

KindName = Literal["auto", "flat", "hnsw", "ivf", "ivfpq"]

_faiss = cast("Any", faiss)  # its stubs lack what its Python wrapper adds

TRAIN_PER_LIST = 48  # faiss itself asks for 39 or more


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its faiss factory string for a size, and how it is searched."""

    name: KindName
    factory: Callable[[int], str]
    parameters: Callable[[int, Any], Any]  # (lists or 0, selector or None) → SearchParameters


def lists_for(size: int) -> int:
    """Inverted lists for `size` vectors: about 2·sqrt(size), so that a probe costs sqrt(size)."""
    lists: int = 2 ** round(math.log2(2 * math.sqrt(max(size, 1))))
    return max(16, lists)


NPROBE = 48
EF_SEARCH = 192
PQ_REFINE = 20  # times k re-ranked

KINDS: dict[str, Kind] = {
    "flat": Kind("flat", lambda n: "Flat", lambda lists, sel: _faiss.SearchParameters(sel=sel)),
    "hnsw": Kind(
        "hnsw",
        lambda n: "HNSW32,SQ8",
        lambda lists, sel: _faiss.SearchParametersHNSW(sel=sel, efSearch=EF_SEARCH),
    ),
    "ivf": Kind(
        "ivf",
        lambda n: f"IVF{lists_for(n)},SQ8",
        lambda lists, sel: _faiss.SearchParametersIVF(sel=sel, nprobe=min(lists, NPROBE)),
    ),
    "ivfpq": Kind(
        "ivfpq",
        lambda n: f"IVF{lists_for(n)},PQ48np,Refine(SQ8)",
        lambda lists, sel: _faiss.IndexRefineSearchParameters(
            k_factor=PQ_REFINE,
            base_index_params=_faiss.SearchParametersIVF(sel=sel, nprobe=min(lists, NPROBE)),
        ),
    ),
}
FLAT_UP_TO = 30_000
IVF_UP_TO = 20_000_000


def choose(size: int, wanted: KindName = "auto") -> Kind:
    """The kind for `size` vectors, unless one is asked for by name."""
    if wanted != "auto":
        return KINDS[wanted]
    if size <= FLAT_UP_TO:
        return KINDS["flat"]
    return KINDS["ivf" if size <= IVF_UP_TO else "ivfpq"]


def kind_of(index: Any) -> Kind:
    """The kind of a faiss index that this module made."""
    if isinstance(index, faiss.IndexRefine):
        return KINDS["ivfpq"]
    if isinstance(index, faiss.IndexIVF):
        return KINDS["ivf"]
    return KINDS["hnsw" if isinstance(index, faiss.IndexHNSW) else "flat"]


def lists_of(index: Any) -> int:
    """Its inverted lists; 0 where it has none."""
    inner = (
        faiss.downcast_index(index.base_index) if isinstance(index, faiss.IndexRefine) else index
    )
    return int(inner.nlist) if isinstance(inner, faiss.IndexIVF) else 0


def outgrown(index: Any, size: int, wanted: KindName = "auto") -> bool:
    """True when `size` vectors call for another kind or four times the inverted lists."""
    kind = choose(size, wanted)
    lists = lists_of(index)
    return kind is not kind_of(index) or (lists > 0 and lists_for(size) >= 4 * lists)


def training_size(size: int) -> int:
    """How many of `size` vectors to train on."""
    return min(size, max(TRAIN_PER_LIST * lists_for(size), 20_000))


def make_index(sample: np.ndarray, size: int, wanted: KindName = "auto") -> Any:
    """An empty, trained index for `size` vectors.

    Args:
        sample: normalised vectors to train on, shape `(training_size(size), dimension)`.
    """
    kind = choose(size, wanted)
    factory = kind.factory(size)
    lists = lists_for(size)
    if "IVF" in factory and len(sample) < lists:  # a forced kind on a handful of vectors
        factory = factory.replace(f"IVF{lists}", f"IVF{max(1, len(sample) // 4)}")
    if "PQ" in factory and (len(sample) < 1024 or sample.shape[1] % 48):
        factory = factory.replace("PQ48np", "SQ8")  # too few to train 256 centroids a part
    index = faiss.index_factory(sample.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        index.train(np.ascontiguousarray(sample, np.float32))
    return index


def search(
    index: Any, query: np.ndarray, k: int, selector: Any = None
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and rows, shape `(k,)` each, best first, for one normalised query `(1, dimension)`."""
    parameters = kind_of(index).parameters(lists_of(index), selector)
    scores, rows = index.search(query, k, params=parameters)
    return scores[0], rows[0]


def read_index(path: Path, mapped: bool) -> Any:
    """A faiss index from a file, its codes left on disk if `mapped` (then nothing can be added).

    Raises:
        RuntimeError: missing or damaged.
    """
    index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if mapped else 0)
    if isinstance(index, faiss.IndexIVF):
        index.make_direct_map()  # for `reconstruct`: 8 bytes a vector
    return index
