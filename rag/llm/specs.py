"""A spec string → an LLM: `local`, `gguf:PATH`, `openai:MODEL`, `ollama:MODEL`, `anthropic:MODEL`,
any other `provider:MODEL` that LangChain's `init_chat_model` knows, or `none`.

A new kind of LLM is a line in `_KINDS`; a provider that wants its parameters otherwise than
OpenAI is a line in `_PROVIDERS`.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable

from rag.errors import ModelError, UsageError
from rag.llm.llama_cpp import EngineHost
from rag.llm.local_model import LocalModel
from rag.llm.model import LanguageModel
from rag.llm.remote_model import Refused, RemoteModel, limited_by_argument, limited_by_field
from rag.llm.verdict import ADAPTER
from rag.llm.weights import QWEN_1_5B, assemble, installed_pieces
from rag.loopback import direct_clients, is_loopback_url
from rag.settings import Settings

_OLLAMA = os.environ.get("OLLAMA_HOST") or "http://127.0.0.1:11434"


def load_model(settings: Settings, host: EngineHost) -> LanguageModel | None:
    """The LLM that `settings.llm` names; None for `none`.

    Args:
        host: where a local model runs.

    Raises:
        UsageError: the spec has no known form.
    """
    spec = settings.llm.strip()
    kind, _, name = spec.partition(":")
    if spec in _WORDS:
        return _WORDS[spec](settings, host)
    if not name.strip():
        raise UsageError(
            f"'{spec}' is no LLM; use local, none, gguf:PATH, openai:MODEL, ollama:MODEL or "
            "anthropic:MODEL."
        )
    return _KINDS.get(kind, _remote)(settings, host)


def _bundled(settings: Settings, host: EngineHost) -> LanguageModel:
    return LocalModel(
        "local",
        lambda progress: assemble(QWEN_1_5B, settings.cache_dir, progress),
        host,
        settings,
        ADAPTER,
    )


def _gguf(settings: Settings, host: EngineHost) -> LanguageModel:
    spec = settings.llm.strip()
    path = Path(spec.partition(":")[2]).expanduser()
    return LocalModel(spec, lambda progress: path, host, settings)


def _remote(settings: Settings, host: EngineHost) -> LanguageModel:
    spec = settings.llm.strip()
    kind, _, name = spec.partition(":")
    provider = _PROVIDERS.get(kind, Provider())
    return RemoteModel(
        spec,
        partial(_chat, settings, kind, name, provider),
        provider.limit,
        max_tokens=settings.llm_max_tokens,
    )


_Maker = Callable[[Settings, EngineHost], LanguageModel | None]
_WORDS: dict[str, _Maker] = {"none": lambda settings, host: None, "local": _bundled}
_KINDS: dict[str, _Maker] = {"gguf": _gguf}  # every other kind is a provider of LangChain's


def _openai_arguments(settings: Settings) -> dict[str, Any]:
    # Clients would wait three times as long for a server that hangs; `RemoteModel` tries again.
    given: dict[str, Any] = {"timeout": settings.llm_timeout_s, "max_retries": 0}
    if settings.llm_api_key:
        given["api_key"] = settings.llm_api_key.get_secret_value()
    return given


def _ollama_arguments(settings: Settings) -> dict[str, Any]:
    client: dict[str, Any] = {"timeout": settings.llm_timeout_s}
    if settings.llm_api_key:
        client["headers"] = {"Authorization": f"Bearer {settings.llm_api_key.get_secret_value()}"}
    return {"client_kwargs": client}


@dataclass(frozen=True, slots=True)
class Provider:
    """What differs between the providers: how they are told time limit, key, longest reply."""

    arguments: Callable[[Settings], dict[str, Any]] = _openai_arguments
    limit: Callable[[BaseChatModel, int], Runnable[Any, Any]] = limited_by_argument


_PROVIDERS = {"ollama": Provider(_ollama_arguments, limited_by_field("num_predict"))}


def _chat(
    settings: Settings, kind: str, name: str, provider: Provider, refused: Refused
) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    arguments = provider.arguments(settings)
    if "temperature" not in refused:
        arguments["temperature"] = settings.llm_temperature
    if settings.llm_base_url:
        arguments["base_url"] = settings.llm_base_url
    if kind == "openai":
        direct = direct_clients(settings.llm_base_url)
        arguments |= direct | ({"http_socket_options": ()} if direct else {})
    elif kind == "ollama" and is_loopback_url(settings.llm_base_url or _OLLAMA):
        arguments.setdefault("client_kwargs", {})["trust_env"] = False
    try:
        made: BaseChatModel = init_chat_model(name, model_provider=kind, **arguments)
        return made
    except ImportError as error:
        if "socks" in str(error):
            raise ModelError(
                "The proxy of ALL_PROXY speaks SOCKS, which needs a package; run "
                "`pip install socksio`, or unset the variable."
            ) from error
        raise ModelError(
            f"'{kind}:{name}' needs the package langchain-{kind}; "
            f"run `pip install langchain-{kind}`."
        ) from error
    except ValueError as error:
        raise UsageError(
            f"'{kind}:{name}' names no LLM provider that LangChain knows; use openai, ollama, "
            "anthropic or another of init_chat_model's."
        ) from error
    except Exception as error:  # a missing key: openai and anthropic raise their own kinds
        raise ModelError(
            f"'{kind}:{name}' needs a key; set RAG_LLM_API_KEY or {kind.upper()}_API_KEY."
        ) from error


def checker_of(
    writer: LanguageModel | None,
    settings: Settings,
    load: Callable[[str], LanguageModel | None],
) -> LanguageModel | None:
    """The embedded LLM that checks what a model behind an API writes, where it is installed.

    Args:
        load: gives the model of a spec.
    """
    if writer is None or writer.local or not settings.judge_written:
        return None
    try:
        installed_pieces(QWEN_1_5B)
        return load("local")
    except ModelError:
        return None
