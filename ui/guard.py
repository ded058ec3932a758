"""Which requests a server takes at all: against web pages elsewhere that talk to it.

A server on this machine without a login trusts whoever reaches it, so a page that the user
happens to open must not: neither under a name of its own that it lets point here (DNS rebinding:
the `Host` is foreign), nor by sending forms and requests across origins (CSRF: the `Origin` is).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from gradio.route_utils import CustomCORSMiddleware
from gradio.routes import App, ORJSONResponse
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


class GuardedApp(App):
    """Gradio's application, our guards outside of all else and alone in what they grant.

    Gradio puts a middleware of its own around those that it is given, which answers every
    preflight itself and lets any page of another port of this machine read, with cookies.
    """

    def __init__(self, guarded: Sequence[Middleware], root_path: str = "", **more: Any) -> None:
        super().__init__(default_response_class=ORJSONResponse, **more)
        self._outside = [Middleware(UnderRootPath, root_path=root_path), *guarded]

    def build_middleware_stack(self) -> ASGIApp:
        """All of it, when the first request comes."""
        its_own: Any = CustomCORSMiddleware
        of_gradio = [one for one in self.user_middleware if one.cls is not its_own]
        self.user_middleware = [*self._outside, *of_gradio]
        return super().build_middleware_stack()


class UnderRootPath:
    """Puts back the folder under which a proxy serves this page, where the proxy has cut it off.

    Starlette finds what is mounted (`/v1`) only under the whole path.
    """

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root = root_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._root and scope["type"] in {"http", "websocket"}:
            path = str(scope["path"])
            if path != self._root and not path.startswith(f"{self._root}/"):
                path = self._root + path
            scope = {
                **scope, "path": path, "raw_path": path.encode(), "root_path": self._root,
            }  # fmt: skip
        await self._app(scope, receive, send)


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
            allow_private_network=True,  # a page on the Internet asks for it before `localhost`
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
    path = str(scope.get("path", "")).removeprefix(str(scope.get("root_path", "")))
    return path == "/v1" or path.startswith("/v1/")
