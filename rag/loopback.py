"""This machine's own addresses: what goes to them never passes a proxy."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

_PROXIES = frozenset(["http_proxy", "https_proxy", "all_proxy"])


def is_loopback(host: str) -> bool:
    """An address that only this machine reaches."""
    return host in {"localhost", "::1"} or host.startswith("127.")


def is_loopback_url(url: str | None) -> bool:
    """A URL whose host only this machine reaches."""
    try:
        return is_loopback(urlsplit(url or "").hostname or "")
    except ValueError:
        return False


def host_in_url(host: str) -> str:
    """An IPv6 address stands in brackets."""
    return f"[{host}]" if ":" in host else host


def direct_clients(url: str | None) -> dict[str, Any]:
    """Arguments for LangChain's OpenAI classes: clients without a proxy, if `url` is loopback."""
    if not is_loopback_url(url):
        return {}
    import httpx

    return {
        "http_client": httpx.Client(trust_env=False, follow_redirects=True, timeout=None),
        "http_async_client": httpx.AsyncClient(
            trust_env=False, follow_redirects=True, timeout=None
        ),
    }


@contextmanager
def no_proxy() -> Iterator[None]:
    """Hide the proxy variables from a library that asks a server of this machine.

    Of the whole process: nothing else may open connections meanwhile.
    """
    hidden = {name: os.environ[name] for name in list(os.environ) if name.lower() in _PROXIES}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)
