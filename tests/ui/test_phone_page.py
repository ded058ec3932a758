"""The page under a finger: what can be tapped is large enough, what opens can be closed."""

import pytest

from tests.chromium import ask
from tests.live import start_server

pytestmark = pytest.mark.browser

FINGER = 40  # pixels
# What can be tapped and is too low, by the reach of what the tap meets; a link in a text may be.
TOO_SMALL = """(finger) => {
  const found = [];
  for (const one of document.querySelectorAll("button, summary, label, [role=tab], select")) {
    one.scrollIntoView({block: "center"});
    const box = one.getBoundingClientRect();
    if (!box.width || !box.height || getComputedStyle(one).visibility === "hidden") continue;
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    const meets = (at) => one.contains(document.elementFromPoint(x, at));
    if (!meets(y)) continue;  // it lies under something else, or is drawn for screen readers
    let reach = 1;
    for (const by of [-1, 1]) for (let at = y + by; meets(at) && reach <= finger; at += by) reach++;
    if (reach < finger - 1) found.push(`${one.tagName} ${one.id} ${one.className} ${reach}`);
  }
  return found;
}"""


@pytest.fixture
def phone(browser):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def test_what_can_be_tapped_is_large_enough(phone, assistant):
    address, found = start_server(assistant), {}
    for tab, there in (
        ("home", ".folder"), ("read", ".shelf-folder"), ("practice", "#start"),
        ("notes", "#notes-table"),
    ):  # fmt: skip
        phone.goto(f"{address}/?tab={tab}")
        phone.wait_for_selector(there)
        phone.wait_for_timeout(500)
        found[tab] = phone.evaluate(TOO_SMALL, FINGER)
    phone.goto(f"{address}/?tab=ask")
    ask(phone, "LoRA 的缺点是什么?", 0)
    found["ask"] = phone.evaluate(TOO_SMALL, FINGER)
    assert not any(found.values()), found


def test_what_lies_over_the_page_can_be_closed(phone, assistant):
    phone.goto(f"{start_server(assistant)}/?tab=ask")
    phone.wait_for_selector("#chat .empty")
    for way in ("beside", "button", "Escape"):
        phone.tap("#show-chats")
        phone.wait_for_selector("#chat-new", state="visible")
        if way == "beside":
            phone.touchscreen.tap(370, 400)
        elif way == "button":
            phone.tap("#chats .aside-close")
        else:
            phone.keyboard.press("Escape")
        phone.wait_for_selector("#chat-new", state="hidden")
    for way in ("beside", "Escape"):
        phone.tap("#settings > button")
        phone.wait_for_selector("#model", state="visible")
        phone.tap("#model input")  # what belongs to it leaves it open
        assert phone.is_visible("#model")
        if way == "beside":
            phone.touchscreen.tap(100, 700)
        else:
            phone.keyboard.press("Escape")
            phone.keyboard.press("Escape")
        phone.wait_for_selector("#model", state="hidden")


def test_the_keyboard_leaves_the_question_box_in_sight(phone, assistant):
    phone.goto(f"{start_server(assistant)}/?tab=ask")
    phone.wait_for_selector("#chat .empty")
    assert "resizes-content" in phone.get_attribute("meta[name=viewport]", "content")
    phone.tap("#question textarea")
    phone.set_viewport_size({"width": 390, "height": 430})  # what a keyboard leaves of it
    phone.wait_for_selector("#pages > .tab-wrapper", state="hidden")
    box = phone.locator("#ask-row").bounding_box()
    assert box["y"] >= 48 and box["y"] + box["height"] <= 430
    phone.evaluate("document.activeElement.blur()")
    phone.wait_for_selector("#pages > .tab-wrapper", state="visible")
