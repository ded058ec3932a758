"""`rag doctor`: well, stale, damaged, missing; and that it starts no LLM."""

import hashlib
import json
import sys

import pytest
from typer.testing import CliRunner

from rag import doctor
from rag.assistant import Assistant
from rag.cli.main import app
from rag.errors import RagError
from rag.library.library import Library
from rag.llm.local_model import LocalModel
from rag.llm.weights import Weights, assembled_path
from rag.settings import load_settings


def statuses(assistant, deep=False):
    return {check.name: check.status for check in doctor.examine(assistant, deep)}


def told(assistant):
    return {check.name: check for check in doctor.examine(assistant)}


def with_settings(assistant, **changes):
    assistant.settings = assistant.settings.model_copy(update=changes)
    assistant.library = Library(assistant.settings, lambda: assistant.embedder)
    return assistant


def test_all_is_well(assistant):
    found = told(assistant)
    assert {check.status for check in found.values()} == {"ok"}
    assert "3 notes" in found["index"].en and "3 篇" in found["index"].zh
    assert "384" in found["embedder"].en
    assert "torch" in found["packages"].en


def test_a_stale_index_is_told_in_counts(assistant, corpus):
    (corpus / "ppo.md").unlink()
    (corpus / "new.md").write_text("# 新\n\n新的笔记。\n", "utf-8")
    (corpus / "lora.md").write_text("# LoRA\n\n改了。\n", "utf-8")
    (corpus / "bad.md").write_bytes(b"")
    found = told(assistant)
    assert found["index is current"].status == "warn"
    assert found["index is current"].en == "1 notes changed, 1 new, 1 removed"
    assert "rag index" in found["index is current"].todo_zh
    assert "bad.md" in found["notes"].en


def test_no_index_and_a_damaged_one(settings, assistant):
    generation = settings.index_dir / assistant.index().generation
    (generation / "vectors.faiss").write_bytes(b"x")
    assert told(assistant)["index"].todo_en == "run `rag index`"
    with_settings(assistant, data_dir=settings.data_dir / "elsewhere")
    found = told(assistant)
    assert found["index"].status == "fail" and "not indexed" in found["index"].en
    assert found["logins"].status == "ok"  # the round goes on


def test_a_folder_that_cannot_be_used(assistant, tmp_path):
    (tmp_path / "file").write_text("x")
    found = told(with_settings(assistant, cache_dir=tmp_path / "file" / "cache"))
    assert found["cache folder"].status == "fail"
    assert "RAG_CACHE_DIR" in found["cache folder"].todo_en


def test_little_space(assistant, monkeypatch):
    usage = doctor.shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: usage)
    assert statuses(assistant)["data folder"] == "fail"


def test_an_embedder_that_does_not_load(settings):
    broken = Assistant(settings.model_copy(update={"embedding": "/nowhere/model"}))
    found = told(broken)
    assert found["embedder"].status == "fail"
    assert "embedding" in found["embedder"].todo_en


@pytest.mark.parametrize(("data", "status"), [(b"GGUF", "ok"), (b"GGUX", "fail")])
def test_weights_are_hashed(assistant, tmp_path, monkeypatch, data, status):
    right = hashlib.sha256(b"GGUF").hexdigest()
    monkeypatch.setattr(doctor, "QWEN_1_5B", Weights("q", "none{}", 1, right, "x"))
    assembled_path(doctor.QWEN_1_5B, tmp_path).write_bytes(data)
    with_settings(assistant, llm="local", cache_dir=tmp_path)
    assert statuses(assistant)["llm weights"] == status


def test_the_llm_is_asked_only_when_deep(assistant, scripted):
    with_settings(assistant, llm="scripted:x", llm_api_key=None)
    scripted.enqueue("yes")
    assert statuses(assistant)["llm"] == "ok"
    assert not scripted.history
    assert statuses(assistant, deep=True)["llm answers"] == "ok"
    assert len(scripted.history) == 1


def test_a_missing_engine(assistant, monkeypatch):
    assistant.models["gguf:x"] = LocalModel(
        "gguf:x",
        lambda progress: pytest.fail("must not be loaded"),
        assistant.runtime.host,
        assistant.settings,
    )
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    found = told(with_settings(assistant, llm="gguf:x"))
    assert found["llm engine"].status == "fail"
    assert ".[local]" in found["llm engine"].todo_en


def test_the_command(assistant, monkeypatch):
    monkeypatch.setattr("rag.cli.service.open_assistant", lambda *_: assistant)
    ran = CliRunner().invoke(app, ["doctor", "--json"])
    report = json.loads(ran.stdout)
    assert (ran.exit_code, report["status"]) == (0, "ok")
    assert {"name", "status", "en", "zh", "todo_en", "todo_zh"} == report["checks"][0].keys()
    assert "✓ index" in CliRunner().invoke(app, ["doctor"]).stdout
    with_settings(assistant, data_dir=assistant.settings.data_dir / "elsewhere")
    ran = CliRunner().invoke(app, ["doctor", "--json"])
    assert isinstance(ran.exception, RagError) and ran.exception.exit_code == 1
    assert "index" in str(ran.exception)
    assert json.loads(ran.stdout)["status"] == "fail"


def test_a_wrong_spec_is_a_finding_not_a_crash(tmp_path, corpus, embedder):
    made = Assistant(load_settings(corpus=corpus, data_dir=tmp_path / "data", llm="wrong"))
    made.embedder = embedder
    found = told(made)
    assert found["llm"].status == "fail" and "'wrong'" in found["llm"].en
