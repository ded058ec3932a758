"""An OpenAI-compatible API beside the page: `/v1/models` and `/v1/chat/completions`.

Only verified sentences are sent: what the model drafts cannot be taken back from a stream, so a
stream opens at once, is kept alive while the answer is written, and then brings the sentences.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import aclosing
from typing import Annotated, Any

import anyio
import anyio.to_thread
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import Message, Receive, Scope, Send

from rag.answer.answer import Answer
from rag.answer.events import Event, Finished, Verified
from rag.api.client_tasks import task_reply
from rag.api.openai_wire import (
    ChatRequest,
    CompletionBuilder,
    error_body,
    question_and_history,
    usage_of,
    written,
)
from rag.api.reply_shape import Shape
from rag.assistant import Assistant
from rag.errors import RagError, UsageError
from rag.permissions import asker, readable_names
from rag.telemetry.logs import redact

KeyOwner = Callable[[str], str | None]
MAX_BODY = 2_000_000  # bytes: a long conversation, no more
KEEP_ALIVE_S = 10.0
_log = logging.getLogger(__name__)


def create_api(assistant: Assistant, key_owner: KeyOwner | None = None) -> FastAPI:
    """The API, to be mounted at `/v1`.

    Args:
        key_owner: whose a bearer key is (None: nobody's); None asks for no key (a server on
            loopback).
    """
    guard = [] if key_owner is None else [Depends(_guard(key_owner))]
    api = _Api(
        title="Interview notes", openapi_url=None, max_body_size=MAX_BODY, dependencies=guard
    )
    _explain_errors(api)
    # Own threads: askers that wait for the one local engine must not hold up the page's.
    threads = anyio.CapacityLimiter(64)

    @api.get("/models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [_model(name) for name in model_names(assistant)]}

    @api.get("/models/{name:path}")
    async def model(name: str) -> dict[str, Any]:
        _known(assistant, name)
        return _model(name)

    @api.post("/chat/completions")
    async def completions(asked: ChatRequest, request: Request) -> Any:
        _known(assistant, asked.model)
        question, history = question_and_history(asked.messages)
        chore = task_reply(asked.messages)
        owner = str(getattr(request.state, "owner", ""))

        def ask() -> Iterator[Event]:
            if chore is not None:
                return iter([Finished(written(chore, question))])
            names = readable_names(assistant, asked.collections, owner)
            who = asker(owner, f"address {_address(request)}")
            return assistant.ask(question, history, asked.model, asked.k, names, who)

        # A wrong question or a missing index is refused here, before any stream begins.
        events = await anyio.to_thread.run_sync(ask, limiter=threads)
        reply = CompletionBuilder(asked.model)
        count = assistant.embedder.count_tokens
        shape = Shape.of(asked, count)
        if asked.stream:
            usage = bool(asked.stream_options and asked.stream_options.include_usage)
            lines = _lines(
                reply, events, threads, lambda answer: usage_of(answer, count), usage, shape
            )
            headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
            return StreamingResponse(lines, media_type="text/event-stream", headers=headers)
        async with aclosing(_steps(events, threads, 1.0)) as steps:
            async for event in steps:
                if isinstance(event, Finished):
                    answer, finish = shape.of_finished(event.answer)
                    return reply.completion(answer, usage_of(answer, count), finish)
                if await request.is_disconnected():
                    break  # nobody waits any more: free the model
        return JSONResponse(error_body("The client went away.", "server_error"), 499)

    return api


class _Api(FastAPI):
    """Its refusal of an oversize body comes from outside all handlers: put in OpenAI's shape."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def explained(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] == 413:
                refused = True
                told = f"The request is larger than {MAX_BODY} bytes; send a shorter conversation."
                body = error_body(told, "invalid_request_error", "request_too_large")
                await JSONResponse(body, 413)(scope, receive, send)
            elif not refused:
                await send(message)

        await super().__call__(scope, receive, explained)


def model_names(assistant: Assistant) -> list[str]:
    """What a client may name: the server's own LLM, and none (any other spec is the server's
    affair: it may cost money or read files).
    """
    return list(dict.fromkeys([assistant.settings.llm, "none"]))


