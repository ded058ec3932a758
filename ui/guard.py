"""Which requests a server takes at all: against web pages elsewhere that talk to it.

A server on this machine without a login trusts whoever reaches it, so a page that the user
happens to open must not: neither under a name of its own that it lets point here (DNS rebinding:
the `Host` is foreign), nor by sending forms and requests across origins (CSRF: the `Origin` is).
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.api.openai_wire import error_body

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
_SAFE = frozenset(["GET", "HEAD", "OPTIONS"])


def guards(
    host: str,
    with_login: bool,
    allowed_hosts: Sequence[str],
    allowed_origins: Sequence[str] = (),
) -> list[Middleware]:
    """The middleware for a server bound to `host`.

    Args:
        allowed_hosts: further names that it goes by. Behind a login any `Host` passes as long as
            none is given (a page elsewhere has no cookie for its own name).
        allowed_origins: pages elsewhere that may use the API under `/v1`, and nothing else.
    """
    names = tuple(dict.fromkeys(name.lower() for name in (*LOOPBACK, host, *allowed_hosts)))
    origins = tuple(origin.rstrip("/").lower() for origin in allowed_origins)
    found = [Middleware(SameOrigin, names=names, origins=origins)]
    if not with_login or allowed_hosts:
        found.insert(0, Middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False))
    return found


class SameOrigin:
    """Refuses, with 403, what a page of another origin sends; reading is the browser's affair."""

    def __init__(self, app: ASGIApp, names: Sequence[str], origins: Sequence[str] = ()) -> None:
        self._app = app
        self._names = names
        # The API takes a key or nothing, never a cookie: it is open to no one but by its key.
        self._allowed = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "OPTIONS"],
            allow_headers=["*"],
            max_age=600,
        )
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and _is_api(scope)
            and Headers(scope=scope).get("origin", "").lower() in self._origins
        ):
            await self._allowed(scope, receive, send)
            return
        if scope["type"] == "websocket" or scope.get("method", "GET") not in _SAFE:
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if origin is not None and not self._ours(origin, headers.get("host", "")):
                refusal = JSONResponse(
                    error_body(
                        "Requests from web pages of another origin are refused; set "
                        "RAG_ALLOWED_HOSTS if this server goes by that name, "
                        "RAG_ALLOWED_ORIGINS if that page may use /v1.",
                        "invalid_request_error",
                        "foreign_origin",
                    ),
                    403,
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _ours(self, origin: str, host: str) -> bool:
        try:
            place = urlsplit(origin)
            name = (place.hostname or "").lower()
        except ValueError:
            return False
        if not name:
            return False
        known = any(
            name.endswith(known[1:]) if known.startswith("*.") else name == known
            for known in self._names
        )
        return known or place.netloc.lower() == host.lower()


def _is_api(scope: Scope) -> bool:
    path = str(scope.get("path", ""))
    return path == "/v1" or path.startswith("/v1/")
