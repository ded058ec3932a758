"""A session ends when its login is removed or its password changes."""

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rag.library.accounts import Accounts
from tests.live import small_assistant, start_server
from ui.login_sessions import EndedSessions, LoginSessions


def test_sessions_end_with_the_login_and_with_the_password(tmp_path):
    accounts = Accounts(tmp_path / "users.json")
    for name in ("li", "wang"):
        accounts.set(name, "correct horse")
    tokens = {}
    sessions = LoginSessions(accounts.check, accounts.stamps)
    sessions.watch(tokens)
    who = Route("/", lambda request: PlainTextResponse(" ".join(sorted(tokens))))
    app = Starlette(routes=[who], middleware=[Middleware(EndedSessions, sessions=sessions)])
    client = TestClient(app)

    def login(name, token, password="correct horse"):
        if sessions.check(name, password):
            tokens[token] = name

    login("li", "a")
    login("li", "b")
    login("wang", "c")
    login("wang", "d", "wrong horse")
    assert client.get("/").text == "a b c"
    accounts.new_key("li")  # a key alone ends no session
    assert client.get("/").text == "a b c"
    accounts.set("li", "another horse")
    assert client.get("/").text == "c"
    login("li", "e", "another horse")
    accounts.remove("wang")
    assert client.get("/").text == "e"
    accounts.set("li", "a third horse")
    login("li", "f", "a third horse")  # before any other request: the old one must not revive
    assert client.get("/").text == "f"


def test_a_removed_login_is_out_of_the_running_server_at_once(tmp_path, embedder):
    """Fault 20 of the review, over the server as `rag serve` starts it."""
    accounts = Accounts(tmp_path / "users.json")
    for name in ("li", "wang"):
        accounts.set(name, "correct horse")
    url = start_server(
        small_assistant(tmp_path / "small", embedder), accounts.check, accounts.key_owner,
        accounts.stamps,
    )  # fmt: skip
    browsers = {}
    for name in ("li", "wang"):
        browsers[name] = httpx.Client(base_url=url, timeout=60)
        assert browsers[name].get("/config").status_code == 401
        form = {"username": name, "password": "correct horse"}
        assert browsers[name].post("/login", data=form).status_code == 200
        assert browsers[name].get("/config").status_code == 200
    key = {"Authorization": f"Bearer {accounts.new_key('li')}"}
    assert httpx.get(f"{url}/v1/models", headers=key).status_code == 200
    accounts.remove("li")
    assert browsers["li"].get("/config").status_code == 401
    assert httpx.get(f"{url}/v1/models", headers=key).status_code == 401
    assert browsers["wang"].get("/config").status_code == 200
    accounts.set("wang", "another horse")
    assert browsers["wang"].get("/config").status_code == 401
    for client in browsers.values():
        client.close()
