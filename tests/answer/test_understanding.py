"""What a question means after others, and what it asks."""

import pytest

from rag.answer.answer import Turn
from rag.answer.understanding.parts import asking_sentences, parts_of
from rag.answer.understanding.resolving import understand

LORA = [Turn("LoRA 的原理是什么?", "LoRA 冻结预训练权重。")]


@pytest.fixture
def index(assistant):
    return assistant.index()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("那它的缺点呢?", "LoRA的缺点"),
        ("缺点呢?", "LoRA 缺点"),
        ("显存呢", "LoRA 显存"),
        ("那 QLoRA 呢？", "QLoRA 的原理是什么?"),
        ("为什么要用 KV cache?", "为什么要用 KV cache?"),
        ("LoRA 的缺点是什么?", "LoRA 的缺点是什么?"),  # on the same topic, and whole
        ("Adapter 和 LoRA 的区别", "Adapter 和 LoRA 的区别"),
        ("How does LoRA work?", "How does LoRA work?"),
        ("不对，我问的是 Adapter", "Adapter 的原理是什么?"),
    ],
)
def test_what_is_left_out_is_put_in(index, question, expected):
    assert understand(question, LORA, index).standalone == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What are its drawbacks?", "What are prefix tuning's drawbacks?"),
        ("What are the drawbacks of DPO?", "What are the drawbacks of DPO?"),
        ("what about adapters?", "How does adapters work?"),
    ],
)
def test_english_too(index, question, expected):
    history = [Turn("How does prefix tuning work?", "It adds vectors.")]
    assert understand(question, history, index).standalone == expected


def test_what_was_not_answered_still_says_what_is_asked(index):
    history = [Turn("LightLLM 的调度怎么做？", "笔记里没有提到 LightLLM。", stands_alone=True)]
    assert understand("那 vLLM 呢", history, index).standalone == "vLLM 的调度怎么做？"


def test_a_history_of_raw_questions_is_resolved_turn_by_turn(index):
    history = [*LORA, Turn("谢谢", "不客气"), Turn("缺点呢", "秩低。")]
    assert "LoRA" in understand("怎么缓解它", history, index).standalone


def test_a_topic_is_no_pattern(index):
    history = [Turn(r"\d是什么意思？", "x", r"\d")]
    assert "\\d" in understand("它有什么优点？", history, index).standalone


@pytest.mark.parametrize("thanks", ["谢谢", "ok thanks", "明白了"])
def test_thanks_ask_nothing(assistant, thanks):
    answer = assistant.answer(thanks, LORA)
    assert answer.abstained and not answer.nearest


def test_more_is_what_was_not_said(assistant):
    first = assistant.answer("LoRA 的缺点是什么?")
    more = assistant.answer("还有吗", [Turn(first.standalone, first.text, stands_alone=True)])
    assert more.standalone == first.standalone
    assert not {s.text for s in first.sentences} & {s.text for s in more.sentences}


def test_a_question_is_found_behind_what_was_pasted(index):
    pasted = "岗位职责\n1. 负责推理优化\n2. 熟悉 vLLM\n任职要求：本科\nKV 缓存为什么要分页？"
    assert understand(pasted, [], index).standalone.startswith("KV 缓存为什么要分页？")


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("LoRA 是什么，它有什么缺点？", ("LoRA 是什么", "LoRA有什么缺点")),
        ("What is LoRA, and why does it save memory?", 2),
        ("LoRA 和 Adapter 有什么区别？", ()),
        ("LoRA 的秩怎么选？", ()),
        ("a, b, c, d, e, f", ()),
    ],
)
def test_what_is_asked_together_is_looked_up_apart(index, question, parts):
    found = parts_of(question, index)
    assert len(found) == parts if isinstance(parts, int) else found == parts


def test_both_halves_are_answered(assistant):
    answer = assistant.answer("LoRA 的缺点是什么，KV cache 有什么用？")
    said = answer.text
    assert "秩" in said and "KV" in said


@pytest.mark.parametrize(
    "earlier", [r"\d是什么意思？", r"\n 是什么？", r"What is \g<0>?", r"C:\Users 是什么"]
)
def test_what_was_asked_is_no_template(index, earlier):
    r"""Fault 19 of the review: the topic was put in by re.sub, and `\d` was a bad escape."""
    for follow_up in ("它有什么优点？", "What are its drawbacks?"):
        told = understand(follow_up, [Turn(earlier, "是这样。")], index).standalone
        assert told and "\n" not in told


def test_a_part_without_a_topic_of_its_own_is_about_the_first_ones(index):
    parts = parts_of("LoRA 的秩取多少？overlap 有必要吗？", index)
    assert parts == ("LoRA 的秩取多少", "LoRA overlap 有必要吗")


def test_what_is_perhaps_asked_too_is_an_aspect(index):
    question = "LoRA 的秩怎么选，跟全参数微调比差多少"
    asked = understand(question, (), index)
    assert bool(asked.parts) != bool(asked.aspects)
    assert understand("LoRA 的缺点是什么?", (), index).aspects == ()


CHECKPOINTING = """# Gradient checkpointing

Gradient checkpointing keeps the activations of a few layers only and recomputes the others in the
backward pass. People turn it on where an A100 runs into OOM.

## Cost

It saves most of the activation memory for about a third more computation.
"""


def test_what_is_told_right_before_the_asking_sentence_is_part_of_it(assistant):
    made = assistant.library.registry.create("own")
    (made.folder / "checkpointing.md").write_text(CHECKPOINTING, "utf-8")
    assistant.build(name="own")
    answer = assistant.answer(
        "OOM at seq len 8192 even with batch size 1 on A100. A colleague told me to just turn on "
        "gradient checkpointing. What exactly am I paying for that?",
        collections=["own"],
    )
    assert not answer.abstained


@pytest.mark.parametrize(
    ("message", "asking"),
    [
        ("日志里有 OOM。怎么办", ["怎么办"]),
        ("What breaks? Anything smarter?", ["What breaks?", "Anything smarter?"]),
        ("面试官问：“为什么会有幻觉？”", ["面试官问：“为什么会有幻觉？”"]),
        ("面试官问：「秩取多少？」帮我答一下。", ["面试官问：「秩取多少？」"]),
        ("模型崩了。", []),
    ],
)
def test_which_sentences_ask(message, asking):
    assert asking_sentences(message) == asking
