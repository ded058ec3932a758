"""On the page: points appear as they are judged, the result takes their place, nothing is lost."""

import pytest

from tests.chromium import new_page
from tests.conftest import until
from tests.live import start_server
from tests.practice.scripted_judge import HALF, NO, YES, ScriptedJudge
from tests.ui.looks import VIEWS, examine, viewed
from tests.ui.taught_library import taught_assistant
from tests.ui.test_appeal_page import SAID, answer_in_interview, begin
from ui import app
from ui.app import build

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, embedder):
    return taught_assistant(tmp_path_factory.mktemp("judging"), embedder, "scripted:judge")


@pytest.fixture(scope="module")
def served(assistant):
    """The address, and the page as Gradio knows it."""
    assistant.models["scripted:judge"] = ScriptedJudge()
    pages = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "build", lambda *given: pages.append(build(*given)) or pages[-1])
        return start_server(assistant), pages[0]


@pytest.fixture(scope="module")
def address(served):
    return served[0]


def set_judge(assistant, *verdicts):
    assistant.models["scripted:judge"] = judge = ScriptedJudge(*verdicts)
    return judge


def top_of(page, selector):
    return page.evaluate(
        "(s) => document.querySelector(s).getBoundingClientRect().top + scrollY", selector
    )


@pytest.mark.parametrize(("width", "theme", "locale"), VIEWS)
def test_points_appear_as_judged_and_the_result_does_not_jump(
    browser, address, assistant, width, theme, locale
):
    judge = set_judge(assistant, YES, HALF, NO, NO, NO)  # in English it asks for all five
    page = viewed(browser, width, theme, locale)
    begin(page, address, "lora.md")
    page.fill("#explanation textarea", SAID)
    page.click("#grade")
    english = locale.startswith("en")
    page.wait_for_selector(
        f"#result .judging .summary:has-text('{'Judging point 1' if english else '第 1 / '}')"
    )
    judge.pace.release()
    page.wait_for_selector("#result .judging .point.covered")
    page.wait_for_selector(
        f"#result .judging .summary:has-text('{'Judging point 2' if english else '第 2 / '}')"
    )
    assert page.locator("#result .point").count() == 1
    for part in ("#hand-in", "#appeal", "#rating", "#go-on"):
        assert not page.is_visible(part)
    page.wait_for_timeout(500)  # the box above has become small by now
    before = top_of(page, "#result .point")
    examine(page, f"judging-{locale}")
    judge.at_once()
    page.wait_for_selector("#result .score.given")
    page.wait_for_timeout(500)
    assert abs(top_of(page, "#result .point") - before) <= 4
    assert page.locator("#result .point").count() == (5 if english else 2)
    page.context.close()


def test_a_page_closed_while_it_is_judged_keeps_the_attempt(browser, served, assistant):
    address, built = served
    judge = set_judge(assistant, YES, NO)
    page = new_page(browser)
    begin(page, address, "06-inference/cache.md")
    page.fill("#explanation textarea", "它避免重复计算。")
    page.click("#grade")
    page.wait_for_selector("#result .judging")
    sessions = built.app.state_holder.session_data
    assert any(not session.is_closed for session in list(sessions.values()))
    page.close()
    # Only now does Gradio break off what the page had asked for.
    until(lambda: all(session.is_closed for session in list(sessions.values())), 60)
    judge.at_once()
    until(lambda: assistant.history().attempts("me", "06-inference/cache.md"), 60)


def test_the_next_question_is_not_given_the_grade_of_the_one_before(browser, address, assistant):
    judge = set_judge(assistant, YES, NO)
    page = new_page(browser)
    begin(page, address, "lora.md")
    before = len(assistant.history().attempts("me", "lora.md"))
    asked = page.inner_text("#practice-question h3")
    page.fill("#explanation textarea", "\n".join([SAID] * 6))
    page.click("#grade")
    page.wait_for_selector("#result .judging")
    page.wait_for_timeout(500)
    # What was said stays in sight: the box was three lines high.
    assert page.locator("#explanation textarea").bounding_box()["height"] > 120
    page.click("#start")
    page.wait_for_function(
        "(asked) => document.querySelector('#practice-question h3')?.innerText !== asked", arg=asked
    )
    judge.at_once()
    until(lambda: len(assistant.history().attempts("me", "lora.md")) == before + 1, 60)
    page.wait_for_timeout(2000)
    assert page.locator("#result :is(.point, .judging)").count() == 0
    assert page.is_visible("#grade")
    page.close()


def test_an_interview_shows_points_as_judged_and_goes_on_where_the_judge_stops(
    browser, address, assistant
):
    judge = set_judge(assistant, HALF)
    page = new_page(browser)
    page.goto(f"{address}/?tab=practice")
    page.wait_for_selector("#up-next .topic")
    answer_in_interview(page)
    page.wait_for_selector("#iv-result .judging .summary:has-text('第 1 / 2')")
    assert not page.is_visible("#iv-buttons") and not page.is_visible("#iv-next")
    judge.at_once()  # one verdict, then it stops
    page.wait_for_selector("#iv-notice .error")
    page.wait_for_selector(".iv.asking h3")
    assert page.input_value("#iv-answer textarea") == SAID
    set_judge(assistant, YES, HALF).at_once()
    page.click("#iv-send")
    page.wait_for_selector("#iv-result .score.given:has-text('75')")
    page.close()