async def _lines(
    reply: CompletionBuilder,
    events: Iterator[Event],
    threads: anyio.CapacityLimiter,
    count: Callable[[Answer], dict[str, int]],
    with_usage: bool,
    shape: Shape,
) -> AsyncIterator[str]:
    yield _data(reply.opening())
    told = 0  # sentences that were sent: they are final as soon as they are verified
    try:
        async with aclosing(_steps(events, threads, KEEP_ALIVE_S)) as steps:
            async for event in steps:
                if event is None:
                    yield ": still writing\n\n"
                elif isinstance(event, Verified) and not shape.as_json:
                    sure, _ = shape.of_answer(event.answer)
                    for chunk in reply.sentences(sure, told):
                        yield _data(chunk)
                    told = len(sure.sentences)
                elif isinstance(event, Finished):
                    answer, finish = shape.of_finished(event.answer)
                    for chunk in reply.sentences(answer, told):
                        yield _data(chunk)
                    for chunk in reply.closing(answer, count(answer), with_usage, finish):
                        yield _data(chunk)
    except RagError as error:
        yield _data(_error_of(error)[1])
    except Exception:
        _log.exception("API stream failed")
        yield _data(error_body("The server failed; its log says why.", "server_error"))
    yield "data: [DONE]\n\n"


async def _steps(
    events: Iterator[Event], threads: anyio.CapacityLimiter, patience: float
) -> AsyncGenerator[Event | None, None]:
    """The events, each made in a thread; None whenever `patience` seconds brought none.

    Left early (the client is gone), it closes `events`, which frees the model.
    """
    step: asyncio.Task[Event | None] | None = None
    try:
        while True:
            step = asyncio.ensure_future(
                anyio.to_thread.run_sync(next, events, None, limiter=threads)
            )
            while not (await asyncio.wait({step}, timeout=patience))[0]:
                yield None
            if (event := step.result()) is None:
                return
            yield event
    finally:
        with anyio.CancelScope(shield=True):
            if step is not None and not step.done():
                await asyncio.wait({step})
            if isinstance(events, Generator):
                await anyio.to_thread.run_sync(events.close, limiter=threads)


def _guard(key_owner: KeyOwner) -> Callable[..., Any]:
    bearer = HTTPBearer(auto_error=False)

    def guard(
        request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> None:
        owner = None if given is None else key_owner(given.credentials)
        if owner is None:
            raise HTTPException(401)
        request.state.owner = owner

    return guard


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _known(assistant: Assistant, name: str) -> None:
    if name not in model_names(assistant):
        raise HTTPException(404, f"There is no model '{name}'; GET /v1/models lists them.")


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "interview-notes-rag"}


def _explain_errors(api: FastAPI) -> None:
    """Every error in OpenAI's shape."""

    @api.exception_handler(RagError)
    async def ours(request: Request, error: RagError) -> JSONResponse:
        status, body = _error_of(error)
        return JSONResponse(body, status)

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        param = ".".join(str(part) for part in first["loc"][1:]) or None
        told = f"{place}: {first['msg']}"
        return JSONResponse(error_body(told, "invalid_request_error", "invalid_value", param), 400)

    @api.exception_handler(StarletteHTTPException)
    async def http(request: Request, error: StarletteHTTPException) -> JSONResponse:
        message, code = str(error.detail), None
        if error.status_code == 401:
            message = "This server needs a key: `rag user key NAME`, sent as a bearer token."
            code = "invalid_api_key"
        elif error.status_code == 404 and "model" in message:
            code = "model_not_found"
        body = error_body(message, "invalid_request_error", code)
        return JSONResponse(body, error.status_code, headers=error.headers)

    @api.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        _log.error("API request failed", exc_info=error)
        return JSONResponse(error_body("The server failed; its log says why.", "server_error"), 500)


def _error_of(error: RagError) -> tuple[int, dict[str, Any]]:
    message = str(redact(str(error)))
    if isinstance(error, UsageError):
        return 400, error_body(message, "invalid_request_error")
    return 503, error_body(message, "server_error", type(error).__name__.strip("_"))


def _data(chunk: dict[str, Any]) -> str:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"
