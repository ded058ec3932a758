"""Names are names: a sibling's is another."""

import pytest

from rag.search.names import asked_names, holds_name, is_coined, mentions
from rag.search.strange_names import strange_names


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("GPT-4 的上下文多长", ["GPT-4"]),
        ("什么是 LightLLM ？", ["LightLLM"]),
        ("lora rank 选多大", []),
        ("LLM+向量库怎么搭", []),
        ("How to evaluate RAG-based systems?", ["RAG"]),
        ("DeepSeek-R1-Zero 的奖励", ["R1-Zero"]),
        ("C++ 和 Java 的区别", ["C++"]),
        ("DeepSeek R1-Zero 怎么训练", ["DeepSeek", "R1-Zero"]),
        ("What is LoRA and how does Mixtral work?", ["LoRA"]),
        ("What does quantization cost?", []),
        ("Cross Attention 和 Multi-Head Attention 的区别", []),
        ("nn.parallel.DistributedDataParallel 介绍", ["DistributedDataParallel"]),
        ("ＧＰＴ－４ 的上下文", ["GPT-4"]),
        ("max tok/s on a 2TB/s card with 80GB", []),  # units
        ("OK, so why do LLMs hallucinate? FYI ours runs on an A100, TBH", ["A100"]),  # chat
    ],
)
def test_strong_names_of_a_question(question, names):
    assert asked_names(question) == names


@pytest.mark.parametrize(
    ("text", "name", "held"),
    [
        ("GPT-4o 有 128K", "GPT-4", False),
        ("GPT-4 有 8K，", "GPT-4", True),
        ("GPT-4-turbo 更快", "GPT-4", False),
        ("R1-Zero 不用 SFT", "R1", False),
        ("DeepSeek-R1 用了冷启动", "R1", True),
        ("C 语言", "C++", False),
        ("用 C++ 写", "C++", True),
        ("Llama-3 8B", "Llama3", True),
        ("ZeRO-3 把参数也切开", "ZeRO3", True),
        ("Llama 3.1 8B", "Llama 3", False),
        ("Qwen2.5-VL", "Qwen2.5", False),
        ("LoRAs are small", "LoRA", True),
        ("vLLM.", "vLLM", True),
        ("LoRA+ 用不同的学习率", "LoRA", False),
        ("R1-Zero 只用规则奖励", "R1-Zero", True),
    ],
)
def test_a_text_speaks_of_this_very_thing(text, name, held):
    assert holds_name(text, name) is held


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("how does the Quorvex engine schedule", ["Quorvex"]),
        ("explain the Thornquist-Vale law", ["Thornquist-Vale"]),
        ("Quorvex schedules how?", []),  # any word is large there
        ("is it slow? Whatever helps", []),
        ("does the Adam optimizer help", []),  # the notes have it
        ("用过 Marrow 这个库没", ["Marrow"]),
        ("qwilrank 这个库的温度默认多少", ["qwilrank"]),
        ("sentencepeice 是啥", []),  # misspelt
        ("huggingface 上怎么下载", []),  # two words as one
        ("badcase 怎么建闭环", []),
        ("attenion 和 normalizaton 怎么算", []),
        ("https://zhuanlan.zhihu.com/p/1 这篇怎么说", []),
        ("how does qwilrank rank", []),  # in English it may be any word
    ],
)
def test_a_word_that_only_a_large_letter_makes_a_name(question, names):
    known = {"adam", "hugging", "face", "bad", "case"}
    assert strange_names(question, lambda word: word.lower() in known) == names


def test_a_topic_is_named_in_either_spelling():
    name = "Automatic Prompt Optimisation"
    assert mentions("what is automatic prompt optimization?", name)
    assert not mentions("what is automatic prompt optimism?", name)


def test_what_can_be_nothing_but_a_name():
    for name in ("LightLLM", "Veldspar-27B", "GPT-4", "C++", "RiftPO"):
        assert is_coined(name)
    for word in ("JD", "REALLY", "French", "Tansformer", "KPI", "leetcode"):
        assert not is_coined(word)
