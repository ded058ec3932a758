import random
from pathlib import Path

import bm25s
import numpy as np
import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import (
    EmbeddingsIntegrationTests,
    RetrieversIntegrationTests,
    VectorStoreIntegrationTests,
)

from rag.embedding.load import load_embeddings
from rag.embedding.sentence_transformer import SentenceTransformerEmbeddings
from rag.errors import IndexUnusable
from rag.index.local import bm25
from rag.index.local import faiss_kinds as index_kinds
from rag.index.local.bm25 import K1, B
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.search.hybrid import HybridRetriever
from rag.settings import load_settings
from rag.text.words import content_words


class TestFaissStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self):
        return FaissStore(self.get_embeddings())


class TestHnswStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self):
        return FaissStore(self.get_embeddings(), "hnsw")


class TestIvfStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self):
        return FaissStore(self.get_embeddings(), "ivf")


class TestIvfPqStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self):
        return FaissStore(self.get_embeddings(), "ivfpq")


class BundledEmbeddings(SentenceTransformerEmbeddings):
    def __init__(self):
        made = load_embeddings(load_settings())
        super().__init__(made.model_id, made._load)


class TestBundledEmbeddings(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self):
        return BundledEmbeddings

    @property
    def embedding_model_params(self):
        return {}


class FruitRetriever(HybridRetriever):
    """The standard tests construct a retriever from plain parameters."""

    def __init__(self, k: int = 4):
        store = FaissStore(BundledEmbeddings())
        texts = [
            f"note {n} about {word}"
            for n, word in enumerate(["ants", "bees", "cows", "dogs", "eels"])
        ]
        store.add_texts(texts)
        super().__init__(store=store, lexical=LexicalIndex.build(texts), k=k)


class TestHybridRetriever(RetrieversIntegrationTests):
    @property
    def retriever_constructor(self):
        return FruitRetriever

    @property
    def retriever_constructor_params(self):
        return {"k": 4}

    @property
    def retriever_query_example(self):
        return "cows"


class NoEmbeddings(Embeddings):
    """Vectors are given; nothing may be embedded."""

    def embed_documents(self, texts):
        raise AssertionError

    def embed_query(self, text):
        raise AssertionError


