"""The command as a user runs it, in a process of its own."""

import json
import os
import socket
import subprocess
import sys

import pytest

from rag.cli.service import require_free_port
from rag.errors import RagError


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


PATH = """---
index: false
study_path:
  title: 路线
  title_en: Path
  days:
    - {title: 一, title_en: One, hours: 2, notes: [lora.md, sub/kv.md]}
---
# 路线
"""


def test_path_shows_days_and_what_comes_next(rag, corpus):
    none = rag("path")
    assert none.returncode == 1 and "no order of study" in none.stderr
    (corpus / "STUDY_PATH.md").write_text(PATH, "utf-8")
    assert "Day 1  One  (2 h)" in rag("path", "--language", "en").stdout
    told = json.loads(rag("path", "--json").stdout)
    assert told["days"][0]["topics"][0]["note"] == "lora.md"
    assert told["next"] == ["lora.md", "sub/kv.md"]
    wrong = rag("path", "--day", "2")
    assert wrong.returncode == 2 and "There is no day 2" in wrong.stderr
    (corpus / "STUDY_PATH.md").write_text("---\nindex: false\nstudy_path: soon\n---\n# P\n")
    broken = rag("path")
    assert broken.returncode == 1 and "cannot be read" in broken.stderr
    assert "Traceback" not in broken.stderr


def test_serve_may_listen_on_the_loopback_of_ipv6():
    """It was refused as "Address family for hostname not supported"."""
    try:
        taken = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with taken:
        port = taken.getsockname()[1]
        with pytest.raises(RagError, match=f"Port {port} on ::1"):
            require_free_port("::1", port)
    require_free_port("::1", port)
    require_free_port("127.0.0.1", port)
    with pytest.raises(RagError, match="no address of this machine"):
        require_free_port("no such host", port)
