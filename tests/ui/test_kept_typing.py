"""What a learner has typed or ticked stays: with a further question, and in the other language."""

import pytest

from tests.live import start_server
from tests.ui.looks import tick
from tests.ui.taught_library import assistant_with_own_note
from tests.ui.test_appeal_page import answer_in_interview, begin, explain

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, embedder):
    return assistant_with_own_note(tmp_path_factory.mktemp("kept"), embedder)


@pytest.fixture(scope="module")
def address(assistant):
    return start_server(assistant)


def begin_named(page, name):
    if not page.is_visible("#topic input"):
        page.click("#practise-settings > button")
    page.fill("#topic input", name)
    page.keyboard.press("Enter")
    page.click("#start")


def test_corrected_points_that_are_not_kept_yet_stay_with_a_further_question(page, address):
    page.goto(f"{address}/?tab=practice")
    page.wait_for_selector("#up-next .topic")
    begin_named(page, "spec.md")
    page.wait_for_selector("#practice-question h3:has-text('投机解码')")
    page.click("#own-points > button")
    page.wait_for_selector("#own-told:has-text('自动起草')")
    mine = "1. 小模型先猜，大模型验证\n? 讲讲投机解码 (1)"
    page.fill("#own-text textarea", mine)
    page.fill("#explanation textarea", "小模型先猜若干个词。")
    page.click("#grade")
    page.wait_for_selector("#result .ticks")
    tick(page, "#result", 0, "missed")
    page.click("#tick")
    page.wait_for_selector("#result .score.given")
    asked = page.inner_text("#practice-question h3")
    page.click("#follow")
    page.wait_for_function(
        "(asked) => document.querySelector('#practice-question h3').innerText !== asked", arg=asked
    )
    page.wait_for_timeout(1500)
    assert page.input_value("#own-text textarea") == mine
    begin_named(page, "lora.md")  # another note, and back
    page.wait_for_selector("#practice-question h3:has-text('LoRA')")
    page.wait_for_selector("#own-points", state="hidden")
    begin_named(page, "spec.md")
    page.wait_for_selector("#own-points:has-text('还没有保存')")
    assert page.input_value("#own-text textarea") == mine
    page.click("#own-keep")
    page.wait_for_selector("#own-told:has-text('已保存')")


def chosen(page, where):
    return page.evaluate(f"window.ticksIn('{where}')")


def switch(page, to, words):
    page.get_by_label(to).click()
    page.wait_for_selector(words)
    page.wait_for_timeout(1000)


def test_ticks_of_an_answer_stay_in_the_other_language(page, address):
    explain(page, address)
    tick(page, "#result", 0, "partly")
    tick(page, "#result", 1, "missed")
    switch(page, "English", "#tick:has-text('Score by my ticks')")
    assert chosen(page, "result") == "1:partly 2:missed"


def test_ticks_of_an_interviews_answer_stay_in_the_other_language(page, address):
    begin(page, address, "lora.md")
    answer_in_interview(page)
    page.wait_for_selector("#iv-result .ticks")
    tick(page, "#iv-result", 0, "partly")
    tick(page, "#iv-result", 1, "missed")
    switch(
        page,
        "English",
        "#iv-result .ticks:has-text('not said')",
    )
    assert chosen(page, "iv-result") == "1:partly 2:missed"
    page.click("#iv-next")
    page.wait_for_selector(".iv.asking, .iv.over")
