"""A chat model behind its spec: streaming, structured output, token probabilities."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass
from itertools import count
from typing import Any, Self

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.runnables import Runnable
from pydantic import BaseModel

from rag.errors import ModelError, RagError, http_status, kind_of
from rag.llm.fair_queue import FairQueue
from rag.llm.thinking import WithoutThinking, without_thinking
from rag.llm.weights import ByteProgress

_CUT = {"length", "max_tokens"}  # the providers' words for a reply that ran into its limit


@dataclass(frozen=True, slots=True)
class Structured:
    """A model's structured reply."""

    value: Any  # an instance of the schema asked for
    usage: dict[str, int] | None


def token_usage(message: AIMessage) -> dict[str, int] | None:
    """`prompt_tokens` and `completion_tokens` of a reply; None where the model gives none."""
    if not message.usage_metadata:
        return None
    return {
        "prompt_tokens": message.usage_metadata["input_tokens"],
        "completion_tokens": message.usage_metadata["output_tokens"],
    }


def quiet(*_: int) -> None:
    return None


class LanguageModel(ABC):
    """A chat model behind its spec; nothing is loaded before `chat` is first called.

    Attributes:
        spec: what the user asked for.
        local: it runs in llama.cpp, so GBNF grammars and token probabilities are at hand.
        queue: where requests wait for their turn; None sends them at once.
        max_tokens: longest text; None leaves it to who asks.
    """

    local = False

    def __init__(
        self, spec: str, queue: FairQueue | None = None, max_tokens: int | None = None
    ) -> None:
        self.spec = spec
        self.queue = queue
        self.max_tokens = max_tokens

    def without_queue(self) -> Self:
        """The same model for somebody whose turn it is already: requests do not queue."""
        mine = copy(self)  # what is loaded is shared
        mine.queue = None
        return mine

    @property
    @abstractmethod
    def loaded(self) -> bool:
        """`chat` would return at once."""

    @abstractmethod
    def chat(self, progress: ByteProgress = quiet) -> BaseChatModel:
        """The chat model, loaded at the first call (`progress`: bytes of weights joined, in all).

        Raises:
            ModelError: weights, package, key or server are missing.
        """

    @abstractmethod
    def _limited(self, max_tokens: int, grammar: str | None) -> Runnable[Any, Any]:
        """The chat model bound to a longest reply, and to a grammar if it can be."""

    @abstractmethod
    def _failure(self, error: Exception) -> ModelError:
        """What to tell of an exception of the provider's; never its text, which may hold a key."""

    def _ask_again(self, error: Exception, tried: int) -> bool:
        """Something was changed or waited for after this error, so that the request is worth
        another try (`tried`: how many were made before this one).
        """
        return False

    def stream(
        self, messages: Sequence[BaseMessage], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[AIMessageChunk]:
        """Stream the answer, without what the model thinks before it.

        `grammar` (GBNF) binds local models and is ignored by others. The `finish_reason` of a
        reply that was cut is "length" with every provider.

        Raises:
            ModelError: the model cannot be loaded or stops answering.
        """
        with self._turn(), self._explained():
            answer = WithoutThinking()
            for chunk in self._chunks(messages, self.max_tokens or max_tokens, grammar):
                yield _answer_only(chunk, answer.feed(str(chunk.text)))
            if rest := answer.rest():
                yield AIMessageChunk(content=rest)

    def _chunks(
        self, messages: Sequence[BaseMessage], max_tokens: int, grammar: str | None
    ) -> Iterator[AIMessageChunk]:
        begun = False
        for tried in count():
            try:
                runnable = self._limited(max_tokens, grammar)
                # Closing this generator closes the request, on which llama.cpp stops writing.
                with closing(runnable.stream(list(messages))) as chunks:  # type: ignore[type-var]
                    for chunk in chunks:
                        begun = True
                        if isinstance(chunk, AIMessageChunk):
                            yield chunk
                return
            except Exception as error:
                if begun or not self._ask_again(error, tried):
                    raise

    def complete(
        self, messages: Sequence[BaseMessage], *, max_tokens: int, grammar: str | None = None
    ) -> str:
        """The whole answer as text. Errors as in `stream`."""
        parts = self.stream(messages, max_tokens=max_tokens, grammar=grammar)
        return without_thinking("".join(str(part.text) for part in parts))

    def log_odds(self, messages: Sequence[BaseMessage], yes: str, no: str) -> float | None:
        """log P(yes) − log P(no) for the first token of the answer, in nats; local models only.

        None where the model gives no token probabilities or neither word is among its likeliest.
        """
        return None

    @property
    def judges(self) -> bool:
        """It was fitted to the judgements of `rag/llm/verdict.py`."""
        return False

    def verdict(
        self, messages: Sequence[BaseMessage], words: Sequence[str]
    ) -> tuple[float, ...] | None:
        """Probabilities of the words (a token each) as the reply to a question of `verdict.py`.

        They add up to 1. None where the model was not fitted to such questions.

        Raises:
            ModelError: the model cannot be loaded or stops answering.
        """
        return None

    def structured(
        self, messages: Sequence[BaseMessage], schema: type[BaseModel]
    ) -> Structured | None:
        """An instance of `schema` by the model's structured output.

        None where the model has no such output, where its server refuses the request, or where
        what it gave does not fit the schema: the caller then asks for plain text.

        Raises:
            ModelError: the model cannot be loaded, its key is refused, or it does not answer.
        """
        with self._turn(), self._explained():
            for tried in count():
                try:
                    runnable = self.chat().with_structured_output(schema, include_raw=True)
                    reply: Any = runnable.invoke(list(messages))
                    break
                except Exception as error:
                    if self._ask_again(error, tried):
                        continue
                    if not _has_no_structured_output(error):
                        raise
                    return None
        if not isinstance(reply, dict) or not isinstance(reply.get("parsed"), schema):
            return None
        return Structured(reply["parsed"], token_usage(reply["raw"]))

    def _turn(self) -> AbstractContextManager[None]:
        return self.queue.turn() if self.queue is not None else nullcontext()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except RagError:
            raise
        except Exception as error:  # every provider has its own exceptions
            raise self._failure(error) from error


def _answer_only(chunk: AIMessageChunk, text: str) -> AIMessageChunk:
    metadata = dict(chunk.response_metadata)
    reasons = {metadata.get(name) for name in ("finish_reason", "done_reason", "stop_reason")}
    if reasons & _CUT:
        metadata["finish_reason"] = "length"
    return AIMessageChunk(
        content=text, id=chunk.id, usage_metadata=chunk.usage_metadata, response_metadata=metadata
    )


# Of a server that has the model but not this kind of request; 5xx: of old ones that break over it.
_CANNOT = {400, 404, 405, 409, 415, 422, 500, 501}


def _has_no_structured_output(error: Exception) -> bool:
    """The error is about the structured output, not about key, quota or connection."""
    if isinstance(error, RagError):
        return False
    if (status := http_status(error)) is not None:
        return status in _CANNOT
    # ValueError: a reply that does not fit; LengthFinishReasonError: one that never came to an end.
    return isinstance(error, NotImplementedError | ValueError) or "FinishReason" in kind_of(error)
