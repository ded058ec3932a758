"""A GGUF model in llama.cpp, in this process."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable

from rag.errors import ModelError, http_status, kind_of
from rag.llm.llama_cpp import Engine, EngineHost
from rag.llm.model import LanguageModel, quiet
from rag.llm.weights import ByteProgress
from rag.loopback import direct_clients
from rag.settings import Settings

LIKELIEST = 40  # first tokens whose probabilities are asked for


@dataclass(slots=True)
class _Loaded:
    """Shared by a model and those `without_queue`."""

    engine: Engine | None = None
    chat: BaseChatModel | None = None


class LocalModel(LanguageModel):
    """A model that the one engine of an `EngineHost` runs, one request at a time.

    Args:
        find: where the GGUF file is; may take a while (it is told how far it has come).
        adapter: what makes it a judge (`verdict.py`); weights that none was fitted to have none.
    """

    local = True

    def __init__(
        self,
        spec: str,
        find: Callable[[ByteProgress], Path],
        host: EngineHost,
        settings: Settings,
        adapter: Path | None = None,
    ) -> None:
        super().__init__(spec, host.queue, settings.llm_max_tokens)
        self._find = find
        self._host = host
        self._settings = settings
        self._adapter = adapter
        self._shared = _Loaded()

    @property
    def loaded(self) -> bool:
        return self._shared.chat is not None and self._host.runs(self._shared.engine)

    def chat(self, progress: ByteProgress = quiet) -> BaseChatModel:
        shared, settings = self._shared, self._settings
        if shared.chat is not None and self.loaded:
            return shared.chat
        from langchain_openai import ChatOpenAI

        path = self._find(progress)
        engine = self._host.engine(path, settings.llm_threads, settings.llm_context, self._adapter)
        shared.engine = engine
        shared.chat = ChatOpenAI(
            model=self.spec,
            base_url=engine.base_url,
            api_key=engine.key,  # type: ignore[arg-type]
            temperature=settings.llm_temperature,
            timeout=settings.llm_timeout_s,
            max_retries=0,
            stream_usage=True,
            http_socket_options=(),  # else it warns of proxies, which are not asked
            **direct_clients(engine.base_url),
        )
        return shared.chat

    @property
    def judges(self) -> bool:
        return self._adapter is not None

    def verdict(
        self, messages: Sequence[BaseMessage], words: Sequence[str]
    ) -> tuple[float, ...] | None:
        if not self.judges:
            return None
        adapted = {"lora": [{"id": 0, "scale": 1.0}]}
        odds = dict.fromkeys(words, 0.0)
        for item in self._first_token(messages, extra_body=adapted):
            if item["token"] in odds:
                odds[item["token"]] += math.exp(item["logprob"])
        whole = sum(odds.values())
        return tuple(value / whole for value in odds.values()) if whole else None

    def _first_token(self, messages: Sequence[BaseMessage], **extra: Any) -> list[Any]:
        """The likeliest first tokens of the reply, with their log-probabilities in nats."""
        with self._turn(), self._explained():
            chat = self.chat().bind(max_tokens=1, logprobs=True, top_logprobs=LIKELIEST, **extra)
            reply = chat.invoke(list(messages))
        content = (reply.response_metadata.get("logprobs") or {}).get("content") or []
        return list(content[0]["top_logprobs"]) if content else []

    def log_odds(self, messages: Sequence[BaseMessage], yes: str, no: str) -> float | None:
        odds = {yes: 0.0, no: 0.0}
        for item in self._first_token(messages):
            token = item["token"].strip().lower()
            for word in odds:
                if token and word.lower().startswith(token):
                    odds[word] += math.exp(item["logprob"])
        if not any(odds.values()):
            return None
        return math.log(odds[yes] + 1e-6) - math.log(odds[no] + 1e-6)

    def _limited(self, max_tokens: int, grammar: str | None) -> Runnable[Any, Any]:
        extra = {"extra_body": {"grammar": grammar}} if grammar else {}
        return self.chat().bind(max_tokens=max_tokens, **extra)

    def _failure(self, error: Exception) -> ModelError:
        if http_status(error) is None:
            self._host.discard(self._shared.engine)
            return ModelError(
                f"The local language model stopped answering ({kind_of(error)}); it starts "
                "again with the next question, so ask once more. 语言模型中断，请重新提问。"
            )
        return ModelError(
            f"The language model '{self.spec}' did not answer ({kind_of(error)}); "
            "check that the question is not too long for it (RAG_LLM_CONTEXT), or use --llm none."
        )
