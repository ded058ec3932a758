"""A chat model behind its spec: streaming, structured output, token probabilities."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from pydantic import BaseModel

from rag.errors import ModelError, RagError
from rag.llm.fair_queue import FairQueue
from rag.llm.weights import Progress


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


def _quiet(*_: int) -> None:
    return None


@dataclass(slots=True)
class _Cell:
    """The loaded chat model, shared by a `LanguageModel` and its `held` views."""

    chat: BaseChatModel | None = None


@dataclass
class LanguageModel:
    """A chat model behind its spec; nothing is loaded before `chat` is first called.

    Attributes:
        spec: what the user asked for.
        local: it runs in llama.cpp, so GBNF grammars and token probabilities are at hand.
        queue: where requests wait for their turn; None sends them at once.
    """

    spec: str
    local: bool
    _load: Callable[[Progress], BaseChatModel]
    queue: FairQueue | None = None
    _usable: Callable[[], bool] = lambda: True  # the loaded model still has its engine
    _give_up: Callable[[], None] = lambda: None  # the engine stopped answering
    _cell: _Cell = field(default_factory=_Cell, repr=False)

    @property
    def loaded(self) -> bool:
        return self._cell.chat is not None and self._usable()

    def held(self) -> "LanguageModel":
        """The same model for somebody whose turn it is already: requests do not queue."""
        return replace(self, queue=None)

    def chat(self, progress: Progress = _quiet) -> BaseChatModel:
        """The chat model, loaded at the first call (`progress`: bytes of weights joined, in all).

        Raises:
            ModelError: weights, package, key or server are missing.
        """
        if self._cell.chat is None or not self._usable():
            self._cell.chat = self._load(progress)
        return self._cell.chat

    def stream(
        self,
        messages: Sequence[BaseMessage],
        *,
        max_tokens: int,
        grammar: str | None = None,
    ) -> Iterator[AIMessageChunk]:
        """Stream the answer; `grammar` (GBNF) binds local models and is ignored by others.

        Raises:
            ModelError: the model cannot be loaded or stops answering.
        """
        with self._turn(), self._explained():
            runnable = self._bound(max_tokens=max_tokens, grammar=grammar)
            # Closing this generator closes the request, on which llama.cpp stops writing.
            with closing(runnable.stream(list(messages))) as chunks:
                for chunk in chunks:
                    if isinstance(chunk, AIMessageChunk):
                        yield chunk

    def complete(
        self, messages: Sequence[BaseMessage], *, max_tokens: int, grammar: str | None = None
    ) -> str:
        """The whole answer as text. Errors as in `stream`."""
        parts = self.stream(messages, max_tokens=max_tokens, grammar=grammar)
        return "".join(str(part.text) for part in parts)

    def log_odds(self, messages: Sequence[BaseMessage], yes: str, no: str) -> float | None:
        """log P(yes) − log P(no) for the first token of the answer, in nats; local models only.

        None where the model gives no token probabilities or neither word is among its likeliest.
        """
        if not self.local:
            return None
        with self._turn(), self._explained():
            model = self._bound(max_tokens=1, grammar=None, logprobs=True, top_logprobs=40)
            reply = model.invoke(list(messages))
        content = (reply.response_metadata.get("logprobs") or {}).get("content") or []
        if not content:
            return None
        odds = {yes: 0.0, no: 0.0}
        for item in content[0]["top_logprobs"]:
            token = item["token"].strip().lower()
            for word in odds:
                if token and word.lower().startswith(token):
                    odds[word] += math.exp(item["logprob"])
        if not any(odds.values()):
            return None
        return math.log(odds[yes] + 1e-6) - math.log(odds[no] + 1e-6)

    def structured(
        self, messages: Sequence[BaseMessage], schema: type[BaseModel]
    ) -> Structured | None:
        """An instance of `schema` by the model's structured output.

        None where the model has no such output, where its server refuses the request, or where
        what it gave does not fit the schema: the caller then asks for plain text.

        Raises:
            ModelError: the model cannot be loaded.
        """
        with self._turn():
            chat = self.chat()
            try:
                runnable = chat.with_structured_output(schema, include_raw=True)
                reply: Any = runnable.invoke(list(messages))
            except Exception:  # each provider says in its own way that it cannot
                return None
        if not isinstance(reply, dict) or not isinstance(reply.get("parsed"), schema):
            return None
        return Structured(reply["parsed"], token_usage(reply["raw"]))

    def _bound(self, *, max_tokens: int, grammar: str | None, **more: Any) -> Any:
        arguments: dict[str, Any] = {"max_tokens": max_tokens, **more}
        if self.local and grammar:
            arguments["extra_body"] = {"grammar": grammar}
        return self.chat().bind(**arguments)

    def _turn(self) -> Any:
        return self.queue.turn() if self.queue is not None else nullcontext()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (RagError, GeneratorExit, KeyboardInterrupt):
            raise
        except Exception as error:  # every provider has its own exceptions
            if self.local and getattr(error, "status_code", None) is None:
                self._give_up()
                raise ModelError(
                    f"The local language model stopped answering ({_summary(error)}); it starts "
                    "again with the next question, so ask once more. 语言模型中断，请重新提问。"
                ) from error
            raise ModelError(
                f"The language model '{self.spec}' did not answer ({_summary(error)}); "
                "check that its server runs and the key is right, or use --llm none."
            ) from error


def _summary(error: Exception) -> str:
    """The kind of an error, and its HTTP status: never its text, which may hold a key."""
    status = getattr(error, "status_code", None)
    return type(error).__name__ + (f", status {status}" if status else "")
