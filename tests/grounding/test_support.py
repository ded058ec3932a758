import pytest
from langchain_core.documents import Document

from rag.grounding.passage import Passage
from rag.grounding.support import echoes_question, judge


def passage(text, title=""):
    return Passage(Document(page_content=text, metadata={"title": title}), text, 0, len(text), 1, 1)


LORA = passage("LoRA 冻结预训练权重,只训练低秩矩阵。LoRA 的秩通常取 8 到 64。", "LoRA")
ADAPTER = passage("Adapter 的缺点是增加推理延迟。LoRA 可以合并权重,不增加推理延迟。", "PEFT")
ENGLISH = passage("DPO does not need a reward model. PPO needs four models in memory.", "DPO")


@pytest.mark.parametrize(
    ("claim", "source", "reason"),
    [
        ("LoRA 冻结预训练权重,只训练低秩矩阵。", LORA, ""),
        ("LoRA 只训练低秩矩阵,预训练权重被冻结。", LORA, ""),
        ("LoRA 的秩通常取 16 到 128。", LORA, "number"),
        ("QLoRA 冻结预训练权重,只训练低秩矩阵。", LORA, "name"),
        ("LoRA 的缺点是增加推理延迟。", ADAPTER, "swap"),
        ("LoRA 不冻结预训练权重,只训练低秩矩阵。", LORA, "negation"),
        ("DPO does not need a reward model.", ENGLISH, ""),
        ("DPO needs a reward model.", ENGLISH, "negation"),
        ("量化可以降低显存占用。", LORA, "coverage"),
    ],
)
def test_judge(claim, source, reason):
    verdict = judge(claim, source)
    assert verdict.reason == reason
    assert verdict.supported is (reason == "")


def test_echo_of_the_question():
    assert echoes_question("LoRA 的原理是什么", "LoRA 的原理是什么?")
    assert not echoes_question("LoRA 的原理是低秩分解。", "LoRA 的原理是什么?")


def test_translation_needs_the_embedder(embedder):
    import numpy as np

    def embed(texts):
        return np.asarray(embedder.embed_documents(texts))

    assert judge(
        "LoRA freezes the pretrained weights and trains low-rank matrices.", LORA, embed
    ).supported
    assert not judge("Bananas are rich in potassium and fibre.", LORA, embed).supported
