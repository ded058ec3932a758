"""With the embedded model: a judged result is appealed against, and an interview is judged."""

import pytest

from rag.practice.kept.appeals import Appeals
from tests.chromium import new_page
from tests.live import start_server
from tests.ui.looks import shoot
from tests.ui.taught_library import taught_assistant
from tests.ui.test_appeal_page import choose_point, explain

pytestmark = [pytest.mark.browser, pytest.mark.llm]

SAID = "LoRA 冻结预训练权重，只训练两个低秩矩阵。另一个矩阵一开始都是零，所以起步不变。"


def test_i_did_say_that_and_an_interview_goes_on_by_the_models_word(
    browser, tmp_path_factory, embedder
):
    assistant = taught_assistant(tmp_path_factory.mktemp("judged"), embedder, llm="local")
    address = start_server(assistant)
    page = new_page(browser)
    explain(page, address, text=SAID)
    page.wait_for_selector("#result .score.given")
    assert page.locator("#result .ticks").count() == 0 and not page.is_visible("#tick")
    page.click("#appeal > button")
    choose_point(page, 2)
    page.click("#appeal-kind >> text=我讲到了")
    page.fill("#appeal-words textarea", "这句不在解释里")
    page.click("#appeal-send")
    page.wait_for_selector("#appeal-told .error:has-text('原样')")
    page.fill("#appeal-words textarea", "另一个矩阵一开始都是零，所以起步不变。")
    page.click("#appeal-send")
    page.wait_for_selector("#appeal-told .came")
    [appeal] = Appeals(assistant.history()).of_profile("me")
    assert appeal.kind == "said" and appeal.point == "zero"
    shoot(page, "result-judged", whole=True)
    choose_point(page, 2)
    page.click("#appeal-kind >> text=笔记有误")
    page.click("#appeal-send")
    page.wait_for_selector("#appeal-told .error:has-text('只能申诉一次')")
    page.click("#practise-mode label:nth-of-type(3)")
    page.click("#iv-by label:has(input[value=text])")
    page.fill("#iv-text textarea", "B 矩阵怎么初始化？")
    page.click("#iv-begin")
    page.wait_for_selector(".iv.asking h3")
    page.fill("#iv-answer textarea", "B 全取零，所以一开始更新量就是零。")
    page.click("#iv-send")
    page.wait_for_selector("#iv-result .score.given")
    page.click("#iv-next")
    page.wait_for_selector(".iv.asking .chip")  # it follows up
    page.close()
