"""A mock interview on the page: begun, answered, broken off, gone on with, and its report."""

import re
from dataclasses import replace

import pytest

from rag.assistant import Assistant
from rag.practice.kept.interviews import Interviews
from tests.chromium import new_page
from tests.conftest import until
from tests.live import start_server
from tests.ui.looks import VIEWS, examine, shoot, tick, viewed
from tests.ui.taught_library import taught_assistant

pytestmark = pytest.mark.browser

SAID = "LoRA 把原来的权重冻住，旁边学两个小矩阵。B 一开始是零。"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, embedder):
    return taught_assistant(tmp_path_factory.mktemp("interview"), embedder)


@pytest.fixture(scope="module")
def address(assistant):
    return start_server(assistant)


@pytest.fixture
def kept(assistant):
    """The learner's interviews; whatever a test leaves open is ended."""
    found = Interviews(assistant.history())
    yield found
    while (left := found.open_one("me")) is not None:
        found.save(replace(left, over=True))


def to_setup(page, address):
    page.goto(f"{address}/?tab=practice")
    page.click("#practise-mode label:nth-of-type(3)")
    page.wait_for_selector("#iv-begin")
    page.wait_for_selector("#up-next .topic")  # the page has been filled


def begin(page, address, by="due", text=""):
    to_setup(page, address)
    page.click(f"#iv-by label:has(input[value={by}])")
    if text:
        page.fill("#iv-text textarea", text)
    page.click("#iv-begin")
    page.wait_for_selector(".iv.asking h3")


def draft(assistant):
    """What is kept of the answer to the second question of the first interview."""
    return assistant.history().draft("me", "interview:1:2")


def answer(page, text):
    page.fill("#iv-answer textarea", text)
    page.click("#iv-send")
    page.wait_for_selector(".iv.answered")


def test_an_advert_is_asked_interrupted_gone_on_with_and_reported(page, address, assistant, kept):
    begin(page, address, "text", "熟悉 LoRA；了解 Kubernetes 和键值缓存甲。")
    assert "Kubernetes" in page.inner_text(".unmatched")
    assert "LoRA" in page.inner_text(".iv.asking") and page.is_visible(".clock.countdown")
    assert re.match(r"(29|30):\d\d", page.inner_text(".clock"))
    page.fill("#iv-answer textarea", "。。。")
    page.click("#iv-send")
    page.wait_for_selector("#iv-notice .error:has-text('没有内容')")  # the question stays open
    answer(page, SAID)
    assert "暂停" in page.inner_text(".clock")
    first = page.inner_text(".iv h3")
    assert not page.is_visible("#iv-result .score")  # nobody has judged
    assert page.input_value("#iv-answer textarea") == SAID
    page.click("#iv-appeal > button")
    page.click("#iv-appeal-send")
    page.wait_for_selector("#iv-appeal-told .error")
    page.click("#iv-appeal-point input")
    page.get_by_role("option", name="1.").click()
    page.click("#iv-appeal-kind >> text=笔记有误")
    page.click("#iv-appeal-send")
    page.wait_for_selector("#iv-appeal-told .came")
    assert page.locator("#iv-result .ticks").count() == 1  # of the point that is left
    tick(page, "#iv-result", 1, "partly")
    page.click("#iv-next")
    page.wait_for_selector(".iv.asking .chip")  # it follows up on what was not said
    second = page.inner_text(".iv h3")
    assert second != first
    page.fill("#iv-answer textarea", "写到一半的回答")
    until(lambda: "写到一半的回答" in draft(assistant))
    page.reload()
    page.wait_for_selector("#iv-offer .offer:has-text('已答 1 题')")
    page.click("#iv-go-on")
    page.wait_for_selector(".iv.asking h3")
    assert page.inner_text(".iv h3") == second
    assert page.input_value("#iv-answer textarea") == "写到一半的回答"
    page.click("#iv-pause")
    page.wait_for_selector("#iv-offer .offer")
    assert kept.open_one("me").running_since is None and not page.is_visible("#iv-setup")
    again = Assistant(assistant.settings)  # another server on the same data, as after a restart
    again.embedder = assistant.embedder
    page.goto(f"{start_server(again)}/?tab=practice")
    page.click("#iv-go-on")
    page.wait_for_selector(".iv.asking h3")
    page.click("#iv-skip")
    page.wait_for_selector(".iv.asking:has-text('键值缓存甲')")
    page.fill("#iv-answer textarea", "半句")
    page.click("#language label:has-text('English')")
    page.wait_for_selector(".iv.asking:has-text('Topic 2 of')")  # the question stays as asked
    assert "键值缓存甲" in page.inner_text(".iv h3")
    assert page.input_value("#iv-answer textarea") == "半句"
    page.click("#language label:has-text('中文')")
    page.wait_for_selector(".iv.asking:has-text('第 2')")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click("#iv-end")
    assert page.is_visible(".iv.asking") and not kept.get("me", 1).over
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#iv-end")
    page.wait_for_selector("#iv-report h2:has-text('漏掉的')")
    report = page.inner_text("#iv-report")
    assert "50/100" in report and "跳过" in report and "Kubernetes" in report
    with page.expect_download() as told:
        page.click("#iv-download")
    assert "# 模拟面试报告" in told.value.path().read_text("utf-8")
    assert told.value.suggested_filename.endswith(".md")
    page.emulate_media(media="print")
    assert page.is_visible("#iv-report h1") and not page.is_visible("#header")
    page.emulate_media(media="screen")
    page.click("#iv-again")
    page.wait_for_selector("#iv-setup:visible")
    assert page.inner_text("#iv-past li:first-child .iv-score") == "50/100"  # as in its report
    page.click("#iv-past .iv-past >> nth=0")
    page.wait_for_selector("#iv-report h2:has-text('漏掉的')")
    page.click(".iv.over .go >> nth=0")  # the report's next topic, practised alone
    page.wait_for_selector("#practice-question h3:visible")


