"""Asking in a real browser: what survives, what is copied, what a phone shows, what prices are."""

import threading

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from pydantic import PrivateAttr

from rag.assistant import Assistant
from rag.llm.fair_queue import FairQueue
from rag.llm.remote_model import RemoteModel
from tests.chromium import ask, new_page
from tests.conftest import ScriptedChat, until
from tests.live import start_server

pytestmark = pytest.mark.browser

PRICES = """# 灯泡

## 价格
灯塔的普通灯泡 $5 一只，长寿灯泡 $19.99 一只。

## 亮度
亮度按 $E = I / d^2$ 计算，\\$7 是运费，`$HOME` 与 `$PATH` 无关。
"""


class Patient(ScriptedChat):
    """Begins its answer and waits to be told to go on."""

    _go: threading.Event = PrivateAttr(default_factory=threading.Event)

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        self._asked.append(messages)
        for words in ("LoRA ", "的缺点是表达能力受秩的限制[1]。\n"):
            yield ChatGenerationChunk(message=AIMessageChunk(words))
            assert self._go.wait(240)


@pytest.fixture
def patient(assistant):
    chat = Patient()
    assistant.settings = assistant.settings.model_copy(update={"llm": "scripted:patient"})
    assistant.models["scripted:patient"] = RemoteModel(
        "scripted:patient", lambda refused: chat, queue=FairQueue(4)
    )
    return chat


def begin(page, address):
    page.goto(f"{address}/?tab=ask")
    page.fill("#question textarea", "LoRA 的缺点是什么?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .draft:has-text('LoRA')")
    page.wait_for_function("location.search.includes('chat=')")


def test_a_reload_in_the_middle_of_an_answer_loses_nothing(page, assistant, patient):
    address = start_server(assistant)
    begin(page, address)
    page.reload()
    page.wait_for_selector("#chat .draft:has-text('LoRA')")  # the same answer goes on
    other = new_page(page.context.browser)
    other.goto(page.url)
    other.wait_for_selector("#chat .draft:has-text('LoRA')")
    patient._go.set()
    for seen in (page, other):
        seen.wait_for_selector("#chat .cite-0_1")
    other.close()
    until(lambda: [head.turns for head in assistant.chats().heads("")] == [1], 30)
    assert len(patient.history) == 1


def test_a_server_that_stopped_in_the_middle_of_an_answer_offers_it_again(
    page, assistant, patient, embedder
):
    begin(page, start_server(assistant))
    number = page.url.split("chat=")[1].split("&")[0]
    again = Assistant(assistant.settings.model_copy(update={"llm": "none"}))
    again.embedder = embedder
    page.goto(f"{start_server(again)}/?chat={number}")
    page.wait_for_selector("#chat:has-text('LoRA 的缺点是什么') .again")
    page.click("#chat .again")
    page.wait_for_selector("#chat .cite-0_1")
    until(lambda: [head.turns for head in again.chats().heads("")] == [1], 30)
    assert again.chats().asking("", int(number)) == ""
    patient._go.set()


def test_a_stopped_first_question_leaves_no_conversation(page, assistant, patient):
    begin(page, start_server(assistant))
    page.click("#stop")
    page.wait_for_selector("#chat .draft", state="detached")
    assert page.input_value("#question textarea") == "LoRA 的缺点是什么?"
    until(lambda: not assistant.chats().heads(""), 30)
    page.wait_for_function("!location.search.includes('chat=')")
    patient._go.set()


def test_enter_that_chooses_a_word_of_an_input_method_sends_nothing(page, assistant):
    page.goto(f"{start_server(assistant)}/?tab=ask")
    page.fill("#question textarea", "LoRA 的缺点")
    composing = (
        "(extra) => document.querySelector('#question textarea').dispatchEvent(new KeyboardEvent("
        "'keydown', {key: 'Enter', bubbles: true, cancelable: true, ...extra}))"
    )
    page.evaluate(composing, {"isComposing": True})
    page.evaluate(composing, {"keyCode": 229})
    page.wait_for_timeout(700)
    assert page.locator("#chat .user-row").count() == 0
    assert page.input_value("#question textarea") == "LoRA 的缺点"
    page.focus("#question textarea")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .cite-0_1")


