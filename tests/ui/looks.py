"""What every view of the page must stand: it fits, it has no serious fault of access, it is kept
as a picture where SHOTS says."""

import os
from pathlib import Path

VIEWS = [(1280, "light", "zh-CN"), (390, "dark", "en-GB")]


def shoot(page, name, whole=False):
    """Keep a picture where SHOTS says, to be looked at."""
    if os.environ.get("SHOTS"):
        page.screenshot(path=Path(os.environ["SHOTS"]) / f"{name}.png", full_page=whole)


def viewed(browser, width, theme, locale):
    """A page of a size, a theme and a language; what its scripts raise is kept in `alarms`."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, locale=locale
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.alarms = []
    page.on("pageerror", lambda error: page.alarms.append(str(error)))
    return page


def tick(page, where, point, value):
    """Tick a point (from 0) of a result: `covered`, `partly` or `missed`."""
    page.locator(f"{where} .point").nth(point).locator(f"input[value={value}]").check()


def examine(page, name):
    """Fail where the view does not fit or axe finds a serious fault."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_timeout(300)
    width = page.viewport_size["width"]
    shoot(page, f"{name}-{width}", whole=True)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response
    faults = [
        (item["id"], [node["target"] for node in item["nodes"]][:4])
        for item in found["violations"]
        if item["impact"] in {"serious", "critical"}
    ]
    assert faults == [], name
    # A busy machine lays out late.
    page.wait_for_function("document.documentElement.scrollWidth - window.innerWidth <= 1")
    assert not page.alarms
