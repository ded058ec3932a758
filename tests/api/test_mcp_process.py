"""`rag mcp` as a process: it ends with its parent, can be cancelled, and says JSON only."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mcp import StdioServerParameters
from mcp.client.session import ClientSession
from mcp.client.stdio import stdio_client

from tests.live import write_corpus
from tests.places import REPOSITORY

MCP = [sys.executable, "-m", "rag", "mcp"]
HELLO = {
    "jsonrpc": "2.0", "id": 0, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {},
               "clientInfo": {"name": "t", "version": "1"}},
}  # fmt: skip
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mcp")
    return {
        **os.environ, "RAG_DATA_DIR": str(folder / "data"), "RAG_LLM": "none",
        "RAG_CORPUS": str(write_corpus(folder)), "PYTHONPATH": str(REPOSITORY),
    }  # fmt: skip


def tell(server, *messages):
    for message in messages:
        text = message if isinstance(message, str) else json.dumps(message)
        server.stdin.write(text + "\n")
    server.stdin.flush()


def call(number, tool, **arguments):
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


@pytest.fixture
def server(environment):
    made = subprocess.Popen(
        MCP, env=environment, encoding="utf-8", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    yield made
    made.kill()
    made.wait()
    for stream in (made.stdin, made.stdout, made.stderr):
        stream.close()


def said(server, wanted):
    """The answers to some ids; every line is JSON-RPC."""
    found = {}
    while wanted - found.keys():
        line = server.stdout.readline()
        assert line, server.stderr.read()
        message = json.loads(line)
        assert message["jsonrpc"] == "2.0"
        if "id" in message:
            found[message["id"]] = message
    return found


def test_stdout_is_json_from_a_cold_start_through_every_error(server):
    tell(
        server, HELLO, READY,
        call(1, "ask_notes", question="LoRA 的缺点是什么?"),  # indexes the notes first
        call(2, "no_such_tool"), call(3, "ask_notes"), call(4, "ask_notes", question="??"),
        call(5, "read_note", note="../../etc/passwd"), call(6, "search_notes", query="LoRA", k=999),
        {"jsonrpc": "2.0", "id": 7, "method": "no/such/method"},
        "this is no JSON", "[]", '{"jsonrpc": "2.0"}',
        call(8, "search_notes", query="LoRA"),
    )  # fmt: skip
    found = said(server, {0, 1, 2, 3, 4, 5, 6, 7, 8})
    assert found[1]["result"]["structuredContent"]["citations"]
    for number in (2, 3, 4, 5, 6):
        assert "error" in found[number] or found[number]["result"]["isError"]
        assert "Traceback" not in json.dumps(found[number])
    assert found[7]["error"]["code"] in {-32601, -32602}
    assert found[8]["result"]["structuredContent"]["result"]
    server.stdin.close()
    assert all(json.loads(line) for line in server.stdout.read().splitlines())
    assert server.wait(30) == 0


def test_a_call_can_be_cancelled_and_others_go_on(server):
    tell(server, HELLO, READY, call(1, "ask_notes", question="LoRA 的缺点是什么?"))
    cancel = {"requestId": 1, "reason": "no more"}
    tell(
        server, {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel},
        {"jsonrpc": "2.0", "id": 2, "method": "ping"}, call(3, "search_notes", query="LoRA"),
    )  # fmt: skip
    found = said(server, {0, 2, 3})
    assert found[3]["result"]["structuredContent"]["result"]
    assert "result" not in found.get(1, {}) or not found[1]["result"].get("isError")
    server.stdin.close()
    assert server.wait(30) == 0


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX")
def test_it_ends_when_its_parent_is_killed_though_its_stdin_stays_open(environment):
    held, ours = os.pipe()  # the writing end is also ours: the pipe never ends
    code = (
        "import subprocess, sys, time; "
        f"made = subprocess.Popen({MCP!r}, stdin={held}, stdout=subprocess.DEVNULL); "
        "print(made.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True,
        pass_fds=[held],
    )  # fmt: skip
    try:
        child = int(parent.stdout.readline())
        time.sleep(8)  # it has started
        os.kill(child, 0)
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 60
        while _lives(child):
            assert time.monotonic() < deadline, "the orphan lives on"
            time.sleep(0.2)
    finally:
        parent.kill()
        parent.communicate()
        os.close(ours)
        os.close(held)


def _lives(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
        return stat.rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_every_tool_by_a_real_client_with_odd_arguments(environment, tmp_path):
    server = StdioServerParameters(command=MCP[0], args=MCP[1:], env=environment)
    with (tmp_path / "err").open("w") as err:
        async with stdio_client(server, errlog=err) as streams, ClientSession(*streams) as client:
            await client.initialize()

            async def call(tool, **arguments):
                done = await asyncio.wait_for(client.call_tool(tool, arguments), 120)
                assert not done.is_error, (tool, arguments, done.content[0].text)
                return done.structured_content

            nothing = {"k": None, "collections": None}
            assert (await call("search_notes", query="LoRA", **nothing))["result"]
            assert len((await call("search_notes", query="LoRA", k="2"))["result"]) == 2
            assert (await call("search_notes", query="LoRA", k=2.0, collections="default"))[
                "result"
            ]
            assert (await call("ask_notes", question="LoRA 的缺点?", k="5", collections=[]))[
                "citations"
            ]
            assert (await call("list_due_topics", profile=None, collections=None))["result"] == []
            asked = await call("practice_question", topic=None, language=None, profile=None)
            asked = await call("practice_question", topic="LoRA 低秩适配", collections=None)
            said = "LoRA 冻结预训练权重,只训练两个低秩矩阵 A 和 B。"
            graded = await call(
                "grade_explanation", topic=asked["topic"], explanation=said, said=["1"],
                rating=None, language=None, profile=None,
            )  # fmt: skip
            assert graded["score"] and graded["due"]
            note = await call("read_note", note=asked["topic"], offset=None, length="9",
                              collection=None)  # fmt: skip
            assert len(note["text"]) == 9
