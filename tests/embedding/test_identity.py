"""Vectors of another prompt, server or dimension are other vectors."""

import numpy as np

from rag.embedding.load import load_embeddings
from rag.embedding.vector_cache import embed_cached
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


def test_a_cached_vector_of_another_dimension_is_made_again(tmp_path):
    cache = tmp_path / "c.sqlite"
    embed_cached(["a", "bb"], Fake(3), cache)
    vectors, embedded = embed_cached(["a", "bb", "ccc"], Fake(4), cache)
    assert vectors.shape == (3, 4) and embedded == 3
    assert np.array_equal(embed_cached(["a"], Fake(4), cache)[0], [[1.0] * 4])
