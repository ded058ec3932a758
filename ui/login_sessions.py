"""Sessions of the page end when their login is removed or its password changes.

Gradio keeps a token for each session and never asks again; before each request we forget the
tokens of logins that are no longer what they were when they logged in.
"""

import threading
from collections.abc import Callable, Mapping, MutableMapping

from starlette.types import ASGIApp, Receive, Scope, Send

Check = Callable[[str, str], bool]
Stamps = Callable[[], Mapping[str, str]]


class LoginSessions:
    """Who is logged in, and by which password. Safe to share between threads.

    Args:
        check: whether name and password belong together.
        stamps: name → something that changes with the password, of all logins there are now.
    """

    def __init__(self, check: Check, stamps: Stamps) -> None:
        self._check = check
        self._stamps = stamps
        self._lock = threading.Lock()
        self._seen: dict[str, str] = {}  # name → its stamp when it logged in
        self._tokens: MutableMapping[str, str] = {}

    def watch(self, tokens: MutableMapping[str, str]) -> None:
        """Look after these: Gradio's token → name."""
        self._tokens = tokens

    def check(self, name: str, password: str) -> bool:
        """What Gradio asks at a login."""
        stamp = self._stamps().get(name)  # before the check: a change between the two ends it
        if not self._check(name, password):
            return False
        self.expire()
        with self._lock:
            self._seen[name] = stamp or ""
        return True

    def expire(self) -> None:
        """Forget the tokens of logins that are gone or have another password."""
        if not self._seen:
            return
        now = self._stamps()
        with self._lock:
            ended = {name for name, stamp in self._seen.items() if now.get(name) != stamp}
            for name in ended:
                del self._seen[name]
            for token, name in list(self._tokens.items()):
                if name in ended:
                    self._tokens.pop(token, None)


class EndedSessions:
    """The middleware that does so before each request."""

    def __init__(self, app: ASGIApp, sessions: LoginSessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            self._sessions.expire()
        await self._app(scope, receive, send)
