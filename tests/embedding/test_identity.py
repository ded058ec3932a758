"""Vectors of another prompt, server or dimension are other vectors."""

import numpy as np
import pytest

from rag.embedding.embedder import Embedder
from rag.embedding.load import load_embeddings
from rag.embedding.vector_cache import embed_cached
from rag.index.local.build_local import build_index
from rag.index.local.open_local import load_index
from rag.readers.corpus import read_corpus
from rag.settings import load_settings


def identity(**given):
    return load_embeddings(load_settings(llm_api_key="k", **given)).model_id


def test_prompts_and_address_are_part_of_the_identity():
    named = {identity(embedding="m")}
    named.add(identity(embedding="m", embedding_document_prompt="passage: "))
    named.add(identity(embedding="m", embedding_query_prompt="passage: "))
    assert len(named) == 3 and identity(embedding="m") == "m"
    one = identity(embedding="openai:m", embedding_base_url="http://u:secret@a:1/v1")
    other = identity(embedding="openai:m", embedding_base_url="http://b:1/v1")
    assert len({one, other, identity(embedding="openai:m")}) == 3 and "secret" not in one


class Fake:
    model_id = "fake"

    def __init__(self, size):
        self.size = size

    def embed_documents(self, texts):
        return [[float(len(text))] * self.size for text in texts]

    def embed_query(self, text):
        return [0.0] * self.size

    def dimension(self):
        return None


def test_a_cached_vector_of_another_dimension_is_made_again(tmp_path):
    cache = tmp_path / "c.sqlite"
    embed_cached(["a", "bb"], Fake(3), cache)
    vectors, embedded = embed_cached(["a", "bb", "ccc"], Fake(4), cache)
    assert vectors.shape == (3, 4) and embedded == 3
    assert np.array_equal(embed_cached(["a"], Fake(4), cache)[0], [[1.0] * 4])


class Sized(Embedder):
    """A model that keeps its name when its dimension changes, as one behind an endpoint may."""

    def __init__(self, size):
        self.model_id, self.size = "openai:m at a/v1", size

    def _vector(self, text):
        made = np.random.default_rng(len(text)).standard_normal(self.size)
        return (made / np.linalg.norm(made)).tolist()

    def embed_documents(self, texts):
        return [self._vector(text) for text in texts]

    def embed_query(self, text):
        return self._vector(text)

    def count_tokens(self, text):
        return len(text)

    def dimension(self):
        return self.size


@pytest.mark.parametrize("also_changed", [False, True])
def test_an_index_of_another_dimension_is_made_anew(tmp_path, corpus, also_changed):
    """It ended in `all input arrays must have the same shape`, or answered from wrong vectors."""
    folder = tmp_path / "index" / "notes"
    build_index(folder, read_corpus(corpus), Sized(8), 200)
    if also_changed:
        (corpus / "ppo.md").write_text("# PPO\n\n改过的一篇。\n", "utf-8")
    report = build_index(folder, read_corpus(corpus), Sized(12), 200)
    index = load_index(folder, Sized(12))
    assert report.notes == 3 and report.embedded > 0
    found = index.store.similarity_search_with_score("LoRA", k=3)
    assert len(found) == 3
