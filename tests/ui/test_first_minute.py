"""The first minute in a browser: the page is there before the notes are read."""

import os
import threading
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.cli.common import ready
from rag.index import pace
from tests.chromium import ask
from tests.live import start_server

pytestmark = pytest.mark.browser


@pytest.fixture
def slow(settings, embedder, monkeypatch):
    """Nothing is indexed; each note is published, and the build waits to be told to go on."""
    monkeypatch.setattr(pace, "FIRST", 1)
    monkeypatch.setattr(pace, "GROWTH", 1)
    made = Assistant(settings)
    made.embedder = embedder
    made.go = threading.Semaphore(0)

    def progress(stage, done, total):
        if stage == "embed":
            assert made.go.acquire(timeout=240)

    made.prepare = lambda: made.build(progress)
    return made


def test_the_page_answers_from_what_is_read_and_needs_no_reload(page, slow):
    address = start_server(slow, prepare=slow.prepare)
    page.goto(address)
    page.wait_for_selector("#status:has-text('正在读取笔记')")
    page.wait_for_selector("#status:has-text('稍后就可以提问')")
    page.wait_for_selector("#home .first-steps")
    assert page.locator("#home [data-note*='lora']").count() == 0
    slow.go.release(2)  # begun, and done
    page.wait_for_selector("#status:has-text('1/3')")
    page.wait_for_selector("#status:has-text('可以提问，答案只据')")
    for width in (1280, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        right_of_tabs = page.locator("#pages [role=tab]").last.bounding_box()
        status = page.locator("#status").bounding_box()
        assert status["x"] >= right_of_tabs["x"] + right_of_tabs["width"]
    page.wait_for_selector("#home [data-note*='lora']")  # without a reload
    page.goto(f"{address}/?tab=ask")
    ask(page, "LoRA 的缺点是什么？", 0)
    page.wait_for_selector("#chat .so-far:has-text('1/3 篇，答案只据已读部分')")
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / "first_minute.png")
    slow.go.release(100)
    page.wait_for_selector("#status .ready", state="attached")
    ask(page, "PPO 需要几个模型？", 1)
    assert page.locator("#chat .so-far").count() == 1


def test_who_asks_before_the_first_note_waits_for_it(page, slow):
    address = start_server(slow, prepare=slow.prepare)
    page.goto(f"{address}/?tab=ask")
    threading.Timer(3, slow.go.release, [100]).start()
    ask(page, "LoRA 的缺点是什么？", 0)


def test_what_breaks_the_first_index_is_said(page, settings, embedder):
    made = Assistant(settings)
    made.embedder = embedder
    (settings.data_dir / "index").mkdir(parents=True)
    made.library.index_dir(made.collection()).write_text("no folder", "utf-8")
    address = start_server(made, prepare=lambda: ready(made))
    page.goto(address)
    page.wait_for_selector("#status .failed:has-text('cannot be written')")
