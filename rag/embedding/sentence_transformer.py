"""LangChain's `Embeddings` over sentence-transformers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np

from rag.embedding.embedder import Embedder
from rag.errors import ModelError

_AT_ONCE = 16  # in the local model: as fast as 64 on a CPU, with 100 MB less of its memory


_QUERIES = 64  # vectors of questions that are remembered
_FEW = 32  # the quotes that an answer is checked against, the notes that changed: no need of torch


@dataclass(frozen=True, slots=True)
class FastEncoder:
    """A way past sentence-transformers (and torch's long import) to the same vectors.

    Attributes:
        load: does nothing but load it; the others do so where it was not called.
    """

    load: Callable[[], object]
    embed_query: Callable[[str], list[float]]
    embed_documents: Callable[[list[str]], list[list[float]]]
    count_tokens: Callable[[str], int]


class SentenceTransformerEmbeddings(Embedder):
    """LangChain's `Embeddings` over `sentence_transformers.SentenceTransformer`.

    Args:
        model_id: the name under which an index remembers this model.
        load: makes the model; called once, at the first use.
        fast: the model's own engine for questions and a few texts, where it has one.
    """

    def __init__(
        self, model_id: str, load: Callable[[], Any], fast: FastEncoder | None = None
    ) -> None:
        self.model_id = model_id
        self._load = load
        self._fast = fast
        self._model: Any = None
        self._lock = threading.Lock()
        # One question is embedded for search, for choosing and for the decision.
        self._query = lru_cache(maxsize=_QUERIES)(self._embed_query)

    @property
    def model(self) -> Any:
        """The `SentenceTransformer`, loaded when first asked for.

        Raises:
            ModelError: the model cannot be loaded.
        """
        with self._lock:
            if self._model is None:
                self._model = self._loaded(self._load)
            return self._model

    def _loaded(self, load: Callable[[], Any]) -> Any:
        with self._explained("cannot be loaded", "check the `embedding` setting"):
            return load()

    @contextmanager
    def _explained(self, what: str, todo: str) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, ImportError, RuntimeError) as error:
            raise ModelError(
                f"The embedding model '{self.model_id}' {what} ({_first_line(error)}); {todo}."
            ) from error

    @contextmanager
    def _encoding(self, load: Callable[[], Any] = lambda: None) -> Iterator[None]:
        """What fails in loading is said to be of the setting, what fails within of the text."""
        self._loaded(load)
        with self._explained("failed over a text", "another model may take it"):
            yield

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """`len(texts)` L2-normalised vectors.

        Raises:
            ModelError: the model cannot be loaded, or fails over a text.
        """
        if not texts:
            return []
        if self._fast is not None and len(texts) <= _FEW:
            with self._encoding(self._fast.load):
                return self._fast.embed_documents(texts)
        return self._many(self.model.encode_document, texts)

    def embed_query(self, text: str) -> list[float]:
        """One L2-normalised vector; that of a question asked a moment ago is remembered.

        Raises:
            ModelError: as in `embed_documents`.
        """
        return list(self._query(text))

    def embed_queries(self, texts: list[str]) -> list[list[float]]:
        """`len(texts)` L2-normalised vectors of questions.

        Raises:
            ModelError: as in `embed_documents`.
        """
        if len(texts) <= _FEW:
            return super().embed_queries(texts)
        return self._many(self.model.encode_query, texts)

    def _embed_query(self, text: str) -> tuple[float, ...]:
        if self._fast is not None:
            with self._encoding(self._fast.load):
                return tuple(self._fast.embed_query(text))
        return tuple(self._many(self.model.encode_query, [text])[0])

    def count_tokens(self, text: str) -> int:
        """Length of `text` in this model's tokens."""
        if self._fast is not None:
            with self._encoding(self._fast.load):
                return self._fast.count_tokens(text)
        first = self.model[0]
        if hasattr(first, "token_count"):
            return int(first.token_count(text))
        return len(self.model.tokenizer.encode(text, add_special_tokens=False))

    def _many(self, encode: Callable[..., np.ndarray], texts: list[str]) -> list[list[float]]:
        with self._encoding():
            vectors = encode(
                texts, batch_size=_AT_ONCE, normalize_embeddings=True, show_progress_bar=False
            )
            return cast("list[list[float]]", vectors.tolist())


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
