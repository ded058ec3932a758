"""Quick recall on the page: a card, its answer, a rating, the next card."""

import pytest

from tests.live import start_server
from tests.ui.looks import VIEWS, examine, viewed
from tests.ui.taught_library import taught_assistant

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, embedder):
    return taught_assistant(tmp_path_factory.mktemp("recall"), embedder)


@pytest.fixture(scope="module")
def address(assistant):
    return start_server(assistant)


def card_of(page):
    return page.inner_text("#rc-card")


def begin(page, address):
    page.goto(f"{address}/?tab=practice")
    page.wait_for_selector("#up-next .topic")
    page.click("#practise-mode label:nth-of-type(2)")
    page.wait_for_selector("#rc-begin")
    assert not page.is_visible("#start") and not page.is_visible("#iv-begin")


def test_a_card_is_thought_over_shown_and_rated_by_keys(page, address, assistant):
    begin(page, address)
    page.click("#rc-begin")
    page.wait_for_selector("#rc-card h3")
    first = card_of(page)
    assert not page.is_visible("#rc-good") and page.locator("#rc-answer .point").count() == 0
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(" ")
    page.wait_for_selector("#rc-answer .point")
    page.click("#rc-answer .cite >> nth=0")
    page.wait_for_selector("#practice-note mark")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("3")
    page.wait_for_selector("#rc-told:has-text('良好，下次复习')")
    page.wait_for_function(
        "(old) => document.querySelector('#rc-card').innerText !== old", arg=first
    )
    assert not page.is_visible("#rc-good")  # the next card is not answered yet
    [kept] = assistant.history().attempts("me")
    assert kept.rating == "good" and kept.question in first
    second = card_of(page)
    page.click("#rc-other")
    page.wait_for_function(
        "(old) => document.querySelector('#rc-card').innerText !== old", arg=second
    )
    assert len(assistant.history().attempts("me")) == 1  # passed over, not rated
    page.click("#practise-mode label:nth-of-type(1)")
    page.wait_for_selector("#start")
    assert not page.is_visible("#rc-card")


def test_no_key_acts_on_what_is_not_seen(page, address, assistant):
    begin(page, address)
    page.click("#rc-begin")
    page.wait_for_selector("#rc-card h3")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("3")  # the answer is not shown: it chose the rating of the exercise
    page.wait_for_timeout(300)
    assert page.locator("#rating input:checked").count() == 0
    page.keyboard.press(" ")
    page.wait_for_selector("#rc-answer .point")
    before, card = len(assistant.history().attempts("me")), card_of(page)
    page.keyboard.press("?")
    page.wait_for_selector("#keys:has-text('Space'):has-text('显示速记卡的要点')")
    page.keyboard.press("3")
    page.wait_for_timeout(1000)
    assert page.is_visible("#keys") and card_of(page) == card
    assert len(assistant.history().attempts("me")) == before
    page.keyboard.press("Escape")
    page.wait_for_selector("#keys", state="hidden")


@pytest.mark.parametrize(("width", "theme", "locale"), VIEWS)
def test_a_card_fits_and_has_no_serious_fault_of_access(browser, address, width, theme, locale):
    page = viewed(browser, width, theme, locale)
    begin(page, address)
    examine(page, "recall-begin")
    page.click("#rc-begin")
    page.wait_for_selector("#rc-card h3")
    page.click("#rc-show")
    page.wait_for_selector("#rc-answer .point")
    if locale.startswith("en"):
        page.wait_for_selector("#rc-again:has-text('Again')")
        assert page.inner_text("#rc-answer .point").isascii()
    examine(page, "recall-answer")
    page.context.close()
