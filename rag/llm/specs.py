"""A spec string → an LLM: `local`, `gguf:PATH`, `openai:MODEL`, `ollama:MODEL`, `anthropic:MODEL`,
any other `provider:MODEL` that LangChain's `init_chat_model` knows, or `none`.

A new kind of LLM is one function here and one line in `_KINDS`.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from rag.errors import ModelError, UsageError
from rag.llm.llama_cpp import Engine, discard, is_current, shared_engine, shared_queue
from rag.llm.model import LanguageModel
from rag.llm.weights import QWEN_1_5B, Progress, assemble
from rag.loopback import direct_clients, is_loopback_url
from rag.settings import Settings

_OLLAMA = os.environ.get("OLLAMA_HOST") or "http://127.0.0.1:11434"


def load_model(settings: Settings) -> LanguageModel | None:
    """The LLM that `settings.llm` names; None for `none`.

    Raises:
        UsageError: the spec has no known form.
    """
    spec = settings.llm.strip()
    if spec == "none":
        return None
    if spec == "local":
        return _llama_cpp(
            settings, spec, lambda progress: assemble(QWEN_1_5B, settings.cache_dir, progress)
        )
    kind, _, name = spec.partition(":")
    if not name.strip():
        raise UsageError(
            f"'{spec}' is no LLM; use local, none, gguf:PATH, openai:MODEL, ollama:MODEL or "
            "anthropic:MODEL."
        )
    if kind == "gguf":
        return _llama_cpp(settings, spec, lambda progress: Path(name).expanduser())
    return LanguageModel(spec, local=False, _load=lambda progress: _remote(settings, kind, name))


def _llama_cpp(settings: Settings, spec: str, find: Callable[[Progress], Path]) -> LanguageModel:
    engine: Engine | None = None

    def load(progress: Progress) -> BaseChatModel:
        nonlocal engine
        from langchain_openai import ChatOpenAI

        engine = shared_engine(find(progress), settings.llm_threads, settings.llm_context)
        return ChatOpenAI(
            model=spec,
            base_url=engine.base_url,
            api_key=engine.key,  # type: ignore[arg-type]
            temperature=0,
            timeout=settings.llm_timeout_s,
            max_retries=0,
            stream_usage=True,
            **direct_clients(engine.base_url),
        )

    def give_up() -> None:
        if engine is not None:
            discard(engine)

    return LanguageModel(
        spec,
        local=True,
        _load=load,
        queue=shared_queue(settings.llm_queue),
        _usable=lambda: engine is not None and is_current(engine),
        _give_up=give_up,
    )


def _remote(settings: Settings, kind: str, name: str) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    arguments: dict[str, Any] = {"temperature": 0, "timeout": settings.llm_timeout_s}
    if kind == "ollama":
        arguments.pop("timeout")
    if settings.llm_base_url:
        arguments["base_url"] = settings.llm_base_url
    if kind == "openai":
        arguments |= direct_clients(settings.llm_base_url)
    elif kind == "ollama" and is_loopback_url(settings.llm_base_url or _OLLAMA):
        arguments["client_kwargs"] = {"trust_env": False}
    if settings.llm_api_key:
        arguments["api_key"] = settings.llm_api_key.get_secret_value()
    try:
        return init_chat_model(name, model_provider=kind, **arguments)
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
