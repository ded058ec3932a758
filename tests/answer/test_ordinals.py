"""The item of a list that a question names by its place; the formula that a sentence announces."""

import pytest

from rag.answer.quoting.ordinals import asked_place

STEPS = (
    "# 灯塔发布流程\n\n灯塔的发布流程分四步：\n\n"
    "1. 冻结分支\n2. 跑回归测试\n3. 灰度百分之五\n4. 全量\n\n"
    "第三步失败时回到第一步。\n"
)
SCORE = "# Beacon\n\nThe score of the beacon is this fraction:\n\n(m + 1)/(n + k)\n\nIt is small.\n"


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("发布流程的第三步是什么？", 3),
        ("第十二条讲什么", 12),
        ("第2个步骤", 2),
        ("what is step 4 of the release", 4),
        ("what's the second step", 2),
        ("the 3rd item", 3),
        ("第一次训练要多久", None),
        ("first token latency", None),
        ("one step of gradient descent", None),
    ],
)
def test_the_place_that_is_asked_for(question, place):
    assert asked_place(question) == place


def test_that_item_is_the_answer(assistant):
    made = assistant.library.registry.create("own")
    (made.folder / "steps.md").write_text(STEPS, "utf-8")
    assistant.build(name="own")
    for question, item in (("发布流程的第三步是什么？", "灰度"), ("发布流程第二步是啥", "回归")):
        answer = assistant.answer(question, collections=["own"])
        assert item in answer.sentences[0].text
        cited = answer.citations[0]
        assert STEPS[cited.start : cited.end] == cited.quote


def test_a_formula_is_told_with_the_sentence_that_announces_it(assistant):
    made = assistant.library.registry.create("own")
    (made.folder / "score.md").write_text(SCORE, "utf-8")
    assistant.build(name="own")
    answer = assistant.answer("What is the score of the beacon?", collections=["own"])
    assert "fraction: (m + 1)/(n + k)" in " ".join(answer.text.split())
    cited = next(c for c in answer.citations if "fraction" in c.quote)
    assert SCORE[cited.start : cited.end] == cited.quote
