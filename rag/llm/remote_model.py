"""A chat model on a server, by whatever LangChain package speaks with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import sleep
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable

from rag.errors import ModelError, http_status, kind_of
from rag.llm.fair_queue import FairQueue
from rag.llm.model import LanguageModel, quiet
from rag.llm.weights import ByteProgress

_PASSING = frozenset({429, 500, 502, 503, 504})  # too many requests, a server that starts again
RETRY_WAITS_S = (0.5, 2.0)  # before the second and the third try
Refused = frozenset[str]  # of "temperature" and "max_tokens": what the server does not take

# What some servers refuse, and the names that they and their clients have for it.
_REFUSABLE = {
    "temperature": re.compile(r"\btemperature\b"),
    "max_tokens": re.compile(r"\b(?:max_tokens|max_completion_tokens|max_output_tokens)\b"),
}


def limited_by_argument(chat: BaseChatModel, max_tokens: int) -> Runnable[Any, Any]:
    """A longest reply, as most providers take it: with the request."""
    return chat.bind(max_tokens=max_tokens)


def limited_by_field(name: str) -> Callable[[BaseChatModel, int], Runnable[Any, Any]]:
    """A longest reply, as some providers take it: as a field of the chat model."""
    return lambda chat, max_tokens: chat.model_copy(update={name: max_tokens})


@dataclass(slots=True)
class _Known:
    """Shared by a model and those `without_queue`."""

    chat: BaseChatModel | None = None
    refused: set[str] = field(default_factory=set)


class RemoteModel(LanguageModel):
    """A model that answers over the network; LangChain's class for it does the talking.

    Args:
        make: the chat model, without the parameters that its server has refused.
        limit: how its provider is told the longest reply.
    """

    def __init__(
        self,
        spec: str,
        make: Callable[[Refused], BaseChatModel],
        limit: Callable[[BaseChatModel, int], Runnable[Any, Any]] = limited_by_argument,
        *,
        queue: FairQueue | None = None,
        max_tokens: int | None = None,
    ) -> None:
        super().__init__(spec, queue, max_tokens)
        self._make = make
        self._limit = limit
        self._known = _Known()

    @property
    def loaded(self) -> bool:
        return self._known.chat is not None

    def chat(self, progress: ByteProgress = quiet) -> BaseChatModel:
        if self._known.chat is None:
            self._known.chat = self._make(frozenset(self._known.refused))
        return self._known.chat

    def _limited(self, max_tokens: int, grammar: str | None) -> Runnable[Any, Any]:
        chat = self.chat()
        return chat if "max_tokens" in self._known.refused else self._limit(chat, max_tokens)

    def _ask_again(self, error: Exception, tried: int) -> bool:
        status, kind = http_status(error), type(error).__name__
        if status in _PASSING and tried < len(RETRY_WAITS_S):
            sleep(RETRY_WAITS_S[tried])
            return True
        if status is None and "Connection" in kind and not tried:
            return True  # a server closes connections that were kept open
        if status != 400:
            return False  # a server that took too long takes as long again
        for name, names in _REFUSABLE.items():
            if name not in self._known.refused and names.search(str(error)):
                self._known.refused.add(name)
                self._known.chat = None  # the next one is made without it
                return True
        return False

    def _failure(self, error: Exception) -> ModelError:
        return ModelError(
            f"The language model '{self.spec}' did not answer ({kind_of(error)}); "
            "check that its server runs and the key is right, or use --llm none."
        )
