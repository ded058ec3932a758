"""After a grade on the page: ticks, appeals, an answer to speak, the last time, a follow-up."""

import pytest

from rag.practice.kept.appeals import Appeals
from tests.conftest import until
from tests.live import start_server
from tests.ui.looks import VIEWS, examine, tick, viewed
from tests.ui.taught_library import taught_assistant

pytestmark = pytest.mark.browser

SAID = "LoRA 把原来的权重冻住，旁边学两个小矩阵。B 一开始是零。"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, embedder):
    return taught_assistant(tmp_path_factory.mktemp("appeal"), embedder)


@pytest.fixture(scope="module")
def address(assistant):
    return start_server(assistant)


def begin(page, address, topic):
    """Begin a topic of the list of what comes next."""
    page.goto(f"{address}/?tab=practice")
    page.click(f"#up-next .topic[data-topic='{topic}']")
    page.wait_for_selector("#practice-question h3")


def explain(page, address, topic="lora.md", text=SAID):
    """Practise one topic of the library up to its result."""
    begin(page, address, topic)
    page.fill("#explanation textarea", text)
    page.click("#grade")
    page.wait_for_selector("#result .point")


def answer_in_interview(page, text=SAID):
    """Begin an interview on a pasted question, from the practice tab, and hand in an answer."""
    page.click("#practise-mode label:nth-of-type(3)")
    page.click("#iv-by label:has(input[value=text])")
    page.fill("#iv-text textarea", "讲讲 LoRA 的原理")
    page.click("#iv-begin")
    page.wait_for_selector(".iv.asking h3")
    page.fill("#iv-answer textarea", text)
    page.click("#iv-send")


def choose_point(page, number):
    page.click("#appeal-point input")
    page.get_by_role("option", name=f"{number}.").click()


def test_ticks_make_the_score_and_appeals_change_it(page, address, assistant):
    explain(page, address)
    assert not page.is_visible("#rating") and not page.is_visible("#result .score")
    tick(page, "#result", 0, "covered")
    tick(page, "#result", 1, "missed")
    page.click("#tick")
    page.wait_for_selector("#result .score:has-text('50'):has-text('自评')")
    page.wait_for_selector("#rating label.selected:has-text('困难')")
    tick(page, "#result", 1, "partly")  # thought better of it
    page.click("#tick")
    page.wait_for_selector("#result .score:has-text('75')")
    page.wait_for_selector("#rating label.selected:has-text('良好')")
    page.click("#appeal > button")
    page.click("#appeal-send")
    page.wait_for_selector("#appeal-told .error:has-text('先选要点')")
    assert page.locator("#appeal-kind input").count() == 2  # what was said is ticked, not appealed
    choose_point(page, 2)
    page.click("#appeal-kind >> text=题目没问")
    page.click("#appeal-send")
    page.wait_for_selector("#appeal-told .came:has-text('75 → 100')")
    assert "题目没问" in page.inner_text("#result .point >> nth=1")
    assert page.locator("#result .ticks").count() == 1
    [appeal] = Appeals(assistant.history()).of_profile("me")
    assert (appeal.kind, appeal.status_after) == ("not asked", "not asked")
    page.click("#rate")
    page.wait_for_selector("#scheduled:has-text('下次复习')")


def test_the_answer_to_speak_the_last_time_and_a_follow_up(page, address):
    topic = "06-inference/cache.md"
    explain(page, address, topic, "说不上来，大概是这样。")
    page.click("#tick")
    page.wait_for_selector("#scheduled .error:has-text('先勾选')")  # no score by itself
    assert not page.is_visible(".to-speak p")
    page.click(".to-speak summary")
    page.click(".to-speak button.cite >> nth=-1")
    page.wait_for_selector("#practice-note mark")
    page.keyboard.press("Escape")
    tick(page, "#result", 0, "missed")
    page.click("#tick")
    page.wait_for_selector("#result .score.given")
    assert page.locator(".difference").count() == 0  # the first time
    page.click("#follow")
    page.wait_for_selector("#practice-question h3:has-text('请具体讲讲')")
    page.fill("#explanation textarea", "要占显存。")
    page.click("#grade")
    page.wait_for_selector("#result .point")
    for _ in range(2):  # its two questions come in turn
        explain(page, address, topic, "它避免重复计算，省时间。")
        tick(page, "#result", 0, "covered")
        page.click("#tick")
        page.wait_for_selector("#result .score.given")
    assert "100" in page.inner_text(".difference") and "0" in page.inner_text(".difference")
    page.wait_for_selector(".changed.gained")


def test_what_an_input_method_writes_is_kept_as_a_draft(page, address, assistant):
    begin(page, address, "06-inference/beam.md")
    page.fill("#explanation textarea", "束搜索写到一半")  # without a key press: was never saved
    until(lambda: assistant.history().draft("me", "06-inference/beam.md") == "束搜索写到一半")


@pytest.mark.parametrize(("width", "theme", "locale"), VIEWS)
def test_a_result_fits_and_has_no_serious_fault_of_access(browser, address, width, theme, locale):
    page = viewed(browser, width, theme, locale)
    explain(page, address, text="LoRA 把原来的权重冻住。")
    examine(page, "result-ticks")
    tick(page, "#result", 0, "covered")
    page.click("#tick")
    page.wait_for_selector("#result .score.given")
    page.click(".to-speak summary")
    page.click("#appeal > button")
    page.click("#appeal-kind label >> nth=0")
    examine(page, "result-after")
    page.context.close()
