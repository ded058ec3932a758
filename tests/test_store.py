import pytest
from langchain_core.documents import Document
from langchain_tests.integration_tests import (
    EmbeddingsIntegrationTests,
    RetrieversIntegrationTests,
    VectorStoreIntegrationTests,
)

from rag.embedding import SentenceTransformerEmbeddings, load_embeddings
from rag.errors import IndexError_
from rag.lexical import LexicalIndex
from rag.retrieval import HybridRetriever
from rag.settings import load_settings
from rag.store import FaissStore


class TestFaissStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self):
        return FaissStore(self.get_embeddings())


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
    with pytest.raises(IndexError_, match="rag index"):
        FaissStore.load(tmp_path, embedder)
