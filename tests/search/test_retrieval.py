"""Hybrid search against what its docstring says, computed the plain way."""

import random

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from rag.index.local import bm25
from rag.index.local.faiss_store import FaissStore
from rag.index.local.word_index import LexicalIndex
from rag.search.fusion import RRF_K, lexical_weight
from rag.search.hybrid import DEPTH, LEXICAL_SHARE, HybridRetriever
from rag.search.near_duplicates import DUPLICATE, distinct
from rag.text.words import content_words

WORDS = [
    "键值缓存",
    "注意力",
    "lora",
    "rank",
    "矩阵",
    "attention",
    "量化",
    "奖励模型",
    "token",
    "3",
]


class RandomEmbeddings(Embeddings):
    """The same random direction for the same text."""

    def embed_query(self, text):
        made = np.random.default_rng(list(text.encode())).standard_normal(32)
        return (made / np.linalg.norm(made)).tolist()

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]


def shingles(text):
    dense = "".join(text.split())
    return {dense[n : n + 4] for n in range(max(1, len(dense) - 3))}


def same(one, two):
    a, b = shingles(one), shingles(two)
    return len(a & b) / len(a | b) >= DUPLICATE


def passages(count, seed=4):
    """Random passages, every fourth nearly that before it."""
    rng = random.Random(seed)
    made = []
    for n in range(count):
        if n % 4 == 3:
            made.append(made[-1].replace(" ", "\n", 1) + rng.choice(["", "。", " token"]))
        else:
            made.append(" ".join(rng.choices(WORDS, k=rng.randint(20, 40))) + f" {n}")
    return made


@pytest.mark.parametrize("small", [bm25.SMALL, 0])
def test_the_order_is_that_of_the_fused_scores(monkeypatch, small):
    monkeypatch.setattr(bm25, "SMALL", small)
    texts = passages(400)
    store = FaissStore(RandomEmbeddings())
    store.add_texts(texts, ids=[str(n) for n in range(len(texts))])
    index = LexicalIndex.build(texts)
    retriever = HybridRetriever(store=store, lexical=index)
    rng = random.Random(1)
    for _ in range(25):
        question = " ".join(rng.sample([*WORDS, "的", "unknown"], 3))
        words = content_words(question)
        dense = store.vectors() @ np.asarray(store.embeddings.embed_query(question), np.float32)
        lexical = index.scores(words)
        weight, mass = lexical_weight(index, words)
        fused = {}
        for scores, share in ((dense, 1.0), (lexical, weight)):
            order = np.argsort(-scores, kind="stable")[:DEPTH].tolist()
            for rank, row in enumerate(order, 1):
                if scores is dense or scores[row] > 0:
                    fused[row] = fused.get(row, 0) + share / (RRF_K + rank)
        for row in fused:
            fused[row] += dense[row] + LEXICAL_SHARE * lexical[row] / (mass or 1.0)
        expected = []
        for row in sorted(fused, key=lambda row: -fused[row]):
            if not any(same(texts[row], texts[other]) for other in expected):
                expected.append(row)
            if len(expected) == 12:
                break
        hits = retriever.search(question, 12)
        assert [int(hit.document.id) for hit in hits] == expected
        assert [hit.score for hit in hits] == pytest.approx(
            [fused[row] for row in expected], abs=1e-4
        )


def test_near_duplicates_are_told_by_their_ngrams():
    rng = random.Random(2)
    text = "".join(rng.choices("键值缓存保存已生成的词元避免重复计算abcdef0123456789", k=300))
    verdicts = set()
    for changes in [0, *range(1, 12)] * 4:  # a changed character spoils four of 297 n-grams
        changed = list(text)
        for place in rng.sample(range(300), changes):
            changed[place] = "改"
        changed.insert(rng.randrange(300), "  \n")
        other = "".join(changed)
        found = distinct([text, other])
        assert found == ([0] if same(text, other) else [0, 1])
        verdicts.add(len(found))
    assert verdicts == {1, 2}
    odd = [text, text * 2, text[:150], "", "短", " \n", "短", text[:290], "\ud800" * 5]
    expected = []
    for place, other in enumerate(odd):
        if not any(same(other, odd[earlier]) for earlier in expected):
            expected.append(place)
    assert distinct(odd) == expected == [0, 2, 3, 4, 8]
