"""Web pages elsewhere cannot use the server: foreign names (DNS rebinding) and origins (CSRF)."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.live import small_assistant, start_server
from ui.guard import guards

ASK = {"model": "none", "messages": [{"role": "user", "content": "LoRA 的缺点是什么?"}]}
PATHS = ("/", "/config", "/v1/models", "/gradio_api/info", "/gradio_api/startup-events")


@pytest.fixture(scope="module")
def url(tmp_path_factory, embedder):
    """A server on loopback without a login."""
    return start_server(small_assistant(tmp_path_factory.mktemp("guard"), embedder))


def port_of(url):
    return url.rpartition(":")[2]


def test_only_names_of_this_machine_are_answered(url):
    with httpx.Client(timeout=60) as client:
        for path in PATHS:
            for host in ("evil.example", f"evil.example:{port_of(url)}", "127.0.0.1.evil.example",
                         "localhost.evil.example", "169.254.169.254", ""):  # fmt: skip
                refused = client.get(url + path, headers={"Host": host})
                assert refused.status_code in {400, 421}, (path, host)
                assert "LoRA" not in refused.text and "gradio_config" not in refused.text
        for host in (f"localhost:{port_of(url)}", "127.0.0.1", f"[::1]:{port_of(url)}"):
            assert client.get(f"{url}/v1/models", headers={"Host": host}).status_code == 200
        post = {"url": f"{url}/v1/chat/completions", "json": ASK}
        assert client.post(**post, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/gradio_api/call/ask", "/login"])
def test_no_page_of_another_origin_can_post(url, path):
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example", "file://",
                   "http://[::1", "https://localhost@evil.example"):  # fmt: skip
        refused = httpx.post(url + path, json=ASK, headers={"Origin": origin}, timeout=60)
        assert refused.status_code == 403, origin
        assert refused.json()["error"]["code"] == "foreign_origin"
        assert "access-control-allow-origin" not in refused.headers


def test_the_own_page_and_programs_can(url):
    for headers in ({"Origin": url}, {"Origin": f"http://localhost:{port_of(url)}"}, {}):
        answered = httpx.post(f"{url}/v1/chat/completions", json=ASK, headers=headers, timeout=60)
        assert answered.status_code == 200
        assert answered.json()["choices"][0]["message"]["citations"]


def behind(*arguments):
    app = Starlette(
        routes=[Route("/", lambda request: PlainTextResponse("in"), methods=["GET", "POST"])],
        middleware=guards(*arguments),
    )
    return TestClient(app)


def test_further_names_are_a_setting():
    with_names = behind("127.0.0.1", False, ["Notes.example.org", "*.lab.example"])
    for host, status in (("notes.example.org", 200), ("a.lab.example", 200), ("evil.org", 400)):
        assert with_names.get("/", headers={"Host": host}).status_code == status
    origin = {"Host": "127.0.0.1:7860", "Origin": "https://notes.example.org"}  # behind a proxy
    assert with_names.post("/", headers=origin).status_code == 200
    below = {**origin, "Origin": "https://a.lab.example"}
    assert with_names.post("/", headers=below).status_code == 200


def test_behind_a_login_any_name_but_no_foreign_origin():
    app = behind("0.0.0.0", True, [])
    assert app.get("/", headers={"Host": "192.168.1.5:7860"}).status_code == 200
    same = {"Host": "192.168.1.5:7860", "Origin": "http://192.168.1.5:7860"}
    assert app.post("/", headers=same).status_code == 200
    assert app.post("/", headers={**same, "Origin": "http://evil.example"}).status_code == 403
