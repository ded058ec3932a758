"""The shapes of OpenAI's chat completions, as far as they are spoken here.

Request and response follow https://platform.openai.com/docs/api-reference/chat. A request may also
hold `collections` (names of note collections) and `k` (passages read). Added to the response:
`message.citations` (as in `rag ask --json`), `message.abstained` and, when abstained,
`message.nearest`; in a stream they are in the `delta` of the chunk that has a `finish_reason`.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from rag.answer.answer import Answer, Sentence, Turn
from rag.answer.replies import WELCOME, YOU_ARE_WELCOME
from rag.errors import UsageError
from rag.text.citation_marks import without_marks
from rag.text.language import detect_language

_ABOUT_NOTHING = frozenset([*WELCOME.values(), *YOU_ARE_WELCOME.values()])
_TEXTS = frozenset(["text", "input_text", "output_text", "refusal"])


class _Lenient(BaseModel):
    """`null` is what is not given: many clients send every field that they know."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: given for name, given in value.items() if given is not None}


class Part(_Lenient):
    """A piece of a message's content; only text can be read."""

    type: str = "text"
    text: str = ""


class Message(_Lenient):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @model_validator(mode="before")
    @classmethod
    def _any_content(cls, value: Any) -> Any:
        """What a tool gave is never read; of a person, one part may stand without its list."""
        if not isinstance(value, dict) or not isinstance(
            given := value.get("content"), dict | list
        ):
            return value
        if value.get("role") in {"tool", "function"}:
            return {**value, "content": None}
        parts = [given] if isinstance(given, dict) else given
        listed = [{"text": part} if isinstance(part, str) else part for part in parts if part]
        return {**value, "content": listed}

    def text(self, strictly: bool = True) -> str:
        """The content as plain text.

        Args:
            strictly: refuse what is no text; else (in earlier messages) it is left out.

        Raises:
            UsageError: it holds an image, a sound or a file.
        """
        if not isinstance(self.content, list):
            return self.content or ""
        if strictly and any(part.type not in _TEXTS for part in self.content):
            raise UsageError("Only text can be read; send no images, sounds or files.")
        return "\n".join(part.text for part in self.content if part.text)


class ResponseFormat(_Lenient):
    """Text, or one JSON object of ours: `answer`, `abstained` and `citations`."""

    type: Literal["text", "json_object"] = "text"

    @field_validator("type", mode="before")
    @classmethod
    def _no_schema(cls, value: Any) -> Any:
        if value == "json_schema":  # what structured output of OpenAI's and LangChain's clients is
            raise PydanticCustomError(
                "no_json_schema",
                "answers are quotes from notes and fit no schema of yours; ask for json_object, "
                "which gives answer, abstained and citations, or for text",
            )
        return value


class StreamOptions(_Lenient):
    """What a stream also carries."""

    include_usage: bool = False


class ChatRequest(_Lenient):
    """A request; sampling parameters and tools are accepted and have no effect."""

    model: str
    messages: list[Message] = Field(min_length=1, max_length=500)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    stop: str | list[str] | None = Field(None, description="A sentence ends before it; the last")
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    response_format: ResponseFormat | None = None

    @field_validator("max_tokens", "max_completion_tokens", mode="before")
    @classmethod
    def _no_limit(cls, value: Any) -> Any:
        return None if value == -1 else value  # as LM Studio and llama.cpp have it

    k: int | None = Field(None, ge=1, le=50, description="Ours: how many passages are read")
    collections: list[str] = Field(
        default_factory=list,
        max_length=50,
        description="Ours: names of the note collections to ask; none: the server's choice",
    )


def question_and_history(messages: Sequence[Message]) -> tuple[str, list[Turn]]:
    """The last user message, and the exchanges before it.

    System messages steer other models and are left out: what is answered, and from what, is
    fixed here. Greetings and thanks say nothing about the topic and are left out too, as on the
    Ask page.

    Raises:
        UsageError: the last message is not the user's, or holds more than text.
    """
    said = [message for message in messages if message.role in {"user", "assistant"}]
    if any(message.role in {"tool", "function"} for message in messages):
        while said and said[-1].role == "assistant":  # it only called tools: its question stands
            said.pop()
    if not said or said[-1].role != "user":
        raise UsageError("The last message must be the user's question.")
    history: list[Turn] = []
    for message in said[:-1]:
        if message.role == "user":
            history.append(Turn(message.text(strictly=False)))
        elif history:
            history[-1].answer = without_marks(message.text(strictly=False)).strip()
    return said[-1].text(), [turn for turn in history if turn.answer not in _ABOUT_NOTHING]


@dataclass(frozen=True)
class CompletionBuilder:
    """One completion under way: its id, model and time are the same in all of its chunks."""

    model: str
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def completion(
        self, answer: Answer, usage: dict[str, int], finish: str = "stop"
    ) -> dict[str, Any]:
        """The whole response."""
        message = {"role": "assistant", "content": answer.text, "refusal": None, **extras(answer)}
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        return {**self._head("chat.completion"), "choices": [choice], "usage": usage}

    def opening(self) -> dict[str, Any]:
        """The first chunk, sent at once."""
        return self._chunk({"role": "assistant", "content": ""})

    def sentences(self, answer: Answer, told: int = 0) -> Iterator[dict[str, Any]]:
        """A chunk for each sentence after the first `told`."""
        for text in islice(pieces(answer), told, None):
            yield self._chunk({"content": text})

    def closing(
        self, answer: Answer, usage: dict[str, int], with_usage: bool, finish: str = "stop"
    ) -> Iterator[dict[str, Any]]:
        """After the last sentence: the citations, then the usage."""
        yield self._chunk(extras(answer), finish)
        if with_usage:
            yield {**self._head("chat.completion.chunk"), "choices": [], "usage": usage}

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


_EXTRAS = ("citations", "abstained", "nearest", "lacking", "notes_read", "withheld", "checked_by")


def extras(answer: Answer) -> dict[str, Any]:
    """The fields that OpenAI's message does not have."""
    data = answer.to_dict()
    return {name: data[name] for name in _EXTRAS if name in data}


def pieces(answer: Answer) -> Iterator[str]:
    """`answer.text`, cut after each sentence."""
    told = ""
    for count in range(1, len(answer.sentences) + 1):
        text = replace(answer, sentences=answer.sentences[:count]).text
        yield text.removeprefix(told)
        told = text


def usage_of(answer: Answer, count_tokens: Callable[[str], int]) -> dict[str, int]:
    """The model's own token counts; without a model, question and answer counted in ours."""
    given = answer.usage or {
        "prompt_tokens": count_tokens(answer.question),
        "completion_tokens": count_tokens(answer.text),
    }
    return {**given, "total_tokens": given["prompt_tokens"] + given["completion_tokens"]}


def error_body(
    message: str, kind: str, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """OpenAI's error object."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def written(text: str, question: str) -> Answer:
    """A reply that rests on no note."""
    language = detect_language(question)
    timings = {"retrieval_s": 0.0, "total_s": 0.0}
    return Answer(question, language, (Sentence(text, (), False),), (), "none", timings)
