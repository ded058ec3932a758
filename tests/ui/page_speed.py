"""How quick and how still the page is: `python -m tests.ui.page_speed [DATA_DIR]`.

First paint and bytes, cold and warm; then a question in an empty conversation and one after 200
others: seconds until its answer, what shifted meanwhile, how large the page has become. Over the
shipped notes, without a language model. With DATA_DIR its index is used.
"""

import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rag.assistant import Assistant
from rag.settings import load_settings
from tests.chromium import launched
from tests.live import start_server
from ui.home.home_tab import PROFILE
from ui.home.standing import standing

TURNS = 200
QUESTIONS = ("LoRA 和 Prefix Tuning 有什么区别？", "KV Cache 为什么能加速推理？", "什么是 RoPE？")
ASKED = "FlashAttention 为什么快？"
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries()
  .map((one) => [one.value, one.hadRecentInput]))).observe({type: "layout-shift", buffered: true});
"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
BYTES = """["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
.filter((one) => !one.name.includes("/queue/"))
.reduce((sum, one) => sum + one.encodedBodySize, 0)"""
SHIFTS = """(late) =>
shifts.reduce((sum, [value, byUser]) => sum + (late && byUser ? 0 : value), 0)"""


def long_chat(assistant: Assistant) -> int:
    """The number of a conversation of 200 answers."""
    answers = [assistant.answer(question) for question in QUESTIONS]
    many = [
        replace(answers[turn % len(answers)], question=f"{QUESTIONS[turn % len(answers)]} ({turn})")
        for turn in range(TURNS)
    ]
    return assistant.chats().add("", None, many)[0]


def measured(address: str, chat: int, width: int, height: int) -> None:
    """Print what one size of window gives."""
    with launched() as browser:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        context.add_init_script(WATCH)
        page = context.new_page()
        page.set_default_timeout(120_000)
        for visit in ("cold", "warm"):
            page.goto(address)
            page.wait_for_selector(".folder")
            paint, whole, size = (
                page.evaluate(what) for what in (PAINT, "performance.now()", BYTES)
            )
            print(
                f"{width} {visit}: first paint {paint / 1000:.2f} s, map {whole / 1000:.2f} s, "
                f"{size / 1000:.0f} kB, shift {page.evaluate(SHIFTS, False):.4f}"
            )
        for place in ("tab=ask", f"chat={chat}"):
            began = time.monotonic()
            page.goto(f"{address}/?{place}")
            page.wait_for_selector(
                "#chat .empty" if place == "tab=ask" else f"#chat .cite-{TURNS - 1}_1"
            )
            opened = time.monotonic() - began
            page.wait_for_timeout(2500)
            page.evaluate("shifts.length = 0")
            page.fill("#question textarea", ASKED)
            began = time.monotonic()
            page.keyboard.press("Enter")
            page.wait_for_function(
                f"[...document.querySelectorAll('#chat .user-row')].at(-1)?.textContent"
                f".includes('{ASKED}') && document.querySelector('#chat .latest .cite.mark')"
            )
            answered = time.monotonic() - began
            page.wait_for_timeout(1500)
            nodes = page.evaluate("document.querySelectorAll('*').length")
            print(
                f"{width} {place.split('=')[0]}: open {opened:.2f} s, answer {answered:.2f} s, "
                f"{nodes} nodes, shift {page.evaluate(SHIFTS, False):.4f}, "
                f"not by the user {page.evaluate(SHIFTS, True):.4f}"
            )


def main(folder: Path) -> None:
    """Measure a desktop and a phone."""
    assistant = Assistant(load_settings(data_dir=folder, llm="none"))
    if not assistant.has_index():
        assistant.build()
    assistant.warm()
    standing(assistant, "", PROFILE)
    for width, height in ((1280, 800), (390, 844)):
        measured(start_server(assistant), long_chat(assistant), width, height)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        if len(sys.argv) > 1:
            shutil.copytree(Path(sys.argv[1]) / "index", Path(made) / "index")
        main(Path(made))
