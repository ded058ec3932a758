"""A wheel holds our notes, and what it installs answers from them outside the repository."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.places import REPOSITORY


def run(*command, **more):
    return subprocess.run(command, capture_output=True, encoding="utf-8", **more)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("setuptools", "77")
    source = tmp_path_factory.mktemp("source")
    for name in ("rag", "ui", "corpus"):
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / name, source / name, ignore=leave_out)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source)
    code = "from setuptools import build_meta; build_meta.build_wheel('dist')"
    done = run(sys.executable, "-c", code, cwd=source)
    assert done.returncode == 0, done.stderr
    return next((source / "dist").glob("*.whl"))


def test_the_wheel_holds_the_notes_and_every_data_file(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    notes = list((REPOSITORY / "corpus").rglob("*.md"))
    inside = {f"rag/_corpus/{path.relative_to(REPOSITORY / 'corpus').as_posix()}" for path in notes}
    assert notes and inside <= held
    data = [
        path.relative_to(REPOSITORY).as_posix()
        for room in ("rag", "ui")
        for path in (REPOSITORY / room).rglob("*")
        if path.suffix in {".json", ".jsonl", ".txt", ".css", ".js", ".typed", ".npz", ".gguf"}
    ]
    assert {".npz", ".gguf"} <= {Path(name).suffix for name in data}
    assert set(data) <= held


@pytest.mark.slow
def test_it_answers_from_its_notes_in_an_empty_folder(wheel, tmp_path):
    venv, empty = tmp_path / "v", tmp_path / "empty"
    empty.mkdir()
    assert run(sys.executable, "-m", "venv", "--without-pip", str(venv)).returncode == 0
    site = next(venv.glob("lib/python*/site-packages"))
    put = run(
        sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target",
        str(site), str(wheel),
    )  # fmt: skip
    assert put.returncode == 0, put.stderr
    (site / "others.pth").write_text(sysconfig.get_path("purelib"))  # the dependencies
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH" and k[:4] != "RAG_"}
    environment |= {"RAG_DATA_DIR": str(tmp_path / "data")}
    python = venv / "bin" / "python"
    where = "from rag.settings import load_settings as s; print(s().corpus)"
    found = run(python, "-c", where, cwd=empty, env=environment)
    assert found.stdout.strip() == str(site / "rag" / "_corpus"), found.stderr
    # Of the shipped notes themselves, whose vectors are in the wheel: no text is embedded here.
    asked = run(
        python, "-m", "rag", "ask", "LoRA 是什么", "--llm", "none", "--json",
        cwd=empty, env=environment,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    [first, *_] = json.loads(asked.stdout)["citations"]
    note = (site / "rag" / "_corpus" / first["note"]).read_text("utf-8")
    assert note[first["start"] : first["end"]] == first["quote"] and "lora" in first["note"]
    assert list(empty.iterdir()) == []
