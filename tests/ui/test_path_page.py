"""The study path on Home: followed, moved by the interview, practised in its order."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rag.practice.plan.days import local_day
from rag.practice.plan.learner_plan import Plans
from tests.live import start_server
from tests.ui.looks import VIEWS, examine, tick, viewed
from tests.ui.taught_library import taught_assistant

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, embedder):
    return taught_assistant(tmp_path_factory.mktemp("path"), embedder)


@pytest.fixture(scope="module")
def address(assistant):
    return start_server(assistant)


@pytest.fixture
def unplanned(assistant):
    """A learner who has wished for nothing."""
    plans = Plans(assistant.history().database)
    plans.change("me", path=False, interview="")
    return plans


def test_a_path_is_followed_and_an_interview_moves_it(page, address, unplanned):
    page.goto(address)
    page.wait_for_selector(".trail-days li:nth-child(3)")
    page.click(".trail .follow-path")
    page.wait_for_selector(".trail h3:has-text('第 1 天：缓存')")
    assert page.locator(".trail-days .here").count() == 1
    assert page.locator(".trail .topic").count() == 2
    tomorrow = local_day(datetime.now(UTC)) + timedelta(days=1)
    page.fill(".interview-day input", tomorrow.isoformat())
    page.click(".trail summary:has-text('第 3 天：微调')")  # the whole path, today
    assert page.locator(".trail-days .here").count() == 3
    page.wait_for_selector(".days:has-text('1 天')")
    page.reload()
    assert page.input_value(".interview-day input") == tomorrow.isoformat()
    page.fill(".interview-day input", "")
    page.wait_for_selector(".trail h3:has-text('第 3 天')", state="detached")
    page.click(".trail .go.primary")
    page.wait_for_selector("#practice-question h3:has-text('分页缓存乙')")
    page.fill("#explanation textarea", "减少显存碎片。")
    page.click("#grade")
    tick(page, "#result", 0, "covered")
    page.click("#tick")
    page.click("#rate")
    page.wait_for_selector("#scheduled:has-text('下次复习')")
    # Nothing is due: "next" is the path's next, and the list beside it begins with it.
    page.wait_for_selector("#up-next li:first-child:has-text('键值缓存甲')")
    page.click("#start")
    page.wait_for_selector("#practice-question h3:has-text('键值缓存甲')")
    page.get_by_role("tab", name="首页").click()
    page.wait_for_selector(".trail-days li:first-child[title*='1 / 2']")
    page.click(".trail .follow-path")
    page.wait_for_selector(".trail h3", state="detached")
    assert unplanned.load("me").path is False


@pytest.mark.parametrize(("width", "theme", "locale"), VIEWS)
def test_home_with_a_path_fits_and_has_no_serious_fault_of_access(
    browser, address, unplanned, width, theme, locale
):
    page = viewed(browser, width, theme, locale)
    page.goto(address)
    page.wait_for_selector(".trail .follow-path")
    examine(page, "path-offered")
    unplanned.change("me", path=True, interview=(date.today() + timedelta(days=9)).isoformat())
    page.reload()
    page.wait_for_selector(".trail h3")
    examine(page, "path-followed")
    page.goto(f"{address}/?tab=practice")
    page.wait_for_selector("#up-next .topic")
    examine(page, "practise-begin")
    page.context.close()
