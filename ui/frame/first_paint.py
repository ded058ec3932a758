"""What a browser shows before Gradio has started: the page's own frame, within its first HTML.

Gradio draws nothing, our styles included, until three waves of scripts have come one after the
other. So the frame stands in the HTML itself, the scripts are named there to come at once, and the
HTML is compressed.
"""

import gzip
import re
from collections.abc import Collection
from html import escape
from pathlib import Path

import gradio
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.frame.shell import COLOURS, PAGES, STATIC
from ui.wording import LANGUAGES, Language, word

ASSETS = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
_LISTED = re.compile(r"m\.f=\[(.*?)\]", re.DOTALL)
_PART = re.compile(
    r"(\w+):\{[^{}]*?component:\(\)=>\w+\(\(\)=>import\(`\./[^`]+`\),__vite__mapDeps\(\[([\d,]*)\]"
)
_APP = b"<gradio-app"


class FirstPaint:
    """Puts the frame into the HTML of the page."""

    def __init__(self, app: ASGIApp, parts: Collection[str]) -> None:
        self._app = app
        styles = "".join(
            path.read_text(encoding="utf-8") for path in (COLOURS, STATIC / "first.css")
        )
        script = (STATIC / "first.js").read_text(encoding="utf-8")
        frames = "".join(_frame(language) for language in LANGUAGES.values())
        soon = " ".join(wanted(parts))
        self._head = f"<style>{styles}</style>".encode()
        self._frame = (
            f"<div id='first' data-soon='{soon}'>{frames}</div><script>{script}</script>".encode()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", "")).removeprefix(str(scope.get("root_path", "")))
        if scope["type"] != "http" or scope["method"] != "GET" or path not in {"", "/"}:
            await self._app(scope, receive, send)
            return
        packs = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        start: Message = {}
        body = bytearray()

        async def changed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            headers = MutableHeaders(raw=start["headers"])
            made = bytes(body)
            if headers.get("content-type", "").startswith("text/html"):
                made = self.framed(made)
                headers.add_vary_header("accept-encoding")
                if packs:
                    made = gzip.compress(made, 5)
                    headers["content-encoding"] = "gzip"
            headers["content-length"] = str(len(made))
            await send(start)
            await send({"type": "http.response.body", "body": made})

        await self._app({**scope, "headers": plain}, receive, changed)

    def framed(self, html: bytes) -> bytes:
        """The HTML with the frame in it; as it was where it is no page of Gradio's."""
        if b"<head>" not in html or _APP not in html:
            return html
        html = html.replace(b"<head>", b"<head>" + self._head, 1)
        return html.replace(_APP, self._frame + _APP, 1)


def _frame(language: Language) -> str:
    tabs = "".join(f"<span>{escape(word(f'{page}_tab', language))}</span>" for page in PAGES)
    return (
        f"<div lang='{language}' hidden><header><b>{escape(word('brand', language))}</b></header>"
        f"<nav aria-hidden='true'>{tabs}</nav>"
        f"<p role='status'>{escape(word('loading_embedder', language))}</p></div>"
    )


def wanted(parts: Collection[str], assets: Path = ASSETS) -> list[str]:
    """The scripts that Gradio will ask for, wave by wave; none where its build is another.

    Args:
        parts: types of the page's components.
    """
    names: list[str] = []
    for entry in assets.glob("index-*.js"):
        first = _listed(entry)
        core = next((name for name in first if name.startswith("core-")), "")
        index = next((name for name in first if name.startswith("Index-")), "")
        if not core or not index:
            continue
        blocks = [name for name in _listed(assets / index) if name.startswith("Blocks-")]
        known, text = _listed(assets / core), (assets / core).read_text(encoding="utf-8")
        names += [*first, *blocks]
        for part, numbers in _PART.findall(text):
            if part in parts:
                names += [known[int(n)] for n in numbers.split(",") if n and int(n) < len(known)]
    return [name for name in dict.fromkeys(names) if name.endswith(".js")]


def _listed(script: Path) -> list[str]:
    """The files that a script of Gradio's build lists as what it may need."""
    try:
        found = _LISTED.search(script.read_text(encoding="utf-8"))
    except OSError:
        return []
    return re.findall(r'"\./([^"]+)"', found.group(1)) if found else []
