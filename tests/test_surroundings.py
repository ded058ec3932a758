"""The commands where the machine is odd: no HOME to write to, no log folder, proxies everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.live import write_corpus
from tests.places import REPOSITORY

NOBODY = "127.0.0.1:9"
PROXIES = {
    "http_proxy": f"http://{NOBODY}", "https_proxy": f"http://{NOBODY}",
    "all_proxy": f"socks5://{NOBODY}", "HTTP_PROXY": f"http://{NOBODY}",
    "HTTPS_PROXY": f"http://{NOBODY}", "ALL_PROXY": f"socks5://{NOBODY}",
}  # fmt: skip


@pytest.fixture
def environment(tmp_path):
    found = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
    return found | {
        "RAG_CORPUS": str(write_corpus(tmp_path)), "RAG_DATA_DIR": str(tmp_path / "data"),
        "RAG_CACHE_DIR": str(tmp_path / "cache"), "RAG_LLM": "none", "PYTHONPATH": str(REPOSITORY),
    }  # fmt: skip


def run(environment, *arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "rag", *arguments], capture_output=True, encoding="utf-8",
        env=environment, **more,
    )  # fmt: skip


@pytest.mark.parametrize("home", ["/dev/null/home", "/proc/self"])
def test_a_home_that_cannot_be_written(environment, home):
    """Fault 14 of the review: words were cut by a library that kept a cache there."""
    asked = run(environment | {"HOME": home}, "ask", "LoRA 的缺点是什么?", "--json")
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["citations"] and "Traceback" not in asked.stderr


@pytest.mark.parametrize("path", ["/no-such-folder-here/x.log", "/dev/null/x.log"])
def test_a_log_file_in_no_folder_is_one_sentence(environment, path):
    asked = run(environment | {"RAG_LOG_FILE": path}, "ask", "LoRA 的缺点是什么?")
    assert asked.returncode == 1 and asked.stdout == ""
    assert "RAG_LOG_FILE" in asked.stderr and "Traceback" not in asked.stderr
    assert len(asked.stderr.strip().splitlines()) == 1
    assert not Path(path).parent.is_dir()


def talk(environment, *calls):
    """What `rag mcp` says to these requests, each line of stdout as JSON."""
    begin = {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }  # fmt: skip
    asked = [
        {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": begin},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        *({"jsonrpc": "2.0", "id": n, **call} for n, call in enumerate(calls, 1)),
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "rag", "mcp"], env=environment, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        server.stdin.write("".join(json.dumps(line) + "\n" for line in asked))
        server.stdin.flush()
        lines = {}
        while len(lines) < len(calls) + 1:
            line = server.stdout.readline()
            assert line, server.stderr.read()
            said = json.loads(line)
            if "id" in said:
                lines[said["id"]] = said
        server.stdin.close()
        rest = server.stdout.read()
        assert all(json.loads(line) for line in rest.splitlines())
        assert server.wait(timeout=30) == 0
        return lines
    finally:
        server.kill()
        server.wait()


def call(tool, **arguments):
    return {"method": "tools/call", "params": {"name": tool, "arguments": arguments}}


def test_mcp_behind_proxies(environment):
    """Case 91."""
    said = talk(environment | PROXIES, call("ask_notes", question="LoRA 的缺点是什么?"))
    assert said[1]["result"]["structuredContent"]["citations"]


def test_an_answer_behind_proxies(environment):
    asked = run(environment | PROXIES, "ask", "LoRA 的缺点是什么?", "--json")
    assert asked.returncode == 0 and json.loads(asked.stdout)["citations"], asked.stderr


@pytest.mark.llm
def test_the_embedded_model_behind_proxies(environment):
    asked = run(environment | PROXIES, "ask", "LoRA 的缺点是什么?", "--json", "--llm", "local")
    assert asked.returncode == 0, asked.stderr
    told = json.loads(asked.stdout)
    assert told["llm"] == "local" and told["citations"]


def test_the_page_does_not_start_without_its_log(environment):
    done = run(environment | {"RAG_LOG_FILE": f"/{uuid4().hex}/x.log"}, "mcp", input="")
    assert done.returncode == 1 and done.stdout == "" and "Traceback" not in done.stderr
