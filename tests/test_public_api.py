"""What other programs may rely on: the names of `rag`, light to import, and the examples."""

import os
import subprocess
import sys
from importlib.metadata import version

import pytest

import rag
from tests.places import REPOSITORY

PUBLIC = {
    "Answer", "Assistant", "BusyError", "Citation", "CorpusError", "Hit", "IndexUnusable",
    "ModelError", "Note", "RagError", "Sentence", "Settings", "UsageError", "__version__",
    "load_settings",
}  # fmt: skip


def test_all_names_are_there_and_no_others():
    assert set(rag.__all__) == PUBLIC
    assert sorted(rag.__all__) == rag.__all__
    for name in rag.__all__:
        thing = getattr(rag, name)
        assert name == "__version__" or thing.__name__ == name
    assert set(rag.__all__) <= set(dir(rag))
    scope: dict[str, object] = {}
    exec("from rag import *", scope)
    assert set(scope) >= PUBLIC


def test_an_unknown_name_is_said_as_of_any_module():
    with pytest.raises(AttributeError, match="module 'rag' has no attribute 'Asistant'"):
        _ = rag.Asistant


def test_every_error_is_one_that_callers_can_catch():
    kinds = {name for name in PUBLIC if name.endswith(("Error", "Unusable"))}
    assert all(issubclass(getattr(rag, name), rag.RagError) for name in kinds)


def test_types_are_documented():
    for name in PUBLIC - {"__version__"}:
        assert getattr(rag, name).__doc__, name
    assert (REPOSITORY / "rag" / "py.typed").exists()


def test_the_version_stands_in_one_place():
    assert version("interview-notes-rag") == rag.__version__
    assert rag.__version__ not in (REPOSITORY / "pyproject.toml").read_text("utf-8").split()


def test_import_loads_nothing():
    code = (
        "import sys, rag; rag.__version__; "
        "sys.exit(any(m.startswith('rag.') or m in {'pydantic', 'numpy'} for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY).returncode == 0


def test_the_example_of_library_use_runs(corpus, tmp_path):
    done = subprocess.run(
        [sys.executable, "examples/use_as_library.py", str(corpus), "LoRA 的秩 r 通常取多少？"],
        cwd=REPOSITORY,
        env={**os.environ, "RAG_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": "."},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "8 到 64" in done.stdout
    assert "[1] lora.md, characters" in done.stdout


def test_the_example_tells_a_mistake_in_one_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "examples/use_as_library.py", str(tmp_path / "none"), "LoRA?"],
        cwd=REPOSITORY,
        env={**os.environ, "RAG_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": "."},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert str(tmp_path / "none") in done.stderr
