import json
from contextlib import closing

import numpy as np
import pytest
from langchain_core.documents import Document
from langchain_tests.integration_tests import VectorStoreIntegrationTests

from rag.errors import IndexUnusable
from rag.index.local.word_index import LexicalIndex
from rag.search.hybrid import HybridRetriever
from rag.text.words import content_words

pytest.importorskip("langchain_milvus", reason="the extra `milvus` is not installed")
pytest.importorskip("milvus_lite", reason="the extra `milvus` is not installed")

from rag.index.milvus.milvus_store import MilvusStore
from rag.index.milvus.milvus_words import MilvusWords

TEXTS = {
    "a.md": ["LoRA 冻结预训练权重,只训练两个低秩矩阵。", "LoRA 的秩 r 通常取 8 到 64。"],
    "b.md": ["键值缓存保存已生成 token 的 Key 和 Value。"],
    'c\'s "x".md': ["PPO 用裁剪限制每次更新的幅度。"],
}


class TestMilvusStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path):
        store = MilvusStore(self.get_embeddings(), str(tmp_path / "milvus.db"))
        yield store
        store.close()


def documents():
    return [
        Document(page_content=text, metadata={"note": note, "start": place})
        for note, texts in TEXTS.items()
        for place, text in enumerate(texts)
    ]


@pytest.fixture
def filled(tmp_path, embedder):
    store = MilvusStore(embedder, str(tmp_path / "milvus.db"))
    items = documents()
    store.add_documents(items, ids=[str(place) for place in range(len(items))])
    yield store
    store.close()


def test_bm25_of_the_engine_is_our_bm25(filled):
    items = documents()
    local = LexicalIndex.build([item.page_content for item in items])
    words = MilvusWords(filled, local)
    for question in ("LoRA 的秩", "键值缓存 token", "裁剪 LoRA 矩阵"):
        query = content_words(question)
        found = dict(words.top(query, 10))
        expected = {str(row): score for row, score in local.top(query, 10)}
        assert list(found) == list(expected)  # in the same order
        for row, score in expected.items():
            assert found[row] == pytest.approx(score, rel=0.05)  # milvus-lite has another k1
    query = content_words("LoRA 的秩")
    assert words.scores_of(query, ["2", "1"]) == pytest.approx(
        local.scores_of(query, [2, 1]), rel=0.05
    )


def test_the_same_retriever_over_milvus(filled):
    local = LexicalIndex.build([item.page_content for item in documents()])
    retriever = HybridRetriever(store=filled, lexical=MilvusWords(filled, local))
    assert retriever.search("LoRA 的秩取多少?", 1)[0].document.metadata["note"] == "a.md"
    only = retriever.search("LoRA 的秩取多少?", 5, notes=["b.md", 'c\'s "x".md'])
    assert {hit.document.metadata["note"] for hit in only} == {"b.md", 'c\'s "x".md'}


def test_note_sets_are_partitions_that_do_not_see_each_other(filled, tmp_path, embedder):
    other = MilvusStore(embedder, str(tmp_path / "milvus.db"), partition="other")
    other.add_documents([Document(page_content="LoRA 别处的笔记", metadata={})], ids=["z"])
    both = MilvusStore(embedder, str(tmp_path / "milvus.db"), reads=["notes", "other"])
    assert (len(filled), len(other), len(both)) == (4, 1, 5)
    assert "z" not in {row for row, _ in filled.nearest(embedder.embed_query("LoRA"), 5)}
    other.delete()
    assert (len(filled), len(other)) == (4, 0)
    other.close()
    both.close()


def test_words_and_notes_come_back_and_notes_are_deleted(filled):
    assert filled.words_of_notes(["b.md"]) == [content_words(TEXTS["b.md"][0])]
    assert [item.page_content for item in filled.of_notes(["a.md"])] == TEXTS["a.md"]
    filled.delete_notes(["a.md", 'c\'s "x".md'])
    assert [json.loads(json.dumps(d.metadata))["note"] for d in filled.documents] == ["b.md"]


def test_building_again_sends_only_what_changed_and_keeps_the_word_counts(
    tmp_path, corpus, embedder
):
    from rag.index.milvus.build_milvus import build_milvus, load_milvus, milvus_generation
    from rag.index.milvus.milvus_state import MilvusState
    from rag.readers.corpus import read_corpus

    store = MilvusStore(embedder, str(tmp_path / "milvus.db"))
    folder = tmp_path / "index" / "notes"
    first = build_milvus(folder, store, read_corpus(corpus), embedder, 220)
    generation = milvus_generation(folder)
    (corpus / "ppo.md").unlink()
    (corpus / "lora.md").write_text("# LoRA\n\nLoRA 只训练两个小矩阵。\n", "utf-8")
    report = build_milvus(folder, store, read_corpus(corpus), embedder, 220)
    assert (first.added, report.changed, report.removed, report.embedded) == (3, 1, 1, 1)
    assert milvus_generation(folder) != generation
    index = load_milvus(folder, store, embedder)
    assert index.notes.keys() == {"lora.md", "sub/kv.md"}
    assert not index.lexical.knows("ppo")
    texts = [item.metadata["title"] + "\n" + item.page_content for item in store.documents]
    fresh = LexicalIndex.build(texts)
    assert index.lexical.idf("lora") == pytest.approx(fresh.idf("lora"))
    retriever = HybridRetriever(store=index.store, lexical=index.lexical)
    assert retriever.search("LoRA 训练什么?", 1)[0].document.metadata["note"] == "lora.md"
    build_milvus(folder, store, read_corpus(corpus), embedder, 230)  # all anew, nothing twice
    with closing(MilvusState(folder)) as state:
        state.set_facts(format="0")  # as an earlier version of the program wrote it
    with pytest.raises(IndexUnusable, match="another format"):
        load_milvus(folder, store, embedder)
    build_milvus(folder, store, read_corpus(corpus), embedder, 230)
    again = load_milvus(folder, store, embedder)
    assert len(again.store) == len(texts)
    assert again.lexical.idf("lora") == pytest.approx(fresh.idf("lora"))
    store.close()


def test_the_same_note_in_two_corpora_is_two_rows(tmp_path, embedder):
    """Building one deleted the other's chunks: their ids were the same."""
    both = {name: MilvusStore(embedder, str(tmp_path / "m.db"), name) for name in ("a", "b")}
    for name, store in both.items():
        note = Document(page_content=f"LoRA 在 {name} 里", metadata={"note": "README.md"})
        store.add_documents([note], ids=["README.md#0-9"])
    for name, store in both.items():
        assert len(store) == 1
        [found] = store.get_by_ids(["README.md#0-9"])
        assert (found.page_content, found.id) == (f"LoRA 在 {name} 里", "README.md#0-9")
        assert [row for row, _ in store.nearest(embedder.embed_query("LoRA"), 3)] == [found.id]
    both["a"].delete(["README.md#0-9"])
    assert (len(both["a"]), len(both["b"])) == (0, 1)
    both["b"].delete_notes(["README.md"])
    assert len(both["b"]) == 0
    for store in both.values():
        store.close()


def test_vectors_come_in_the_order_asked(filled, embedder):
    found = filled.vectors_of(["2", "0"])
    texts = [documents()[place].page_content for place in (2, 0)]
    assert np.allclose(found, embedder.embed_documents(texts), atol=1e-3)
