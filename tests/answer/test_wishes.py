"""What a question wishes of its answer is no search word, and is granted."""

import pytest

from rag.answer.answer import Turn
from rag.answer.understanding.resolving import understand
from rag.answer.understanding.wishes import wanted_language
from rag.text.language import detect_language

TWINS = {
    "lighthouse.md": "# 灯塔\n\n灯塔是一种缓存淘汰方法：从叶子开始，按最近最少使用淘汰。\n",
    "lighthouse.en.md": "# Lighthouse\n\nLighthouse is an eviction method for caches: it starts "
    "at the leaves and evicts what was used least recently.\n",
}


@pytest.mark.parametrize(
    ("question", "language", "bare"),
    [
        ("什么是 LoRA？请用英文回答", "en", "什么是 LoRA？"),
        ("用英文解释一下 KV cache", "en", "KV cache"),
        ("RAG 是什么 英文回答", "en", "RAG 是什么"),
        ("What is LoRA? in chinese please", "zh", "What is LoRA?"),
        ("Answer in Chinese: what is RoPE", "zh", "what is RoPE"),
        ("In English, what does top-p do?", "en", "what does top-p do?"),
        ("缓解幻觉的方法有哪些，全部列出来", None, "缓解幻觉的方法有哪些"),
        ("How is word segmentation done in Chinese?", None, None),
        ("用中文训练的模型有什么特点", None, None),
        ("用英语写 prompt 和用中文写 prompt 有什么区别", None, None),
        ("why do LLMs answer in Chinese when asked in English?", None, None),
        ("用中文回答时效果为什么差", None, None),
    ],
)
def test_a_wish_is_taken_off(assistant, question, language, bare):
    understood = understand(question, (), assistant.index())
    assert (understood.language, understood.standalone) == (language, bare or question)


def test_the_same_again_in_another_language(assistant):
    before = [Turn("LoRA 的原理是什么?", "LoRA 冻结预训练权重。")]
    understood = understand("in English please", before, assistant.index())
    assert (understood.standalone, understood.language) == ("LoRA 的原理是什么?", "en")
    assert not understood.said


@pytest.mark.parametrize("question", ["灯塔是什么？用英文回答", "What is lighthouse? 用中文"])
def test_the_twin_in_the_language_asked_for_answers(assistant, question):
    made = assistant.library.registry.create("own")
    for name, text in TWINS.items():
        (made.folder / name).write_text(text, "utf-8")
    assistant.build(name="own")
    answer = assistant.answer(question, collections=["own"])
    wanted = wanted_language(question)
    assert not answer.abstained and answer.language == wanted
    assert all(detect_language(sentence.text) == wanted for sentence in answer.sentences)
    assert all(c.note.endswith(".en.md") == (wanted == "en") for c in answer.citations)
