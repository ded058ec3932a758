"""The page's frame stands in its HTML, before any script of Gradio's has come."""

import re

import pytest
from starlette.testclient import TestClient

from tests.live import start_server
from ui.frame.first_paint import ASSETS, FirstPaint, wanted

HTML = b"<html><head><title>x</title></head><body><gradio-app></gradio-app></body></html>"


def serving(html, kind="text/html; charset=utf-8"):
    async def app(scope, receive, send):
        assert not any(name == b"accept-encoding" for name, _ in scope["headers"])
        headers = [(b"content-type", kind.encode()), (b"content-length", b"%d" % len(html))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": html[:9], "more_body": True})
        await send({"type": "http.response.body", "body": html[9:]})

    return TestClient(FirstPaint(app, {"html", "button"}))


def test_the_frame_is_in_the_first_html_and_packed():
    found = serving(HTML).get("/")
    assert found.headers["content-encoding"] == "gzip"
    assert found.text.index("id='first'") < found.text.index("<gradio-app")
    assert "提问" in found.text and "Practice" in found.text
    assert found.text.index("--paper") < found.text.index("<title>")
    plain = serving(HTML).get("/", headers={"accept-encoding": "br"})
    assert "content-encoding" not in plain.headers and plain.text == found.text


def test_what_is_no_page_stays_as_it_is():
    for body, kind in ((b'{"detail": "x <gradio-app"}', "application/json"), (b"<p>", "text/html")):
        assert serving(body, kind).get("/").content == body
    found = serving(b"<p>", "text/css").get("/")  # the client would unpack what is packed
    assert "content-encoding" not in found.headers and found.content == b"<p>"


def test_the_scripts_that_are_named_are_there(tmp_path):
    few, more = wanted({"html"}), wanted({"html", "chatbot", "dataframe"})
    assert set(few) < set(more) and any(name.startswith("Blocks-") for name in few)
    assert all((ASSETS / name).is_file() for name in more)
    (tmp_path / "index-1.js").write_text('m.f=["./core-1.js","./Index-1.js"]', encoding="utf-8")
    (tmp_path / "core-1.js").write_text("another build", encoding="utf-8")
    assert wanted({"html"}, tmp_path) == ["core-1.js", "Index-1.js"]
    assert wanted({"html"}, tmp_path / "none") == []


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "theme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_the_frame_is_there_first_and_gone_with_the_page(browser, assistant, locale, theme):
    context = browser.new_context(locale=locale, color_scheme=theme)
    page = context.new_page()
    held = []
    page.route(
        re.compile(r"/assets/core-"), lambda route: held.append(route)
    )  # Gradio's scripts do not come
    page.goto(start_server(assistant), wait_until="commit")
    mine, other = ("提问", "Ask") if locale == "zh-CN" else ("Ask", "提问")
    page.wait_for_selector(f"#first nav:visible:has-text('{mine}')")
    assert not page.is_visible(f"#first :text('{other}')")
    paper = "getComputedStyle(document.querySelector('#first')).backgroundColor"
    assert page.evaluate(paper) == ("rgb(246, 246, 243)" if theme == "light" else "rgb(21, 23, 28)")
    here = page.locator("#first nav span:visible >> nth=1").bounding_box()
    for route in held:
        route.continue_()
    page.unroute(re.compile(r"/assets/core-"))
    page.wait_for_selector("#first", state="detached", timeout=60_000)
    there = page.locator("[role=tab][data-tab-id=ask]").bounding_box()
    assert abs(here["x"] - there["x"]) < 3 and abs(here["width"] - there["width"]) < 3
    context.close()


@pytest.mark.browser
def test_the_frame_makes_way_for_the_login_which_has_our_colours(browser, assistant):
    context = browser.new_context(locale="zh-CN", color_scheme="dark")
    page = context.new_page()
    page.goto(start_server(assistant, lambda name, password: password == "right horse"))
    page.wait_for_selector("input[type=password]", timeout=60_000)
    page.wait_for_selector("#first", state="detached", timeout=5_000)
    colour = "(part) => getComputedStyle(part).backgroundColor"
    assert page.eval_on_selector(".gradio-container", colour) == "rgb(21, 23, 28)"
    assert page.eval_on_selector(".wrap", colour) == "rgba(0, 0, 0, 0)"  # was a band of white
    page.fill("gradio-app input >> nth=0", "li")
    page.fill("input[type=password]", "right horse")
    page.keyboard.press("Enter")
    page.wait_for_selector("#home .today", timeout=60_000)
    page.wait_for_selector("#first", state="detached", timeout=10_000)
    context.close()