def test_ticks_that_were_not_given_are_asked_for_again_and_two_windows_agree(
    browser, page, address, kept
):
    begin(page, address)
    other = new_page(browser)
    other.goto(f"{address}/?tab=practice")
    other.click("#iv-go-on")
    other.wait_for_selector(".iv.asking h3")
    asked = page.inner_text(".iv h3")
    answer(page, SAID)
    other.fill("#iv-answer textarea", "另一个窗口的回答。")
    other.click("#iv-send")
    other.wait_for_selector("#iv-notice:has-text('别的窗口')")
    assert other.inner_text(".iv h3") != asked  # no answer is graded for another question
    assert sum(item.attempt is not None for item in kept.open_one("me").rounds) == 1
    other.fill("#iv-answer textarea", "缓存避免重复计算。")
    other.click("#iv-send")
    other.wait_for_selector("#iv-result .ticks")
    other.goto(address)  # before anything was ticked
    other.click(".today .waits")
    other.click("#iv-go-on")
    other.wait_for_selector("#iv-result .ticks")
    other.close()


def test_what_cannot_be_asked_is_said(page, address, kept):
    to_setup(page, address)
    for by, told in (
        ("tag", "先选一个标签"), ("folder", "先选一个文件夹"), ("text", "文本为空"),
    ):  # fmt: skip
        page.click(f"#iv-by label:has(input[value={by}])")
        page.click("#iv-begin")
        page.wait_for_selector(f"#iv-notice .error:has-text('{told}')")
    page.fill("#iv-text textarea", "量子色动力学 Kubernetes")
    page.click("#iv-begin")
    page.wait_for_selector("#iv-notice .error:has-text('笔记里没有')")
    page.click("#iv-by label:has(input[value=path])")
    page.click("#iv-begin")
    page.wait_for_selector(".iv.asking:has-text('分页缓存乙')")  # the path's first day


@pytest.mark.parametrize(("width", "theme", "locale"), VIEWS)
def test_every_step_fits_and_has_no_serious_fault_of_access(
    browser, address, kept, width, theme, locale
):
    page = viewed(browser, width, theme, locale)
    to_setup(page, address)
    page.click("#iv-by label:has(input[value=text])")
    examine(page, "interview-setup")
    page.fill("#iv-text textarea", "LoRA\nKubernetes\nCache A\nBeam D")
    page.click("#iv-begin")
    page.wait_for_selector(".iv.asking h3")
    examine(page, "interview-asking")
    answer(page, SAID if locale == "zh-CN" else "It avoids computing things twice.")
    examine(page, "interview-answered")
    page.click("#iv-result .cite >> nth=0")
    page.wait_for_selector("#practice-note mark")
    page.wait_for_timeout(400)
    box = page.locator("#practice-note mark").first.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width  # lay beside the sheet on a phone
    shoot(page, "interview-passage-" + str(width))
    page.keyboard.press("Escape")
    page.click("#iv-next")
    page.wait_for_selector(".iv.asking h3")
    page.reload()
    page.wait_for_selector("#iv-offer .offer")
    examine(page, "interview-offered")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#iv-close")
    page.wait_for_selector("#iv-report h2")
    examine(page, "interview-report")
    page.context.close()
