"""Cosines beside those of the adapted vectors, computed the plain way."""

import numpy as np
import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from rag.index.local.faiss_store import FaissStore
from rag.search.embedding_adapter import WEIGHTS, adapter_of
from rag.search.hybrid import HybridRetriever
from rag.search.nearness import ADAPTED_SHARE, Nearness

SECTIONS = [
    "LoRA 冻结预训练权重,只训练两个低秩矩阵。",
    "LoRA 的秩 r 通常取 8 到 64。",
    "键值缓存保存已生成 token 的 Key 和 Value。",
    "PPO 用裁剪限制每次更新的幅度。",
]
QUESTION = "显存里存的那个历史，是干嘛用的"


class Unknown(Embeddings):
    """Some other model's vectors."""

    def __init__(self, like):
        self._like = like
        self.model_id = "another/model"

    def embed_query(self, text):
        return self._like.embed_query(text)

    def embed_documents(self, texts):
        return self._like.embed_documents(texts)


def filled(embedder):
    store = FaissStore(embedder)
    store.add_documents([Document(page_content=text) for text in SECTIONS])
    return store


def nearness(store, found=2):
    vector = np.asarray(store.embeddings.embed_query(QUESTION), np.float32)
    return vector, Nearness(store, vector, store.nearest(vector, found))


def test_both_cosines_count_half_and_rank(embedder):
    vector, near = nearness(filled(embedder))
    near.look_up(range(len(SECTIONS)))
    maps = np.load(WEIGHTS)
    asked = vector @ maps["question"].astype(np.float32)
    for row, text in enumerate(SECTIONS):
        section = np.asarray(embedder.embed_documents([text])[0], np.float32)
        told = section @ maps["passage"].astype(np.float32)
        adapted = asked @ told / np.linalg.norm(asked) / np.linalg.norm(told)
        assert near.plain(row) == pytest.approx(float(vector @ section), abs=1e-3)
        assert near.adapted(row) == pytest.approx(float(adapted), abs=1e-3)
        half = (1 - ADAPTED_SHARE) * near.plain(row) + ADAPTED_SHARE * near.adapted(row)
        assert near[row] == pytest.approx(half)
    assert abs(near.adapted(0) - near.plain(0)) > 0.01  # the maps do something
    assert list(near.first) == sorted(near.first, key=lambda row: -near[row])


def test_other_models_stay_as_they_are(embedder):
    other = Unknown(embedder)
    assert adapter_of(other) is None
    _, near = nearness(filled(other))
    near.look_up(range(len(SECTIONS)))
    assert all(near[row] == near.plain(row) == near.adapted(row) for row in range(len(SECTIONS)))


def test_a_question_in_other_words_finds_its_section_among_the_notes_of_the_field(assistant):
    hits = HybridRetriever.over(assistant.index()).search(QUESTION, 3)
    assert all(hit.adapted != hit.dense for hit in hits)
    assert hits[0].document.metadata["note"].endswith("kv.md")
