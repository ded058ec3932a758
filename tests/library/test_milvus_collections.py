"""Collections in Milvus: their state is told as it is, and a new one may be empty."""

import numpy as np
import pytest

from rag.assistant import Assistant
from rag.doctor import examine
from rag.errors import IndexUnusable
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


class Sized:
    """A model that gives vectors of another length under the same name."""

    model_id = "sized"

    def __init__(self, inner, size):
        self._inner = inner
        self._size = size

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def dimension(self):
        return self._size

    def embed_documents(self, texts):
        return np.asarray(self._inner.embed_documents(texts))[:, : self._size]

    def embed_queries(self, texts):
        return np.asarray(self._inner.embed_queries(texts))[:, : self._size]

    def embed_query(self, text):
        return np.asarray(self._inner.embed_query(text))[: self._size]


def test_another_dimension_is_built_anew_by_itself(tmp_path, embedder):
    """It ended in a raw MilvusException."""
    settings = load_settings(
        corpus=write_corpus(tmp_path), data_dir=tmp_path / "data", llm="none",
        store=str(tmp_path / "milvus.db"),
    )  # fmt: skip

    def opened(size):
        made = Assistant(settings)
        made.embedder = Sized(embedder, size)
        return made

    first = opened(384)
    first.build()
    assert first.answer("LoRA 的缺点是什么?").citations
    second = opened(128)
    with pytest.raises(IndexUnusable, match="384 numbers"):
        second.answer("LoRA 的缺点是什么?")
    assert second.build().notes == 3
    assert second.answer("LoRA 的缺点是什么?").citations
    third = opened(384)
    third.build()
    assert third.answer("LoRA 的缺点是什么?").citations


def test_what_goes_wrong_in_the_engine_is_one_sentence(stored, monkeypatch):
    from pymilvus.exceptions import MilvusException

    store = next(iter(stored.library._backend._stores.values()))

    def fail(*_, **__):
        raise MilvusException(code=1, message="vector dimension mismatch\nat line 3")

    monkeypatch.setattr(store._client._inner, "search", fail, raising=False)
    with pytest.raises(IndexUnusable, match=r"Milvus at .* failed .*vector dimension mismatch at"):
        store.nearest(stored.embedder.embed_query("x"), 3)