def test_an_answer_is_copied_as_text_and_conversations_are_found_by_it(browser, assistant):
    page = browser.new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{start_server(assistant)}/?tab=ask")
    ask(page, "LoRA 的缺点是什么?", 0)
    assert page.locator("#chat .direct").count() == 1
    page.click("#chat .copy-0_sources")
    page.wait_for_selector("#said:has-text('已复制')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "表达能力受秩的限制" in copied and "[1] LoRA" in copied and "<" not in copied
    page.click("#chat .copy-0_plain")
    page.wait_for_function("navigator.clipboard.readText().then((text) => !text.includes('[1]'))")
    page.click("#aside .aside-close")  # the sources make way, too
    page.wait_for_selector("#aside", state="hidden")
    page.click("#begin-chat")
    page.wait_for_selector("#chat .empty")
    page.click("#show-chats")
    page.wait_for_selector("#chat-list .chat-item")
    page.fill("#chat-find textarea, #chat-find input", "秩的限制")  # of the answer
    page.wait_for_timeout(600)
    assert page.locator("#chat-list .chat-item").count() == 1
    page.fill("#chat-find textarea, #chat-find input", "没有这样的话")
    page.wait_for_selector("#chat-list:has-text('没有找到')")
    page.context.close()


def test_on_a_phone_the_passage_comes_as_a_sheet_and_what_can_follow_is_a_tap_away(page, assistant):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{start_server(assistant)}/?tab=ask")
    page.click("#chat .example >> nth=0")  # an example asks by itself
    page.wait_for_selector("#chat .answer", state="attached")  # asked before, it would be left
    page.wait_for_selector("#chat .doing", state="detached")
    ask(page, "LoRA 的缺点是什么?", 1)
    box = page.locator("#ask-row").bounding_box()
    assert box["y"] + box["height"] <= 844  # the question box is always in sight
    asked = page.locator("#chat .user-row").nth(1).bounding_box()
    talk = page.locator("#chat").bounding_box()
    assert 0 <= asked["y"] - talk["y"] < 60  # an answer is read from its beginning
    page.click("#chat .cite-1_1")
    page.wait_for_selector("#note mark:has-text('秩的限制')")
    sheet = page.locator("#aside").bounding_box()
    assert sheet["y"] > 100 and sheet["width"] == 390
    page.keyboard.press("Escape")
    page.wait_for_selector("#aside", state="hidden")
    page.evaluate("window.showCited()")  # as where its passage comes when it is closed again
    assert not page.is_visible("#aside")
    page.click("#chat .latest .fill-this")
    assert "…" in page.input_value("#question textarea")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 1


def test_an_abstention_helps_on(page, assistant):
    page.goto(f"{start_server(assistant)}/?tab=ask")
    page.fill("#question textarea", "量子纠缠怎么测量？")
    page.keyboard.press("Enter")
    page.click("#chat .near >> nth=0")
    page.wait_for_selector("#note .prose h1, #note .prose h2")
    page.click("#chat .to-notes")
    page.wait_for_selector("#upload")


def test_prices_are_text_and_the_formula_is_typeset(page, assistant, corpus):
    (corpus / "bulbs.md").write_text(PRICES, encoding="utf-8")
    assistant.build()
    address = start_server(assistant)
    page.goto(f"{address}/?tab=ask")
    ask(page, "预算 $5 够买哪种灯泡，$20 呢？灯塔的灯泡多少钱？", 0)
    assert page.locator("#chat .katex").count() == 0
    assert "$5 够买哪种灯泡，$20" in page.inner_text("#chat .user-row")
    assert "$5 一只，长寿灯泡 $19.99" in page.inner_text("#chat .bot-row")
    page.click("#chat .cite-0_1")
    page.wait_for_selector("#note .katex")
    assert page.locator("#note .katex").count() == 1
    assert "$19.99" in page.inner_text("#note")
    page.goto(f"{address}/?tab=read&note=bulbs.md")
    page.wait_for_selector("#article .katex")
    assert page.locator("#article .katex").count() == 1
    assert "$5 一只，长寿灯泡 $19.99 一只" in page.inner_text("#article")
    assert "$HOME" in page.inner_text("#article")
