"""LangChain's `Embeddings` over an OpenAI-compatible endpoint."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from rag.embedding.embedder import BATCH, Embedder
from rag.errors import ModelError, http_status, kind_of
from rag.loopback import direct_clients


def _place(url: str) -> str:
    """A URL without what is secret in it: another server's model of the same name is another."""
    parts = urlsplit(url)
    return f"{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"


Result = TypeVar("Result")


class EndpointEmbeddings(Embedder):
    """Vectors from an OpenAI-compatible `/embeddings` endpoint (vLLM, TEI, DashScope, …)."""

    def __init__(self, model: str, base_url: str | None, api_key: str | None) -> None:
        from langchain_openai import OpenAIEmbeddings

        self.model_id = f"openai:{model}" + (f" at {_place(base_url)}" if base_url else "")
        self._dimension: int | None = None  # asked for once
        arguments: dict[str, Any] = {
            "model": model,
            "base_url": base_url,
            "api_key": api_key or ("not-needed" if base_url else None),
            "check_embedding_ctx_length": False,
            "chunk_size": BATCH,
            **direct_clients(base_url),
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

    def dimension(self) -> int | None:
        if self._dimension is None:
            self._dimension = len(self.embed_query("size"))
        return self._dimension

    def count_tokens(self, text: str) -> int:
        """An estimate: a token a Chinese character, one every four others."""
        wide = sum(1 for char in text if ord(char) > 0x2E7F)
        return wide + (len(text) - wide + 3) // 4

    def _call(self, run: Callable[[], Result]) -> Result:
        try:
            return run()
        except Exception as error:
            status = http_status(error)
            if status is not None and 400 <= status < 500:
                said, advice = "refused the request", "check the model's name and the key"
            else:
                said, advice = "did not answer", "check `embedding_base_url` and that it runs"
            raise ModelError(
                f"The embedding server for '{self.model_id}' {said} ({kind_of(error)}); {advice}."
            ) from error
