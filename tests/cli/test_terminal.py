"""At a terminal: a paste is one text; prompts are no part of results."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import REPOSITORY

ASK = (
    "import sys; from rag.cli.terminal import ask_text; from pathlib import Path\n"
    "Path(sys.argv[1]).write_text(repr([ask_text('> '), ask_text('next ')]), 'utf-8')"
)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1"}


def until(master: int, text: bytes) -> None:
    shown = b""
    while text not in shown:
        shown += os.read(master, 1000)


@pytest.mark.timeout(120)
def test_a_paste_with_empty_lines_is_one_text(tmp_path):
    master, slave = pty.openpty()
    command = [sys.executable, "-c", ASK, str(tmp_path / "out")]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=ENVIRONMENT)
    until(master, b"> ")
    os.write(master, "小模型先猜。\n\n大模型验证。\n\n分布不变。\n".encode())
    until(master, b"next ")
    os.write(master, b"good\n")
    process.wait(60)
    told = (tmp_path / "out").read_text("utf-8")
    assert told == repr(["小模型先猜。\n\n大模型验证。\n\n分布不变。", "good"])
    os.close(master)
    os.close(slave)


def test_prompts_are_not_in_the_output(tmp_path):
    out: Path = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(out)], input="a\nb\n", capture_output=True, text=True,
        env=ENVIRONMENT, timeout=120,
    )  # fmt: skip
    assert (done.stdout, out.read_text("utf-8")) == ("", "['a', 'b']")


EXPLAIN = (
    "import sys; from rag.cli.terminal import AskedLines, ask_text; from pathlib import Path\n"
    "lines = list(AskedLines('> ', '.'))\n"
    "Path(sys.argv[1]).write_text(repr([lines, ask_text('rating ')]), 'utf-8')"
)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("end", ["\n.\ngood easy\n\neasy\n", "\n\x04"])
def test_an_explanation_is_read_whole_and_its_rest_answers_nothing(tmp_path, end):
    master, slave = pty.openpty()
    command = [sys.executable, "-c", EXPLAIN, str(tmp_path / "out")]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=ENVIRONMENT)
    until(master, b"> ")
    text = "小模型先猜。\n\n大模型验证。\n\n\n分布不变。"
    os.write(master, (text + end).encode())
    until(master, b"rating ")
    os.write(master, b"hard\n")
    process.wait(60)
    told = (tmp_path / "out").read_text("utf-8")
    assert told == repr([text.split("\n"), "hard"])
    os.close(master)
    os.close(slave)
