"""OpenAI's client for JavaScript over the running server; skipped without node or its registry."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rag.library.accounts import Accounts
from tests.live import small_assistant, start_server

VERSION = "7.57.0"
SCRIPT = Path(__file__).with_name("openai_node.mjs")

# As openai-node 7 sends them under Node 20.
HEADERS = {
    "Accept": "application/json", "Content-Type": "application/json",
    "User-Agent": "OpenAI/JS 7.57.0", "X-Stainless-Arch": "x64", "X-Stainless-Lang": "js",
    "X-Stainless-OS": "Linux", "X-Stainless-Package-Version": VERSION,
    "X-Stainless-Retry-Count": "0", "X-Stainless-Runtime": "node", "X-Stainless-Timeout": "600",
    "X-Stainless-Runtime-Version": "v20.0.0", "OpenAI-Organization": "o", "OpenAI-Project": "p",
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("node")
    accounts = Accounts(folder / "users.json")
    accounts.set("li", "correct horse")
    url = start_server(
        small_assistant(folder, embedder), accounts.check, accounts.key_owner, accounts.stamps
    )
    return f"{url}/v1", accounts.new_key("li")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node is not installed")
    folder = tmp_path_factory.mktemp("package")
    shutil.copy(SCRIPT, folder)
    try:
        put = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", f"openai@{VERSION}"],
            cwd=folder, capture_output=True, encoding="utf-8", timeout=90,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip("npm's registry does not answer")
    if put.returncode:
        pytest.skip(f"npm's registry cannot be reached: {put.stderr[-200:]}")
    return folder


def test_openai_node(served, package):
    done = subprocess.run(
        ["node", SCRIPT.name, *served], cwd=package, capture_output=True, encoding="utf-8",
        timeout=120, env={**os.environ, "NO_PROXY": "127.0.0.1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = {row["name"]: row["value"] for row in map(json.loads, done.stdout.splitlines())}
    assert told["models"] == ["none"]
    assert "表达能力" in told["whole"] and told["citations"] >= 1 and told["usage"] > 0
    assert told["streamed"] == told["helper"] == told["whole"]
    assert "表达能力" in told["history"]
    assert set(told["object"]) == {"answer", "abstained", "citations"}
    assert told["unknown model"] == ["NotFoundError", 404, "model_not_found"]
    assert told["wrong key"] == ["AuthenticationError", 401] and told["aborted"]


def test_its_headers_and_shapes_without_it(served):
    import httpx

    url, key = served
    body = {"model": "none", "messages": [{"role": "user", "content": "LoRA 的缺点是什么?"}]}
    headers = HEADERS | {"Authorization": f"Bearer {key}"}
    given = httpx.post(f"{url}/chat/completions", json=body, headers=headers, timeout=60)
    assert "表达能力" in given.json()["choices"][0]["message"]["content"]
    headers |= {"X-Stainless-Helper-Method": "stream"}
    given = httpx.post(
        f"{url}/chat/completions", json=body | {"stream": True}, headers=headers, timeout=60
    )
    assert given.text.endswith("data: [DONE]\n\n")
