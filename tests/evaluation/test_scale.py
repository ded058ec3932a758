import json

import numpy as np
import pytest
from langchain_core.documents import Document

from rag.evaluation.scale.scale_run import measure, write_report
from rag.evaluation.scale.synthetic import Base, Source
from rag.text.words import content_words


@pytest.fixture(scope="module")
def base():
    rng = np.random.default_rng(2)
    vectors = rng.standard_normal((60, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    chunks = tuple(
        Document(
            page_content=f"第 {n} 段讲 LoRA 的秩。它有 {n} 个矩阵。The cache keeps {n} keys.",
            metadata={"note": f"{n // 6}.md", "title": f"笔记 {n // 6}"},
        )
        for n in range(60)
    )
    return Base(chunks, vectors, ("LoRA 的秩是多少?", "What does the cache keep?"), vectors[:2])


def test_drawn_passages_repeat_themselves_but_not_one_another(base):
    source = Source(base)
    drawn = list(source.passages(3000))
    assert [item.text for item in drawn] == [item.text for item in Source(base).passages(3000)]
    assert len({item.text for item in drawn}) > 2990
    assert drawn[5].words() == content_words(drawn[5].title + "\n" + drawn[5].text)
    vectors = np.concatenate(list(source.vectors(3000)))
    assert vectors.shape == (3000, 32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert len(np.unique(vectors, axis=0)) == 3000


def test_a_measured_size_has_every_figure(base, tmp_path, embedder):
    costs = list(measure(base, [400], ["flat", "ivf"], tmp_path, embedder))
    flat, ivf = costs
    assert (flat.kind, ivf.kind) == ("flat", "ivf")
    assert flat.recall_at_10 == 1.0
    assert ivf.recall_at_10 > 0.8
    assert flat.lexical_at_10 == ivf.lexical_at_10 == 1.0
    assert flat.mapped_bytes > ivf.mapped_bytes > 32
    assert flat.ratio > 0
    path, picture = write_report(tmp_path, {"questions": 2}, costs)
    assert len(json.loads(path.read_text("utf-8"))["costs"]) == 2
    assert picture is None or picture.stat().st_size > 10_000
