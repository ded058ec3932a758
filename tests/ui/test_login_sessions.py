"""A session ends when its login is removed or its password changes."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rag.library.accounts import Accounts
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
