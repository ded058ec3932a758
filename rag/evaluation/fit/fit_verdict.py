"""Fit `rag/llm/verdict_lora.gguf`: the LoRA adapter that makes the embedded LLM a judge.

Rank 16 on the attention projections of all layers, over the weights as the product runs them
(dequantised from 4 bits), cross entropy over the four replies. Needs a GPU and the package `gguf`
(not among the project's dependencies). The adapter that ships was fitted in two goes on an H200:
four epochs over 4,281 examples (125 s), then two over all 26,186 (173 s). Official topics of the
explanations, the held pairs and a fifth of the questions are left out.

    python -m rag.evaluation.fit.fit_verdict [--epochs 4] OUT.gguf
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import cohen_kappa_score
from torch import nn
from torch.nn import functional

from rag.assistant import Assistant
from rag.evaluation.fit import verdict_examples
from rag.evaluation.fit.verdict_examples import Example
from rag.llm.verdict import SYSTEM, WORDS
from rag.llm.weights import QWEN_1_5B, assemble
from rag.settings import load_settings

RANK, ALPHA, DROPOUT = 16, 32, 0.05
LEARNING_RATE, SMOOTHING, WARM_UP = 2e-4, 0.03, 0.05
BATCH_TOKENS, BATCH_ROWS = 8000, 80
ADAPTED = ("attn_q", "attn_k", "attn_v", "attn_output")
_CHAT = "<|im_start|>system\n{}<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


@dataclass(frozen=True)
class Shape:
    """Qwen2.5-1.5B (Yang et al. 2024, "Qwen2.5 Technical Report")."""

    layers: int = 28
    hidden: int = 1536
    heads: int = 12
    kv_heads: int = 2
    head: int = 128
    epsilon: float = 1e-6
    theta: float = 1e6


class AdaptedQwen(nn.Module):
    """Frozen weights by their GGUF names, and the adapter; gives logits of the four replies.

    Args:
        frozen: tensors, matrices as `(out, in)`.
        replies: token ids of the replies.
    """

    def __init__(
        self, frozen: dict[str, torch.Tensor], replies: Sequence[int], shape: Shape
    ) -> None:
        super().__init__()
        self._frozen, self._shape = frozen, shape
        self._head = frozen["output.weight"][list(replies)].float()
        self.a, self.b = nn.ParameterDict(), nn.ParameterDict()
        device = self._head.device
        for layer in range(shape.layers):
            for part in ADAPTED:
                wide, narrow = frozen[f"blk.{layer}.{part}.weight"].shape
                start = torch.randn(RANK, narrow, device=device) / narrow**0.5
                self.a[f"{layer}_{part}"] = nn.Parameter(start)
                self.b[f"{layer}_{part}"] = nn.Parameter(torch.zeros(wide, RANK, device=device))

    def forward(self, ids: torch.Tensor, last: torch.Tensor) -> torch.Tensor:
        """`(rows, 4)` logits.

        Args:
            ids: `(rows, tokens)`, padded behind.
            last: place of each row's last token.
        """
        shape = self._shape
        hidden = self._frozen["token_embd.weight"][ids]
        places = torch.arange(ids.shape[1], device=ids.device).float()
        rates = shape.theta ** (-torch.arange(0, shape.head, 2, device=ids.device) / shape.head)
        angles = (places[:, None] * rates).repeat(1, 2)
        for layer in range(shape.layers):
            hidden = self._layer(hidden, layer, angles.cos(), angles.sin())
        hidden = hidden[torch.arange(len(ids), device=ids.device), last]
        return self._normed(hidden, "output_norm").float() @ self._head.T

    def _layer(
        self, hidden: torch.Tensor, layer: int, cos: torch.Tensor, sin: torch.Tensor
    ) -> torch.Tensor:
        shape = self._shape
        rows, length, _ = hidden.shape
        read = self._normed(hidden, f"blk.{layer}.attn_norm")

        def split(part: str, heads: int) -> torch.Tensor:
            made = self._linear(read, layer, part)
            return made.view(rows, length, heads, shape.head).transpose(1, 2)

        def turned(values: torch.Tensor) -> torch.Tensor:
            low, high = values.chunk(2, -1)
            return (values * cos + torch.cat([-high, low], -1) * sin).to(hidden.dtype)

        groups = shape.heads // shape.kv_heads
        keys = turned(split("attn_k", shape.kv_heads)).repeat_interleave(groups, 1)
        values = split("attn_v", shape.kv_heads).repeat_interleave(groups, 1)
        seen = functional.scaled_dot_product_attention(
            turned(split("attn_q", shape.heads)), keys, values, is_causal=True
        )
        seen = seen.transpose(1, 2).reshape(rows, length, shape.hidden)
        hidden = hidden + self._linear(seen, layer, "attn_output")
        read = self._normed(hidden, f"blk.{layer}.ffn_norm")
        gate = functional.silu(self._linear(read, layer, "ffn_gate"))
        return hidden + self._linear(gate * self._linear(read, layer, "ffn_up"), layer, "ffn_down")

    def _linear(self, values: torch.Tensor, layer: int, part: str) -> torch.Tensor:
        bias = self._frozen.get(f"blk.{layer}.{part}.bias")
        made = functional.linear(
            values,
            self._frozen[f"blk.{layer}.{part}.weight"],
            None if bias is None else bias.to(values.dtype),
        )
        name = f"{layer}_{part}"
        if name not in self.a:
            return made
        values = functional.dropout(values, DROPOUT, self.training)
        inner = functional.linear(values, self.a[name].to(values.dtype))
        return made + functional.linear(inner, self.b[name].to(values.dtype)) * (ALPHA / RANK)

    def _normed(self, values: torch.Tensor, name: str) -> torch.Tensor:
        wide = values.float()
        scale = torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self._shape.epsilon)
        return (wide * scale * self._frozen[f"{name}.weight"].float()).to(values.dtype)


def frozen_weights(path: Path, device: str) -> dict[str, torch.Tensor]:
    """All tensors of a GGUF file, dequantised: matrices in bfloat16 on a GPU."""
    from gguf import GGUFReader
    from gguf.quants import dequantize

    kind = torch.bfloat16 if device == "cuda" else torch.float32
    found = {}
    for tensor in GGUFReader(str(path)).tensors:
        values = torch.from_numpy(np.array(dequantize(tensor.data, tensor.tensor_type)))
        found[tensor.name] = values.to(device, kind if values.ndim > 1 else torch.float32)
    return found


class Rows:
    """Examples as token ids, in batches of like lengths."""

    def __init__(self, examples: Sequence[Example], tokenizer: Any, device: str) -> None:
        self.examples, self._device = examples, device
        self._ids = [
            tokenizer.encode(_CHAT.format(SYSTEM, item.prompt), add_special_tokens=False)
            for item in examples
        ]

    def batches(self, rng: np.random.Generator | None = None) -> list[list[int]]:
        """Rows of each batch; shuffled with `rng`, else in order of length."""
        order = np.arange(len(self._ids)) if rng is None else rng.permutation(len(self._ids))
        parts = [order] if rng is None else np.array_split(order, max(1, len(order) // 512))
        found: list[list[int]] = []
        for part in parts:
            current: list[int] = []
            for row in sorted(part.tolist(), key=lambda row: len(self._ids[row])):
                full = len(self._ids[row]) * (len(current) + 1) > BATCH_TOKENS
                if current and (full or len(current) == BATCH_ROWS):
                    found.append(current)
                    current = []
                current.append(row)
            found.append(current)
        if rng is not None:
            rng.shuffle(found)
        return found

    def tensors(self, batch: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(ids, place of the last token, reply) of a batch."""
        ids = np.zeros((len(batch), max(len(self._ids[row]) for row in batch)), np.int64)
        for place, row in enumerate(batch):
            ids[place, : len(self._ids[row])] = self._ids[row]
        last = [len(self._ids[row]) - 1 for row in batch]
        replies = [self.examples[row].reply for row in batch]
        return tuple(torch.tensor(each, device=self._device) for each in (ids, last, replies))  # type: ignore[return-value]