def topics(count, dimension=48, seed=3):
    """Normalised vectors around 20 centres."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((20, dimension))
    made = centres[rng.integers(0, 20, count)] + 0.5 * rng.standard_normal((count, dimension))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def filled(vectors, kind):
    store = FaissStore(NoEmbeddings(), kind)
    documents = [
        Document(page_content=f"t{n}", metadata={"note": f"{n % 50}.md"})
        for n in range(len(vectors))
    ]
    store.add_vectors(documents, vectors, [str(n) for n in range(len(vectors))])
    return store


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivf", "ivfpq"])
def test_every_kind_finds_forgets_grows_and_is_read_back(tmp_path, kind):
    vectors = topics(1100)
    store = filled(vectors, kind)
    assert store.kind == kind
    exact = vectors @ vectors[7]
    best = set(np.argsort(-exact)[:10].tolist())
    found = store.nearest(vectors[7], 10)
    assert len(best & {row for row, _ in found}) >= 9
    assert found[0][1] == pytest.approx(1.0, abs=0.02)
    store.delete(["7", "8"])
    store.add_vectors([Document(page_content="new", metadata={})], vectors[7:8], ["new"])
    store.save(tmp_path)
    loaded = FaissStore.load(tmp_path, NoEmbeddings(), kind)
    assert loaded.kind == kind
    assert len(loaded) == 1099
    assert loaded.search_vector(vectors[7], 1)[0][0].id == "new"
    assert not loaded.get_by_ids(["7", "8"])
    assert 7 not in {row for row, _ in loaded.nearest(vectors[7], 50)}
    assert loaded.cosines(vectors[7], [9]) == pytest.approx([float(exact[9])], abs=0.02)
    loaded.add_vectors([Document(page_content="more", metadata={})], -vectors[7:8], ["more"])
    assert loaded.search_vector(-vectors[7], 1)[0][0].id == "more"
    assert (tmp_path / "vectors.faiss").stat().st_size > 0


@pytest.mark.parametrize("kind", ["flat", "ivf", "hnsw"])  # ivfpq searches as ivf does
@pytest.mark.parametrize("notes", [{"3.md"}, {f"{n}.md" for n in range(45)}])
def test_only_the_named_notes_are_searched(kind, notes):
    vectors = topics(3000)
    store = filled(vectors, kind)
    among = store.select(notes)
    found = [row for row, _ in store.nearest(vectors[4], 10, among)]
    allowed = [row for row in range(3000) if f"{row % 50}.md" in notes]
    best = sorted(allowed, key=lambda row: -float(vectors[row] @ vectors[4]))[:10]
    assert set(found) <= set(allowed)
    assert len(set(found) & set(best)) >= 9


def test_compacting_closes_the_gaps_and_keeps_what_is_there():
    vectors = topics(600)
    store = filled(vectors, "flat")
    store.delete([str(n) for n in range(0, 600, 2)])
    kept = store.compact()
    assert kept.tolist() == list(range(1, 600, 2))
    assert [d.id for d in store.documents[:2]] == ["1", "3"]
    assert store.search_vector(vectors[5], 1)[0][0].id == "5"
    assert np.allclose(store.vectors()[0], vectors[1], atol=1e-6)


def test_a_growing_store_changes_its_kind(monkeypatch):
    monkeypatch.setattr(index_kinds, "FLAT_UP_TO", 1000)
    vectors = topics(2500)
    store = filled(vectors[:900], "auto")
    assert store.kind == "flat"
    more = [Document(page_content=f"t{n}", metadata={}) for n in range(900, 2500)]
    store.add_vectors(more, vectors[900:], [str(n) for n in range(900, 2500)])
    assert store.kind == "ivf"
    assert [store.search_vector(vectors[n], 1)[0][0].id for n in (3, 2400)] == ["3", "2400"]


WORDS = ["键值", "缓存", "lora", "rank", "矩阵", "attention", "量化", "ppo", "奖励", "token"]


def passages(count, seed=5):
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, range(10, 0, -1), k=rng.randint(3, 30)))
            for _ in range(count)]  # fmt: skip


@pytest.mark.parametrize("small", [bm25.SMALL, 0])  # every row scored, or MaxScore
def test_scores_are_those_of_bm25s_and_the_best_are_exact(monkeypatch, small):
    monkeypatch.setattr(bm25, "SMALL", small)
    texts = [*passages(800), "", "罕见 rare"]
    index = LexicalIndex.build(texts)
    scorer = bm25s.BM25(k1=K1, b=B, method="lucene")
    scorer.index([content_words(text) for text in texts], show_progress=False)
    for text in ("lora 矩阵", "键值 缓存 ppo 奖励 token", "罕见 lora 缓存", "lora lora rank"):
        query = content_words(text)
        expected = scorer.get_scores(query)
        assert np.allclose(index.scores(query), expected, rtol=1e-5)
        found = index.top(query, 10)
        assert [score for _, score in found] == pytest.approx(
            np.sort(expected)[::-1][:10].tolist(), rel=1e-5
        )
        rows = [row for row, _ in found]
        assert index.scores_of(query, rows) == pytest.approx([s for _, s in found], rel=1e-5)
    allowed = np.arange(100, 700)
    query = ["lora", "ppo"]
    scores = index.scores(query)
    for count in (1, 9):  # few rows are looked up, many are searched
        expected = np.sort(scores[allowed])[::-1][:count].tolist()
        found = index.top(query, count, allowed)
        assert [score for _, score in found] == pytest.approx(expected)
        assert {row for row, _ in found} <= set(allowed.tolist())
    assert index.top(["unknown"], 5) == []


def test_an_updated_word_index_is_the_same_as_a_fresh_one(tmp_path):
    texts = passages(60)
    index = LexicalIndex.build([*texts[:40], "独特的词 unique"])
    index.save(tmp_path)
    updated = LexicalIndex.load(tmp_path).updated({3, 40}, texts[40:])
    fresh = LexicalIndex.build([t for n, t in enumerate(texts) if n != 3])
    assert (updated.size, updated.rows) == (59, 61)
    assert not updated.knows("unique")
    rows = [row for row in range(61) if row not in (3, 40)]
    for query in (["lora", "矩阵"], ["键值", "奖励"]):
        assert np.allclose(updated.scores(query)[rows], fresh.scores(query), rtol=1e-5)
        assert updated.scores(query)[3] == 0
    packed = updated.compacted(np.array(rows))
    assert np.allclose(packed.scores(["lora"]), fresh.scores(["lora"]), rtol=1e-5)
    assert packed.idf("ppo") == pytest.approx(fresh.idf("ppo"))


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivf"])
def test_an_index_file_is_mapped_not_read(tmp_path, kind):
    path = tmp_path / "vectors.faiss"
    filled(topics(600), kind).save(tmp_path)
    index = index_kinds.read_index(path, mapped=False)
    assert str(path) not in Path("/proc/self/maps").read_text()
    index = index_kinds.read_index(path, mapped=True)
    assert str(path) in Path("/proc/self/maps").read_text()
    assert index.ntotal == 600


def test_saved_store_is_the_same_and_a_cut_file_is_refused(tmp_path, embedder):
    store = FaissStore(embedder)
    store.add_documents(
        [Document(page_content=t, metadata={"n": n}) for n, t in enumerate(["甲", "乙", "丙"])],
        ids=["a", "b", "c"],
    )
    store.delete(["b"])
    store.save(tmp_path)
    loaded = FaissStore.load(tmp_path, embedder)
    assert [(d.id, d.metadata) for d in loaded.documents] == [("a", {"n": 0}), ("c", {"n": 2})]
    assert loaded.similarity_search("丙", k=1)[0].id == "c"
    path = tmp_path / "vectors.faiss"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(IndexUnusable, match="rag index"):
        FaissStore.load(tmp_path, embedder)
