"""The web page in a real browser, with the embedded LLM."""

import os
import socket
import subprocess
import sys
import time

import pytest

from tests.chromium import launched, required
from tests.live import write_corpus
from ui.answer_html import note_html


def test_notes_are_shown_harmless_with_the_passage_marked():
    text = (
        "---\ntitle: x\n---\n# T <script>alert(1)</script>\n\n"
        "[a](javascript:alert(1)) 一句话。第二句。\n\n"
        "| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n<img src=x onerror=alert(1)>\n"
    )
    start = text.index("第二句")
    html = note_html(text, start, start + 4)
    assert '<mark id="cited">第二句。</mark>' in html
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    table = text.index("| 1")
    assert ">1</mark>" in note_html(text, table, table + 9).replace(" ", "")


class Server:
    """`rag serve` as a process of its own, on a free port."""

    def __init__(self, folder, llm="local"):
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._environment = {
            **os.environ, "RAG_DATA_DIR": str(folder), "RAG_CORPUS": str(folder / "notes"),
            "RAG_LLM": llm,
        }  # fmt: skip
        self._log = (folder / "log").open("w+")

    def start(self):
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from rag.cli.main import main; main()",
             "serve", "--port", str(self._port)],
            env=self._environment, stdout=self._log, stderr=self._log,
        )  # fmt: skip
        deadline = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
                return
            except OSError:
                assert self._process.poll() is None and time.monotonic() < deadline, (
                    self._folder / "log"
                ).read_text()
                time.sleep(0.3)

    def stop(self):
        self._process.terminate()
        self._process.wait(20)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    required()
    folder = tmp_path_factory.mktemp("web")
    write_corpus(folder)
    made = Server(folder)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def page(server):
    with launched() as browser:
        made = browser.new_page(viewport={"width": 1280, "height": 900})
        made.goto(f"{server.url}/?tab=ask")
        made.wait_for_selector("#question textarea", timeout=60_000)
        yield made


@pytest.mark.browser
@pytest.mark.llm
def test_ask_see_the_cited_passage_and_follow_up(page):
    page.fill("#question textarea", "LoRA 的缺点是什么?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#sources .card", timeout=120_000)  # evidence first
    page.wait_for_selector("#chat button.cite", timeout=180_000)
    page.click("#chat button.cite >> nth=0")
    page.wait_for_selector("#note mark", timeout=20_000)
    assert "秩的限制" in page.inner_text("#note mark")
    page.fill("#question textarea", "那它的原理呢?")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelectorAll('#chat .cite-1_1').length > 0", timeout=180_000
    )
    assert "低秩矩阵" in page.inner_text("#chat")


@pytest.mark.browser
def test_a_language_chosen_while_the_page_loads_stays(server):
    with launched() as browser:
        page = browser.new_page()
        page.add_init_script(
            """new MutationObserver((_, watch) => {
              const english = document.querySelector('#language input[value="en"]');
              if (english) { watch.disconnect(); english.click(); }
            }).observe(document, { childList: true, subtree: true });"""
        )
        page.goto(f"{server.url}/?tab=ask")
        page.get_by_role("button", name="Send").wait_for(timeout=60_000)
        page.wait_for_timeout(1500)  # what came after it has come
        assert page.get_by_role("button", name="Send").is_visible()
        page.reload()
        page.get_by_role("button", name="Send").wait_for(timeout=60_000)


@pytest.mark.browser
def test_language_switch_errors_and_phone_width(page):
    page.get_by_label("English").click()
    page.wait_for_selector("text=every sentence opens its source", timeout=20_000)
    page.get_by_role("button", name="Send").wait_for(timeout=20_000)
    page.fill("#question textarea", "???")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .error", timeout=60_000)
    page.set_viewport_size({"width": 390, "height": 844})
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 1


@pytest.mark.browser
@pytest.mark.llm
def test_practise_see_the_source_rate_and_find_it_scheduled(page, server):
    page.get_by_role("tab", name="练习").click()
    page.click("#practise-settings button >> nth=0")
    page.fill("#topic input", "LoRA 低秩适配")
    page.keyboard.press("Enter")
    page.click("#start")
    page.wait_for_selector("#practice-question h3", timeout=60_000)
    page.fill(
        "#explanation textarea", "LoRA 冻结预训练权重，只训练两个低秩矩阵。秩通常取 8 到 64。"
    )
    page.click("#grade")
    page.wait_for_selector("#result .point", timeout=180_000)
    page.click("#result button.cite >> nth=0")
    page.wait_for_selector("#practice-note mark", timeout=20_000)
    page.get_by_label("良好").check()
    page.click("#rate")
    page.wait_for_selector("#scheduled:has-text('下次复习')", timeout=60_000)
    page.wait_for_selector("#progress-line:has-text('已练 1/')", timeout=60_000)
    server.stop()  # after a restart of the server, what was learned is still there
    server.start()
    page.goto(server.url)
    page.get_by_role("tab", name="练习").click()
    page.wait_for_selector("#progress-line:has-text('已练 1/')", timeout=60_000)
    page.click("#progress button >> nth=0")
    page.wait_for_selector("#plot-due svg, #plot-due canvas", timeout=60_000)
