"""Logins: hashed, checked, and asked for wherever other machines can reach the server."""

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import filelock
import pytest

from rag.errors import RagError, UsageError
from rag.library.accounts import Accounts
from rag.library.registry import Registry
from rag.loopback import is_loopback


@pytest.fixture
def accounts(tmp_path):
    return Accounts(tmp_path / "users.json")


def test_a_password_is_stored_as_a_hash_and_checked(accounts, tmp_path):
    accounts.set("li", "correct horse")
    assert accounts.check("li", "correct horse")
    assert not accounts.check("li", "wrong horse")
    assert not accounts.check("nobody", "correct horse")
    text = (tmp_path / "users.json").read_text("utf-8")
    assert "correct" not in text
    assert stat.S_IMODE((tmp_path / "users.json").stat().st_mode) == 0o600
    accounts.set("wang", "correct horse")
    hashes = {user["hash"] for user in json.loads((tmp_path / "users.json").read_text()).values()}
    assert len(hashes) == 2  # salted
    assert accounts.names() == ["li", "wang"]
    accounts.remove("li")
    assert not accounts.check("li", "correct horse")


@pytest.mark.parametrize(("name", "password"), [("", "long enough"), ("a\n", "x" * 9), ("a", "x")])
def test_bad_names_and_passwords(accounts, name, password):
    with pytest.raises(UsageError):
        accounts.set(name, password)


def test_a_damaged_file_is_named(accounts, tmp_path):
    (tmp_path / "users.json").write_text("[1]", "utf-8")
    with pytest.raises(RagError, match=r"users\.json"):
        accounts.check("a", "b")


def test_changes_at_once_lose_nothing(accounts):
    """Two commands read the same file, and the later wrote the earlier's login away."""
    names = [f"u{n}" for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: accounts.set(name, "correct horse"), names))
        keys = list(pool.map(accounts.new_key, names))
        list(pool.map(accounts.remove, names[:3]))
    assert accounts.names() == names[3:]
    assert [accounts.key_owner(key) for key in keys] == [None, None, None, *names[3:]]


def test_a_lock_that_is_kept_is_one_sentence(accounts, tmp_path, monkeypatch):
    """Fault 16 of the review; it was a traceback of filelock's."""
    monkeypatch.setattr("rag.storage.locked.LOCK_S", 0.1)
    registry = Registry(tmp_path, tmp_path / "notes")
    for lock, change in (
        ("users.lock", lambda: accounts.set("li", "correct horse")),
        ("collections.lock", lambda: registry.create("papers")),
    ):
        with filelock.FileLock(tmp_path / lock), pytest.raises(RagError, match="another program"):
            change()
        change()


def test_loopback():
    assert is_loopback("127.0.0.1") and is_loopback("::1") and is_loopback("localhost")
    assert not is_loopback("0.0.0.0") and not is_loopback("192.168.1.2")


def test_an_open_server_without_logins_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("RAG_DATA_DIR", str(tmp_path))
    ran = subprocess.run(
        [sys.executable, "-m", "rag", "serve", "--host", "0.0.0.0"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "rag user add" in ran.stderr


def test_the_page_asks_for_the_login(assistant, accounts):
    from fastapi.testclient import TestClient
    from gradio.routes import App

    from ui.app import Warmth, build

    accounts.set("li", "correct horse")
    page = build(assistant, Warmth())
    page.auth = accounts.check
    page.auth_message = None
    client = TestClient(App.create_app(page))
    assert client.get("/config").status_code == 401
    wrong = client.post("/login", data={"username": "li", "password": "nope nope"})
    assert wrong.status_code == 400
    right = client.post("/login", data={"username": "li", "password": "correct horse"})
    assert right.status_code == 200
    assert client.get("/config").status_code == 200
