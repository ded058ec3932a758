"""What the notes lack is said by name, and only where it is so."""

import pytest

from rag.answer.understanding import strangers as module
from rag.answer.understanding.parts import parts_beside
from rag.answer.understanding.resolving import understand
from rag.answer.understanding.strangers import strangers, without


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("什么是 LightLLM？", "笔记里没有提到 LightLLM。"),
        ("How does LightLLM schedule requests?", "The notes do not mention LightLLM."),
    ],
)
def test_a_named_thing_that_no_note_mentions(assistant, question, said):
    answer = assistant.answer(question)
    assert answer.abstained and answer.sentences[0].text == said
    assert answer.nearest and not answer.citations


def test_another_abstention_claims_no_such_thing(assistant):
    answer = assistant.answer("今天北京天气怎么样？")
    assert answer.abstained and "提到" not in answer.text


def test_a_sibling_is_no_answer(assistant, corpus):
    text = "# GPT 系列\n\nGPT-4o 的上下文长度是 128K。GPT-3 的上下文长度是 2K。\n"
    (corpus / "gpt.md").write_text(text, encoding="utf-8")
    assistant.build()
    assert assistant.answer("GPT-4 的上下文长度是多少？").abstained
    assert "128K" in assistant.answer("GPT-4o 的上下文长度是多少？").text


def test_what_the_notes_lack_of_two_things_is_said_beside_the_other(assistant):
    answer = assistant.answer("What is the KV cache? What is FooBarNet?")
    assert not answer.abstained and answer.citations
    assert answer.lacking == ("The notes do not mention FooBarNet.",)
    assert answer.to_dict()["lacking"] == ["The notes do not mention FooBarNet."]
    assert assistant.answer("What is FooBarNet?").abstained


def test_a_name_that_the_twin_or_an_alias_has_is_known(assistant, corpus):
    head = (
        "---\ntitle: {}\naliases: [VRLX]\nkey_points:\n  - {{id: a, text: {}}}\n---\n# {}\n\n{}\n"
    )
    zh, en = "均方误差在分类里梯度会消失", "MSE makes gradients vanish in classification"
    (corpus / "loss.md").write_text(head.format("分类损失", zh, "分类损失", f"{zh}。"), "utf-8")
    text = head.replace("aliases: [VRLX]\n", "").format("Losses", en, "Losses", f"{en}.")
    (corpus / "loss.en.md").write_text(text, "utf-8")
    assistant.build()
    assert "梯度会消失" in assistant.answer("分类里用 MSE 梯度会怎么样").text
    assert "梯度会消失" in assistant.answer("VRLX 分类损失的梯度会怎么样").text


def test_more_of_what_is_not_there_is_not_answered_by_a_neighbour(assistant):
    answer = assistant.answer("FooBarNet 的秩是什么？FooBarNet 有什么缺点？")
    assert answer.abstained and "FooBarNet" in answer.text


def test_a_strange_name_with_one_large_letter_is_said(assistant):
    answer = assistant.answer("how does the Quorvex engine choose the rank of LoRA")
    assert "Quorvex" in answer.text or answer.lacking


def test_a_question_about_it_after_the_one_that_names_it_is_not_answered_by_a_neighbour(assistant):
    answer = assistant.answer("FooBarNet 和 LoRA 的低秩矩阵差在哪?它的秩一般取多少")
    assert answer.abstained or answer.lacking == ("笔记里没有提到 FooBarNet。",)


def test_a_name_in_a_log_line_or_in_small_letters_is_not_held_against_the_notes(assistant):
    told = assistant.answer(
        "FooBarServer 里跑着 LoRA。LoRA 的秩 r 通常取多少？再问下 foobarish 的秩"
    )
    assert not told.abstained and not told.lacking


def test_a_message_of_several_questions_is_answered_where_one_of_them_is(assistant):
    message = "LoRA 的秩 r 通常取多少？公司里别的团队会不会嫌太小？还有更聪明、更省心的点子吗？"
    assert not assistant.answer(message).abstained


@pytest.mark.parametrize(
    "message",
    [
        "给 BarleyBot 做 LoRA 微调，低秩矩阵的秩 r 取多大合适",
        "我们的 Tarnwood-13B 用 LoRA 微调到一半 loss 飞了，秩 r 通常取多少？",
        "fine-tuning our Tarnwood-13B with LoRA, what low rank r do people take?",
    ],
)
def test_the_askers_own_things_are_no_reason_to_refuse(assistant, message):
    answer = assistant.answer(message)
    assert not answer.abstained and answer.citations and not answer.lacking


