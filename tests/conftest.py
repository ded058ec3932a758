"""A small real corpus, the real embedder, and a scripted chat model for the logic around LLMs."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from rag.assistant import Assistant
from rag.embedding.load import load_embeddings
from rag.embedding.sentence_transformer import SentenceTransformerEmbeddings
from rag.llm.remote_model import RemoteModel
from rag.settings import Settings, load_settings

# Beside another worker of pytest-xdist, threads that wait for one another cost more than they gain.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell's background job ignores Ctrl-C, and so would every command that a test starts and stops.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What scripted models say is checked by rules, but where the judge itself is tested.
os.environ.setdefault("RAG_JUDGE_WRITTEN", "false")

PATIENCE_S = 900  # for a test marked `slow` or `llm`; pyproject.toml has the limit for the others


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow") or item.get_closest_marker("llm"):
            item.add_marker(pytest.mark.timeout(PATIENCE_S))


@pytest.fixture(autouse=True, scope="module")
def no_server_stays() -> Iterator[None]:
    """The servers that a module has started end with it: an idle one, too, takes time."""
    yield
    if gradio := sys.modules.get("gradio"):
        gradio.close_all(verbose=False)


LORA = """---
title: LoRA 低秩适配
---
# LoRA 低秩适配

## English digest
LoRA freezes the pretrained weight and trains two low-rank matrices A and B. The rank r is
usually 8 to 64.

## 原理
LoRA 冻结预训练权重,只训练两个低秩矩阵 A 和 B。LoRA 的秩 r 通常取 8 到 64。

## 缺点
LoRA 的缺点是表达能力受秩的限制,在需要学习大量新知识时效果不如全参数微调。

| 方法 | 可训练参数 |
|---|---|
| LoRA | 约 0.1% |
| 全参数微调 | 100% |
"""
KV = """# 键值缓存

## 作用
键值缓存(KV cache)保存已生成 token 的 Key 和 Value,避免每一步重复计算。

## 代价
键值缓存的显存占用随序列长度线性增长。

```python
cache = {}

def step(token):
    return cache.setdefault(token, token)
```
"""
PPO = """# PPO

PPO 在训练时同时需要策略模型、参考模型、奖励模型和价值模型四个模型。
PPO 用裁剪(clip)限制每次更新的幅度。
"""


@pytest.fixture(scope="session")
def embedder() -> SentenceTransformerEmbeddings:
    made = load_embeddings(load_settings())
    assert isinstance(made, SentenceTransformerEmbeddings)
    return made


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "sub").mkdir(parents=True)
    (folder / "lora.md").write_text(LORA, encoding="utf-8")
    (folder / "sub" / "kv.md").write_text(KV, encoding="utf-8")
    (folder / "ppo.md").write_text(PPO, encoding="utf-8")
    return folder


@pytest.fixture
def settings(tmp_path: Path, corpus: Path) -> Settings:
    return load_settings(corpus=corpus, data_dir=tmp_path / "data", llm="none")


@pytest.fixture
def assistant(settings: Settings, embedder: SentenceTransformerEmbeddings) -> Assistant:
    made = Assistant(settings)
    made.embedder = embedder
    made.build()
    return made


def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Poll until `condition()` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.005)


class ScriptedChat(BaseChatModel):
    """Says what was enqueued, in pieces, and keeps what it was asked."""

    _replies: list[str | Exception] = PrivateAttr(default_factory=list)
    _asked: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _written: int = PrivateAttr(default=0)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def enqueue(self, *replies: str | Exception) -> None:
        self._replies.extend(replies)

    @property
    def written(self) -> int:
        """Characters of the last reply that were asked for."""
        return self._written

    @property
    def history(self) -> Sequence[list[BaseMessage]]:
        return self._asked

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(c.message.content) for c in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self._asked.append(messages)
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        for start in range(0, len(reply), 7):
            self._written = start + 7
            yield ChatGenerationChunk(message=AIMessageChunk(reply[start : start + 7]))


@pytest.fixture
def scripted(assistant: Assistant) -> ScriptedChat:
    """A scripted chat model that the assistant knows as `scripted:x`."""
    chat = ScriptedChat()
    assistant.models["scripted:x"] = RemoteModel("scripted:x", lambda refused: chat)
    return chat
