"""LangChain's `Embeddings` over sentence-transformers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from rag.embedding.embedder import Embedder
from rag.errors import ModelError

_AT_ONCE = 16  # in the local model: as fast as 64 on a CPU, with 100 MB less of its memory


_QUERIES = 64  # vectors of questions that are remembered
_FEW = 32  # the quotes that an answer is checked against, the notes that changed: no need of torch


@dataclass(frozen=True, slots=True)
class FastEncoder:
    """A way past sentence-transformers (and torch's long import) to the same vectors."""

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
                with self._explained():
                    self._model = self._load()
            return self._model

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, ImportError, RuntimeError) as error:
            raise ModelError(
                f"The embedding model '{self.model_id}' cannot be loaded "
                f"({_first_line(error)}); check the `embedding` setting."
            ) from error

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """`len(texts)` L2-normalised vectors.

        Raises:
            ModelError: the model cannot be loaded.
        """
        if not texts:
            return []
        if self._fast is not None and len(texts) <= _FEW:
            with self._explained():
                return self._fast.embed_documents(texts)
        return cast(
            "list[list[float]]",
            self.model.encode_document(
                texts, batch_size=_AT_ONCE, normalize_embeddings=True, show_progress_bar=False
            ).tolist(),
        )

    def embed_query(self, text: str) -> list[float]:
        """One L2-normalised vector; that of a question asked a moment ago is remembered.

        Raises:
            ModelError: the model cannot be loaded.
        """
        return list(self._query(text))

    def embed_queries(self, texts: list[str]) -> list[list[float]]:
        """`len(texts)` L2-normalised vectors of questions.

        Raises:
            ModelError: the model cannot be loaded.
        """
        if len(texts) <= _FEW:
            return super().embed_queries(texts)
        return cast(
            "list[list[float]]",
            self.model.encode_query(
                texts, batch_size=_AT_ONCE, normalize_embeddings=True, show_progress_bar=False
            ).tolist(),
        )

    def _embed_query(self, text: str) -> tuple[float, ...]:
        if self._fast is not None:
            with self._explained():
                return tuple(self._fast.embed_query(text))
        vector = self.model.encode_query(
            [text], normalize_embeddings=True, show_progress_bar=False
        )[0]
        return tuple(vector.tolist())

    def count_tokens(self, text: str) -> int:
        """Length of `text` in this model's tokens."""
        if self._fast is not None:
            with self._explained():
                return self._fast.count_tokens(text)
        first = self.model[0]
        if hasattr(first, "token_count"):
            return int(first.token_count(text))
        return len(self.model.tokenizer.encode(text, add_special_tokens=False))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
