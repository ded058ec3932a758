"""What the notes' own sentences need to be an answer: the right one of siblings, and a context."""

import pytest
from langchain_core.documents import Document

from rag.answer.answer import Answer
from rag.answer.quoting.candidates import Candidate
from rag.answer.quoting.choosing import Scored, same
from rag.answer.quoting.context_dependence import with_antecedent
from rag.answer.quoting.namesakes import are_siblings
from rag.answer.quoting.pools import Pool, quoting
from rag.answer.quoting.rendering import rendered
from rag.grounding.passage import Passage
from rag.search.names import asked_names
from rag.search.term_weight import term_weight

TABLE = "| 型号 | 层数 | 位置编码 |\n| --- | --- | --- |\n"
ROWS = "".join(f"| 灯塔-{n}B | {n + 20} | RoPE |\n" for n in range(6, 66))


def passage(text, quote, headings=("节",), start=0):
    document = Document(
        text, metadata={"note": "a.md", "title": "注", "headings": list(headings), "start": start}
    )
    at = text.index(quote)
    return Passage(document, quote, start + at, start + at + len(quote), 1.0, 0.0)


def candidate(text, quote):
    features = dict.fromkeys(
        ["first", "lead", "what_lead", "defines", "row", "rank", "heading", "title", "relevance",
         "named"], 0.5,
    )  # fmt: skip
    return Candidate(passage(text, quote), (0, 0), -1, -1, features)


def notes(assistant, **texts):
    made = assistant.library.registry.create("own")
    for name, text in texts.items():
        (made.folder / f"{name}.md").write_text(text, "utf-8")
    assistant.build(name="own")
    return lambda question: assistant.answer(question, collections=["own"])


def test_the_row_that_is_asked_for_and_no_neighbour(assistant):
    ask = notes(assistant, table=f"# 灯塔系列规格\n\n{TABLE}{ROWS}")
    answer = ask("灯塔-61B 有多少层？")
    assert not answer.abstained and len(answer.citations) == 1
    assert answer.citations[0].quote.startswith("| 灯塔-61B |")
    assert "层数: 81" in answer.text  # the columns are named


def test_a_longer_name_is_another_thing(assistant):
    ask = notes(
        assistant,
        r1="# R1\n\nR1 先用数千条冷启动数据做 SFT，再做强化学习。\n",
        zero="# R1-Zero\n\nR1-Zero 没有用 SFT，直接在基座上做强化学习。\n",
    )
    assert "冷启动" in ask("R1 用了 SFT 吗").text and "没有" not in ask("R1 用了 SFT 吗").text
    assert "没有用 SFT" in ask("R1-Zero 用了 SFT 吗").text


def test_a_topic_that_all_of_a_few_notes_share_is_known(assistant):
    methods = ["按句切分：保留句子完整。", "按标题切分：保持结构。", "滑动窗口切分：前后重叠。"]
    ask = notes(
        assistant, **{f"n{n}": f"# 文档切分（{n}）\n\n{text}\n" for n, text in enumerate(methods)}
    )
    answer = ask("切分文档的方法有哪些？全部列出来")
    assert all(text.split("：")[0] in answer.text for text in methods)


def test_two_values_are_both_told(assistant):
    ask = notes(
        assistant,
        old="# 灯塔-7B 规格（2024）\n\n灯塔-7B 的最大上下文是 32K。\n",
        new="# 灯塔-7B 规格（2025）\n\n灯塔-7B 的最大上下文是 128K。\n",
    )
    answer = ask("灯塔-7B 的最大上下文是多少？")
    assert {"32K", "128K"} <= {c.quote[-5:].strip(" 是。") for c in answer.citations}


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("墨衡-34B 用的什么位置编码", ["墨衡-34B"]),
        ("介绍灯塔-61B 和 GPT-4o", ["灯塔-61B", "GPT-4o"]),
        ("how many gpu days on A100s", ["A100"]),
        ("34B 模型要多少显存", []),
    ],
)
def test_chinese_names_with_a_size(question, names):
    assert asked_names(question) == names


def test_siblings():
    assert are_siblings("R1", "R1-Zero") and are_siblings("灯塔-6B", "灯塔-60B")
    assert are_siblings("LoRA", "QLoRA") and not are_siblings("BERT", "GPT")
    assert not are_siblings("r1", "R1")


def test_a_sentence_that_leans_comes_with_the_one_before():
    text = "学习率先升后降。否则训练会发散。这时梯度很大。"
    quote = passage(text, "否则训练会发散。")
    assert with_antecedent(quote, None).text == "学习率先升后降。否则训练会发散。"
    before = passage(text, "学习率先升后降。")
    told_before = Passage(quote.document, before.text, before.start, before.end, 1.0, 0.0)
    assert with_antecedent(quote, told_before) is quote
    alone = passage(text, "学习率先升后降。")
    assert with_antecedent(alone, None) is alone


def test_it_is_clear_behind_its_own_section_only():
    text = "LoRA 冻结权重。它只训练两个小矩阵。"
    quote = passage(text, "它只训练两个小矩阵。")
    first = Passage(quote.document, "LoRA 冻结权重。", 0, 9, 1.0, 0.0)
    assert with_antecedent(quote, first) is quote
    assert with_antecedent(quote, passage("别的。", "别的。")).text == text


def test_a_reply_is_told_behind_the_question_above_it():
    text = "可以：节点内切分，节点间复制。"
    assert rendered(passage(text, text, ("节", "DDP 和 FSDP 能一起用吗？"))).startswith(
        "DDP 和 FSDP"
    )
    own = "DDP 和 FSDP 能一起用：节点内切分。"
    assert rendered(passage(own, own, ("DDP 和 FSDP 能一起用吗？",))) == own
    assert rendered(passage(text, text, ("怎样混用",))) == text


def test_items_of_a_list_are_not_the_same():
    assert not same("按句切分：保留句子完整。", "按标题切分：保留句子完整。")
    assert same("LoRA 冻结预训练权重", "LoRA 会冻结预训练权重")


def test_words_of_asking_weigh_little_also_in_a_few_notes(assistant):
    lexical = assistant.index().lexical
    assert (
        term_weight("怎样", lexical) < term_weight("LoRA".lower(), lexical)
        or term_weight("lora", lexical) > 0.2
    )
    assert term_weight("没有这个词呀", lexical) == pytest.approx(1.0)


def test_what_a_leaning_sentence_rests_on_is_not_told_twice():
    told = "函数调用规定模型怎样表达要调用什么，协议规定应用怎样发现服务。"
    leans = "两者是配合关系，模型并不知道协议存在。"
    first, again = (f"# {n}\n\n{told}{leans}\n" for n in "甲乙")
    blank = Answer("问", "zh", (), (), "none", {})
    ranked = [Scored(candidate(first, told), 0.9, 0.9), Scored(candidate(again, leans), 0.8, 0.8)]
    answer = quoting(blank, [Pool("问", ranked, None)])
    assert answer.text.count("规定模型怎样表达") == 1 and "配合关系" in answer.text
