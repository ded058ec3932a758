"""The command as a user runs it, in a process of its own."""

import json
import os
import socket
import subprocess
import sys

import pytest


@pytest.fixture
def rag(tmp_path, corpus):
    def run(*arguments, stdin="", **environment):
        return subprocess.run(
            [sys.executable, "-m", "rag", *arguments],
            input=stdin, capture_output=True, text=True, cwd=tmp_path,
            env={**os.environ, "RAG_DATA_DIR": str(tmp_path / "data"), "RAG_LLM": "none",
                 "RAG_CORPUS": str(corpus), **environment},
        )  # fmt: skip

    return run


def test_index_ask_search_batch(rag):
    assert "3 notes" in rag("index").stdout
    asked = rag("ask", "LoRA 的缺点是什么?", "--json")
    answer = json.loads(asked.stdout)
    assert answer["citations"][0]["note"] == "lora.md"
    assert "表达能力" in rag("ask", "LoRA 的缺点是什么?").stdout
    hits = json.loads(rag("search", "PPO 四个模型", "-k", "2", "--json").stdout)
    assert hits[0]["note"] == "ppo.md"
    assert {"note", "title", "heading", "text", "start", "end", "score"} == hits[0].keys()
    lines = rag(
        "ask", "--batch", "-", "--json", stdin="LoRA 的缺点?\n今天天气?\n"
    ).stdout.splitlines()
    assert [json.loads(line)["abstained"] for line in lines] == [False, True]
    chatted = rag("chat", stdin="LoRA 的原理是什么?\n那它的缺点呢?\n\n")
    assert "表达能力" in chatted.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ask", ""], 2),
        (["ask", "??"], 2),
        (["ask", "x" * 20_000], 2),
        (["ask"], 2),
        (["ask", "hi", "--llm", "wrong"], 2),
        (["ask", "LoRA 是什么", "--corpus", "/nowhere"], 1),
        (["ask", "--batch", "/nowhere"], 2),
        (["ask", "LoRA 是什么", "-k", "0"], 2),
        (["ask", "LoRA 是什么", "--llm", "gguf:/nowhere"], 1),
    ],
)
def test_errors_end_in_one_sentence(rag, arguments, code):
    done = rag(*arguments)
    assert done.returncode == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_port_in_use(rag):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = rag("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr
