"""Collections in Milvus: their state is told as it is, and a new one may be empty."""

import pytest

from rag.assistant import Assistant
from rag.doctor import examine
from rag.settings import load_settings
from tests.live import write_corpus

pytest.importorskip("langchain_milvus", reason="the extra `milvus` is not installed")
pytest.importorskip("milvus_lite", reason="the extra `milvus` is not installed")


@pytest.fixture(scope="module")
def stored(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("stored")
    made = Assistant(
        load_settings(
            corpus=write_corpus(folder),
            data_dir=folder / "data",
            llm="none",
            store=str(folder / "milvus.db"),
        )
    )
    made.embedder = embedder
    made.build()
    return made


def test_indexed_notes_are_said_to_be_indexed(stored):
    status = stored.library.status(stored.collection())
    assert {entry.path: entry.state for entry in status.entries} == dict.fromkeys(
        ["kv.md", "lora.md", "ppo.md"], "indexed"
    )
    assert status.chunks and status.built


def test_the_doctor_finds_the_index(stored):
    found = {check.name: check for check in examine(stored)}
    assert found["index"].status == "ok" and "3 notes" in found["index"].en
    assert found["index is current"].status == "ok"


def test_a_new_collection_is_empty_and_no_error(stored):
    stored.library.registry.create("papers")
    report = stored.build(name="papers")
    assert (report.notes, report.chunks) == (0, 0)
    assert stored.library.status(stored.collection("papers")).entries == ()
    assert stored.library.status(stored.collection()).count("indexed") == 3  # untouched by it