def train(model: AdaptedQwen, rows: Rows, epochs: int) -> None:
    rng = np.random.default_rng(0)
    plan = [batch for _ in range(epochs) for batch in rows.batches(rng)]
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=LEARNING_RATE, weight_decay=0.01, betas=(0.9, 0.98)
    )
    model.train()
    for step, batch in enumerate(plan):
        rate = min(1.0, (step + 1) / (WARM_UP * len(plan) + 1)) * max(0.03, 1 - step / len(plan))
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * rate
        ids, last, replies = rows.tensors(batch)
        loss = functional.cross_entropy(model(ids, last), replies, label_smoothing=SMOOTHING)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 0:
            print(f"step {step} of {len(plan)}, loss {loss.item():.3f}", flush=True)


@torch.no_grad()
def report(model: AdaptedQwen, rows: Rows, name: str) -> None:
    """Print accuracy and kappa against people's labels."""
    model.eval()
    said = np.zeros(len(rows.examples), int)
    for batch in rows.batches():
        ids, last, _ = rows.tensors(batch)
        said[batch] = model(ids, last).argmax(1).cpu().numpy()
    truth = np.array([item.reply for item in rows.examples])
    kappa = cohen_kappa_score(truth, said)
    print(f"{name}: {len(truth)}, accuracy {(truth == said).mean():.3f}, kappa {kappa:.3f}")


def write_adapter(model: AdaptedQwen, path: Path) -> None:
    from gguf import GGUFWriter

    writer = GGUFWriter(str(path), "qwen2")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(ALPHA))
    for side, parts in (("a", model.a), ("b", model.b)):
        for name, values in parts.items():
            layer, part = name.split("_", 1)
            data = values.detach().cpu().numpy().astype(np.float16)
            writer.add_tensor(f"blk.{layer}.{part}.weight.lora_{side}", data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    from transformers import AutoTokenizer

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=4)
    given = parser.parse_args()
    settings = load_settings(llm="none")
    assistant = Assistant(settings)
    weights = assemble(QWEN_1_5B, settings.cache_dir)
    tokenizer = AutoTokenizer.from_pretrained(weights.parent, gguf_file=weights.name)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    replies = [tokenizer.encode(word, add_special_tokens=False)[0] for word in WORDS]
    model = AdaptedQwen(frozen_weights(weights, device), replies, Shape())
    examples = [
        *verdict_examples.explanations(assistant),
        *verdict_examples.pairs(),
        *verdict_examples.sentences(assistant),
    ]
    train(
        model,
        Rows([item for item in examples if item.half == "train"], tokenizer, device),
        given.epochs,
    )
    for kind in ("explanation", "pair", "sentence"):
        held = [item for item in examples if item.half == "held" and item.kind == kind]
        report(model, Rows(held, tokenizer, device), kind)
    write_adapter(model, given.out)


if __name__ == "__main__":
    main()
