"""The support judge against hand labels: 49 faithful sentences, 78 that were spoilt by hand.

`support_pairs.jsonl`: `claim`, `supported` (the label), `kind` of spoiling, and the `passage`.
The rules of `rag.grounding.disagreement` were written with this set in view, so these shares are
upper bounds.
"""

import json
from collections import Counter

import numpy as np
import pytest
from langchain_core.documents import Document

from rag.grounding.disagreement import contradiction, misstates
from rag.grounding.passage import Passage
from rag.grounding.support import judge
from tests.places import DATA

PAIRS = [
    json.loads(line) for line in (DATA / "support_pairs.jsonl").read_text("utf-8").splitlines()
]
# Least share, of each kind, that is judged as the label says.
LEAST = {
    "good": 0.86,
    "number": 0.9,
    "name": 0.9,
    "negation": 0.9,
    "antonym": 0.85,
    "other": 0.75,
    "swap": 0.65,
}


@pytest.fixture(scope="module")
def agreement(embedder):
    def embed(texts):
        return np.asarray(embedder.embed_documents(texts), np.float32)

    right, asked = Counter(), Counter()
    for pair in PAIRS:
        text = pair["passage"]
        document = Document(page_content=text, metadata={"title": pair["title"]})
        verdict = judge(pair["claim"], Passage(document, text, 0, len(text), 0, 0), embed)
        asked[pair["kind"]] += 1
        right[pair["kind"]] += verdict.supported == pair["supported"]
    return {kind: right[kind] / asked[kind] for kind in asked}


def test_there_are_enough_labels():
    assert len(PAIRS) >= 100
    assert {pair["kind"] for pair in PAIRS} == set(LEAST)


@pytest.mark.parametrize("kind", LEAST)
def test_agreement_with_the_labels(agreement, kind):
    assert agreement[kind] >= LEAST[kind]


@pytest.mark.parametrize(
    ("claim", "support", "reason"),
    [
        ("CBOW 对低频词更好，Skip-gram 更快。", "Skip-gram 对低频词更好，CBOW 更快。", "swap"),
        ("PPO 不需要奖励模型。", "DPO 不需要奖励模型，PPO 需要四个模型。", "swap"),
        ("召回低、延迟高。", "HNSW 召回高、延迟低，内存占用大。", "antonym"),
        ("约束解码不保证格式正确。", "约束解码保证格式正确，不保证内容正确。", "negation"),
        ("按范数裁剪会改变梯度方向。", "按值裁剪会改变梯度方向，因此选择按范数裁剪。", "swap"),
        (
            "按值裁剪会改变方向，所以用按范数裁剪。",
            "按值裁剪会改变梯度方向，因此选择按范数裁剪。",
            "",
        ),
        ("RoPE is applied to V.", "RoPE is applied to Q and K. V is left as it is.", "swap"),
        ("DPO 不需要奖励模型。", "DPO 直接用偏好对训练，不需要奖励模型。", ""),
        ("LoRA 的缺点是内存占用大。", "LoRA 召回高，但内存占用大。", ""),
    ],
)
def test_misstatements(claim, support, reason):
    claim, support = claim.replace(",", "\uff0c"), support.replace(",", "\uff0c")
    assert misstates(claim, support) == reason


def test_contradicting_numbers():
    assert contradiction("LoRA 的秩通常取 8。", "LoRA 的秩通常取 64。") == "number"
