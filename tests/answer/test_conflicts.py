"""Where the notes contradict one another, the answer says so and cites both."""

import pytest

from rag.answer.conflicts import disagree


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ("LoRA 的秩通常取 8 到 64。", "LoRA 的秩通常取 128 到 512。", True),
        ("DPO 训练不需要奖励模型。", "DPO 训练需要奖励模型。", True),
        ("GPT-2 有 15 亿参数。", "GPT-3 有 1750 亿参数。", False),
        ("LoRA 的秩通常取 8 到 64。", "LoRA 冻结预训练权重。", False),
        (
            "7B 模型 FP16 推理需要一张 24 GB 显卡。",
            "70B 模型 FP16 推理需要两张 80 GB 显卡。",
            False,
        ),
        ("Llama 2 的词表有 32000 个词元。", "Llama 3 的词表有 128256 个词元。", False),
        ("Llama 2 的词表有 32000 个词元。", "Llama 2 的词表有 64000 个词元。", True),
        ("DPO needs no reward model.", "DPO 训练需要奖励模型。", False),
    ],
)
def test_disagreement(one, other, conflict):
    assert disagree(one, other) is conflict


def test_an_answer_names_both_sides(assistant, corpus):
    (corpus / "other.md").write_text("# LoRA 的秩\n\nLoRA 的秩 r 通常取 256 到 512。\n", "utf-8")
    assistant.build()
    answer = assistant.answer("LoRA 的秩 r 通常取多少?")
    last = answer.sentences[-1]
    assert "不一致" in last.text and len(last.citations) == 2
    notes = {citation.note for citation in answer.citations if citation.n in last.citations}
    assert notes == {"lora.md", "other.md"}
    for citation in answer.citations:
        assert assistant.note(citation.note).text[citation.start : citation.end] == citation.quote


def test_no_conflict_where_the_notes_agree(assistant):
    answer = assistant.answer("LoRA 的秩 r 通常取多少?")
    assert "不一致" not in answer.text
