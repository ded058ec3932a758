"""The running page seen from elsewhere: by pages of another origin, and behind a proxy's folder."""

import socket
import threading
import time

import httpx
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from rag.assistant import Assistant
from tests.live import small_assistant, start_server

PLUGIN = "app://obsidian.md"
ASK = {"model": "none", "messages": [{"role": "user", "content": "LoRA 的缺点是什么?"}]}
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, embedder):
    return small_assistant(tmp_path_factory.mktemp("elsewhere"), embedder)


def with_settings(assistant, **changed):
    made = Assistant(assistant.settings.model_copy(update=changed))
    made.embedder = assistant.embedder
    return made


@pytest.fixture(scope="module")
def shut(assistant):
    return start_server(assistant)


@pytest.fixture(scope="module")
def open_(assistant):
    return start_server(with_settings(assistant, allowed_origins=(PLUGIN,)))


@pytest.fixture(scope="module")
def under(assistant):
    """The address of a proxy that serves the page under /notes and cuts that off."""
    inside = start_server(with_settings(assistant, root_path="/notes"))
    return f"{_proxy(inside, '/notes')}/notes"


def _proxy(inside: str, prefix: str) -> str:
    client = httpx.AsyncClient(base_url=inside, timeout=60)

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        answer: Response = PlainTextResponse("not here", 404)
        if scope["path"].startswith(f"{prefix}/"):
            asked = client.build_request(
                request.method, scope["path"].removeprefix(prefix), params=request.query_params,
                headers=request.headers.raw, content=await request.body(),
            )  # fmt: skip
            got = await client.send(asked, stream=True)
            answer = StreamingResponse(got.aiter_raw(), got.status_code)
            answer.raw_headers = list(got.headers.raw)
        await answer(scope, receive, send)

    held = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    threading.Thread(target=server.run, kwargs={"sockets": [held]}, daemon=True).start()
    return f"http://127.0.0.1:{held.getsockname()[1]}"


def granted(response):
    return {k: v for k, v in response.headers.items() if k.startswith("access-control-allow")}


@pytest.mark.parametrize("origin", [PLUGIN, "http://localhost:3000", "http://evil.example", "null"])
def test_by_default_nothing_is_granted_to_any_page(shut, origin):
    asked = {"Origin": origin}
    for path in ("/v1/chat/completions", "/v1/models", "/config", "/gradio_api/call/ask", "/"):
        assert not granted(httpx.options(shut + path, headers=asked | PREFLIGHT, timeout=60))
        assert not granted(httpx.get(shut + path, headers=asked, timeout=60))


def test_an_allowed_page_uses_the_api_and_nothing_else(open_):
    asked = {"Origin": PLUGIN}
    url = f"{open_}/v1/chat/completions"
    preflight = httpx.options(url, headers=asked | PREFLIGHT)
    assert preflight.status_code in {200, 204}
    assert granted(preflight)["access-control-allow-origin"] == PLUGIN
    assert "x-stainless-os" in granted(preflight)["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in granted(preflight)
    answered = httpx.post(url, json=ASK, headers=asked, timeout=60)
    assert answered.status_code == 200 and answered.json()["choices"][0]["message"]["citations"]
    assert granted(answered)["access-control-allow-origin"] == PLUGIN
    streamed = httpx.post(url, json={**ASK, "stream": True}, headers=asked, timeout=60)
    assert granted(streamed)["access-control-allow-origin"] == PLUGIN
    wrong = httpx.post(url, json={}, headers=asked)  # an error can be read, too
    assert wrong.status_code == 400
    assert granted(wrong)["access-control-allow-origin"] == PLUGIN
    for path in ("/config", "/gradio_api/call/ask", "/v1x"):
        assert not granted(httpx.options(open_ + path, headers=asked | PREFLIGHT))
        assert httpx.post(open_ + path, json={}, headers=asked).status_code == 403
    evil = httpx.options(url, headers={"Origin": "http://evil.example"} | PREFLIGHT)
    assert not granted(evil)


def test_under_a_proxys_folder(under):
    page = httpx.get(f"{under}/", timeout=60)
    assert page.status_code == 200 and f'"root":"{under}"' in page.text
    assert httpx.get(f"{under}/config").json()["root"] == under
    assert httpx.get(f"{under}/v1/models").json()["data"]
    answered = httpx.post(f"{under}/v1/chat/completions", json=ASK, timeout=60)
    assert answered.json()["choices"][0]["message"]["citations"]
    called = httpx.post(
        f"{under}/gradio_api/call/ask", json={"data": ["LoRA 的缺点是什么?", 6]}, timeout=60
    ).json()
    told = httpx.get(f"{under}/gradio_api/call/ask/{called['event_id']}", timeout=60)
    assert '"abstained": false' in told.text
    foreign = {"Origin": "http://evil.example"}
    refused = httpx.post(f"{under}/v1/chat/completions", json=ASK, headers=foreign)
    assert refused.status_code == 403


def test_a_server_that_answers_late_is_tried_again(tmp_path, embedder, monkeypatch):
    from gradio import networking

    asked, in_time = [], networking.url_ok

    def late_once(url):
        asked.append(url)
        return len(asked) > 1 and in_time(url)

    monkeypatch.setattr(networking, "url_ok", late_once)
    address = start_server(small_assistant(tmp_path, embedder))
    deadline = time.monotonic() + 60
    while len(asked) < 2:  # the first server is closed, the second comes up
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with httpx.Client(trust_env=False) as client:
        while True:
            try:
                assert client.get(address).status_code == 200
                return
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
