"""The browser of the browser tests: Debian's Chromium, driven by playwright."""

import os
import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--accept-lang=zh-CN",  # the page speaks the browser's language
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def required():
    """Skip the test where there is no browser; in CI it fails."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: .ci/run should have installed it")
        pytest.skip("Chromium is not installed (apt-get install chromium fonts-noto-cjk)")


@contextmanager
def launched():
    """A running browser."""
    required()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser):
    """A desktop-sized page with patience for a busy machine."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)
    return page


def ask(page, question, turn):
    """Ask on the page and wait until the answer of that turn (from 0) is cited."""
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#chat [class*='cite-{turn}_']")
