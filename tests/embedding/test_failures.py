"""What fails in loading is said of the setting, what fails over a text is not."""

import numpy as np
import pytest

from rag.embedding.sentence_transformer import FastEncoder, SentenceTransformerEmbeddings
from rag.errors import ModelError


def fails(*_, **__):
    raise RuntimeError("tensor of size 0")


def test_a_model_that_cannot_be_loaded_is_told_by_its_setting():
    with pytest.raises(ModelError, match=r"cannot be loaded .*`embedding` setting"):
        SentenceTransformerEmbeddings("m", fails).embed_query("x")
    fast = FastEncoder(fails, fails, fails, fails)
    with pytest.raises(ModelError, match=r"cannot be loaded .*`embedding` setting"):
        SentenceTransformerEmbeddings("m", fails, fast).embed_documents(["x"])


def test_a_text_that_the_model_fails_over_is_not_blamed_on_the_setting():
    """It was said that the model cannot be loaded and the setting be checked."""
    fast = FastEncoder(lambda: None, fails, fails, fails)
    one = SentenceTransformerEmbeddings("m", fails, fast)
    for run in (
        lambda: one.embed_query("x"), lambda: one.embed_documents(["x"]),
        lambda: one.count_tokens("x"),
    ):  # fmt: skip
        with pytest.raises(ModelError, match=r"failed over a text \(tensor of size 0\)") as caught:
            run()
        assert "setting" not in str(caught.value)

    class Model:
        encode_query = encode_document = fails

    with pytest.raises(ModelError, match="failed over a text"):
        SentenceTransformerEmbeddings("m", Model).embed_query("x")


def test_vectors_come_as_lists():
    class Model:
        def encode_query(self, texts, **_):
            return np.ones((len(texts), 2), np.float32)

    assert SentenceTransformerEmbeddings("m", Model).embed_query("x") == [1.0, 1.0]