@pytest.mark.parametrize(
    "message",
    [
        "TarnwoodLoRA 的秩是怎么定的，比 LoRA 好在哪",
        "TarnwoodLoRA 论文里秩设的多少？比 LoRA 高几个点？",
        "how does TarnwoodLoRA choose its rank, and is it better than LoRA?",
        "what rank does TARNWOODLORA use in the paper",
    ],
)
def test_a_sibling_is_no_answer_to_what_is_asked_of_an_unknown_thing(assistant, message):
    answer = assistant.answer(message)
    assert answer.abstained and "tarnwoodlora" in answer.text.lower()


def test_a_question_beside_the_one_on_an_unknown_thing_is_answered(assistant):
    answer = assistant.answer("LoRA 的秩 r 通常取多少？另外 TarnwoodKV 是怎么丢 token 的？")
    assert not answer.abstained and answer.citations
    assert answer.lacking == ("笔记里没有提到 TarnwoodKV。",)


def test_abbreviations_that_stand_elsewhere_are_no_reason_to_refuse(assistant, corpus):
    (corpus / "ops.md").write_text("# 监控\n\nQPS 是每秒请求数。\n\nDOM 是网页的树。\n", "utf-8")
    assistant.build()
    told = assistant.answer("除了 QPS，LoRA 的低秩矩阵训练时还看哪些？秩 r 通常取多少")
    assert not told.abstained


def test_a_short_form_of_a_topics_name_is_that_topic(assistant, corpus):
    (corpus / "flash.md").write_text("# FlashAttention\n\nFlashAttention 分块算注意力。\n", "utf-8")
    assistant.build()
    index = assistant.index()
    assert strangers("FlashAttnRing 是怎么分块的", index).asked == ("FlashAttnRing",)
    assert not strangers("FlashAttn 是怎么分块的", index).asked


@pytest.mark.parametrize(
    "message",
    [
        "训练时 OOM 怎么办",
        "用 LoRA/QFooRA 微调的时候 loss 飞了怎么办",
        "用 BERT-CRF 做实体识别，标签怎么设计",
        "When is the RSVP deadline for the Henderson wedding?",
    ],
)
def test_nothing_is_taken_out_that_may_be_a_word_or_has_a_known_part(assistant, corpus, message):
    (corpus / "bert.md").write_text("# BERT\n\nBERT 是双向的编码器。\n", "utf-8")
    assistant.build()
    assert understand(message, (), assistant.index()).standalone == message


@pytest.mark.parametrize(
    ("message", "name", "left"),
    [
        ("HeronBot's queue is full, why", "HeronBot", "queue is full, why"),
        ("why are our HeronBots' answers slow", "HeronBots", "why are our answers slow"),
        ("FoxBench 上的 Foxer 模型为什么慢", "Fox", "FoxBench 上的 Foxer 模型为什么慢"),
        ("Heron-7B-chat 和 Heron-7B", "Heron-7B", "Heron-7B-chat 和"),
        ("HeronBot?", "HeronBot", "HeronBot?"),
    ],
)
def test_a_name_is_taken_out_whole_or_not_at_all(message, name, left):
    assert without(message, [name]) == left


def test_both_of_two_unknown_names_are_said_though_one_holds_the_other(assistant):
    answer = assistant.answer("TarnwoodKV 和 TarnwoodKV2 有什么区别？")
    assert answer.abstained and answer.text == "笔记里没有提到 TarnwoodKV、TarnwoodKV2。"


def test_of_a_name_that_is_perhaps_asked_about_the_answer_says_that_the_notes_lack_it(
    assistant, monkeypatch
):
    monkeypatch.setattr(module, "asked_about", lambda message, name: 0.5)
    answer = assistant.answer("TarnwoodBot 用 LoRA，低秩矩阵的秩 r 通常取多少？")
    assert answer.citations and answer.lacking == ("笔记里没有提到 TarnwoodBot。",)
    assert "TarnwoodBot" not in answer.standalone


@pytest.mark.parametrize(
    ("message", "beside"),
    [
        ("TarnKV 怎么丢 token？另外 LoRA 的秩 r 取多少比较好？", True),
        ("TarnKV 怎么丢 token？还有 LoRA 的秩在其中起什么作用？", True),
        ("TarnKV 怎么用？还有别的吗？", False),
        ("How does TarnKV work? Also explain why.", False),
        ("TarnLoRA 的秩设多少？比 LoRA 高几个点？", False),
        ("GQA and TarnGQA, what is the difference?", False),
    ],
)
def test_what_stands_beside_a_question_on_an_unknown_thing(assistant, message, beside):
    names = [name for name in ("TarnKV", "TarnLoRA", "TarnGQA") if name in message]
    assert bool(parts_beside(message, names, assistant.index())) == beside
