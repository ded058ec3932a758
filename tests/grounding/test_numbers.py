"""Numbers are the same only with the same sign, size and unit."""

import pytest

from rag.grounding.numbers_and_names import numbers
from rag.grounding.support import objection

SAME = [
    ("1,024", "1024"), ("2.0", "2"), ("0.90", "0.9"), ("1e-4", "0.0001"), ("1E-4", "1×10^{-4}"),
    ("1e-4", "10^-4"), ("3e-4", "3 x 10^-4"), ("2e5", "200000"), ("5%", "5 ％"), ("5%", "百分之5"),
    ("5%", "5 percent"), ("99.50%", "99.5%"), ("3K", "3 thousand"), ("3k", "3000"),
    ("7B", "70 亿"),
    ("7b", "7 billion"), ("1.5B", "15 亿"), ("16G", "16 GB"), ("16GB", "16 GB"), ("-3", "−3"),
    ("为-3", "minus 3"), ("-3", "负 3"), ("5-10%", "5%-10%"),
    ("7-70B", "7B 到 70B"), ("8 ~ 64", "8-64"),
    ("007", "7"),
    ("GPT-4", "4"), ("Qwen2.5-7B", "2.5、7B"), ("3.10.2", "3.10.2"), ("15T", "15 万亿"),
]  # fmt: skip
OTHER = [
    ("3.10", "3.1"), ("1e-4", "4e-1"), ("1e-4", "1e4"), ("-3", "3"), ("5%", "5"), ("3K", "3"),
    ("3K", "3M"), ("3M", "3B"), ("7B", "7"), ("5%", "5 个百分点"),
    ("2 GB", "2 MB"), ("10^-4", "10^4"),
    ("3×10^-5", "3×10^5"), ("-0.5", "0.5"), ("3.10", "3.1.0"), ("1.20", "1.2"), ("3 亿", "3 万"),
    ("5 million", "5 billion"), ("负 2", "2"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_number(one, other):
    assert numbers(one) == numbers(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_two_numbers(one, other):
    assert numbers(one) != numbers(other)


def test_ranges_names_and_marks_are_not_negative():
    for text in ("8-64", "第1-3章", "GPT-3", "Llama-3", "- 3 layers", "a -- 3"):
        assert not any(number.startswith("-") for number in numbers(text)), text
    assert numbers("1, 2, 3") == numbers("1,2,3") == {"1", "2", "3"}
    assert numbers("$10^{-4}$ 到 $10^{-3}$") == {"0.0001", "0.001"}
    assert numbers("2^10 是 1024") == {"2", "10", "1024"}
    assert numbers("9" * 400 + " 1e999999") == {"9" * 400 + "e0", "1e999999"}


@pytest.mark.parametrize(
    ("claim", "support"),
    [
        ("速度提升 5。", "速度提升 5%。"), ("速度提升 5%。", "速度提升 5 倍。"),
        ("Python 3.1 is supported.", "Python 3.10 is supported."),
        ("学习率取 4e-1。", "学习率取 1e-4。"), ("偏置是 3。", "偏置是 -3。"),
        ("模型有 3M 参数。", "模型有 3K 参数。"), ("上下文长 128。", "上下文长 128K。"),
    ],
)  # fmt: skip
def test_another_number_is_not_stated(claim, support):
    assert objection(claim, support, "") == "number"


def test_the_same_number_in_other_words_is():
    assert objection("模型有 70 亿参数。", "模型有 7B 参数。", "") != "number"
    assert objection("学习率取 0.0001。", "学习率取 1e-4。", "") != "number"
