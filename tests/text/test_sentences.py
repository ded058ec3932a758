"""Where sentences end beside formulas."""

import pytest

from rag.text.sentences import sentence_spans


def sentences(text):
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "formula",
    ["$$\ny = x + \\alpha.\n\n+ 1\n$$", "\\[ L = \\min(a,\\ b). \\]", "$$a.\\ b$$", "$$E = 5\\$$$"],
)
@pytest.mark.parametrize("lead", ["裁剪损失公式是：", "残差写作", "The loss is", "The loss is:"])
def test_a_displayed_formula_stays_with_what_announces_it(lead, formula):
    text = f"之前的一句。\n\n{lead}\n\n{formula}\n\n其中 a 是常数。"
    assert sentences(text) == ["之前的一句。", f"{lead}\n\n{formula}", "其中 a 是常数。"]


def test_a_formula_after_a_whole_sentence_stands_by_itself():
    assert sentences("一句话。\n\n$$\na\n$$\n\n又一句。") == ["一句话。", "$$\na\n$$", "又一句。"]
    assert sentences("| a | b |\n\n$$c$$") == ["| a | b |", "$$c$$"]
    assert sentences("$$a$$\n\n$$b$$") == ["$$a$$", "$$b$$"]


def test_money_is_no_formula():
    assert sentences("一次 $5。两次 $$9。\n三次。") == ["一次 $5。", "两次 $$9。", "三次。"]
