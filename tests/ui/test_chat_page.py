"""The kept conversations in a real browser, without a language model."""

import threading
import time
from itertools import cycle
from pathlib import Path

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from pydantic import PrivateAttr

from rag.assistant import Assistant
from rag.chats.choices import Choices
from rag.llm.fair_queue import FairQueue
from rag.llm.remote_model import RemoteModel
from tests.chromium import ask
from tests.conftest import ScriptedChat, until
from tests.live import start_server

pytestmark = pytest.mark.browser
DISLIKE = "#chat button:is([aria-label='Dislike'], [aria-label='踩'])"  # in Gradio's words


def restarted(assistant):
    """Another process' view of the same data folder."""
    again = Assistant(assistant.settings)
    again.embedder = assistant.embedder
    return again


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def test_a_conversation_lasts(page, assistant):
    page.goto(f"{start_server(assistant)}/?tab=ask")
    ask(page, "LoRA 的缺点是什么?", 0)
    ask(page, "键值缓存的代价是什么?", 1)
    page.wait_for_function("location.search.includes('chat=')")
    number = int(page.url.split("chat=")[1])

    # A restarted server, a reloaded page: the address still names the conversation.
    address = start_server(restarted(assistant))
    page.goto(f"{address}/?chat={number}")
    page.wait_for_selector("#chat .cite-1_1")
    assert "显存占用" in page.inner_text("#sources")  # the last answer's sources, not lost
    page.click("#chat .cite-0_1")  # and each answer opens its own
    page.wait_for_selector("#note mark:has-text('秩的限制')")
    page.wait_for_selector("#sources:has-text('LoRA 的缺点是什么')")

    # From an empty page, by the list; an earlier question is understood in the follow-up.
    page.goto(f"{address}/?tab=ask")
    page.click("#show-chats")
    page.click("#chat-list .chat-item")
    page.wait_for_selector("#chat .cite-1_1")
    ask(page, "那它的作用呢?", 2)
    assert "避免每一步重复计算" in page.inner_text("#chat")

    # The answer is kept, and with that the title is written anew.
    page.wait_for_selector("#chat-list .chat-item:has-text('3 问')")
    page.fill("#chat-title input, #chat-title textarea", "<b>缓存</b> 复习")
    page.click("#chat-rename")
    page.wait_for_selector("#chat-list .chat-title:has-text('<b>缓存</b> 复习')")

    with page.expect_download() as download:
        page.click("#chat-export")
    text = Path(download.value.path()).read_text("utf-8")
    assert download.value.suggested_filename.endswith(".md")
    assert "LoRA 的缺点是表达能力受秩的限制" in text
    assert "lora.md" in text and "<b>" not in text

    page.click(f"{DISLIKE} >> nth=0")
    page.wait_for_selector("#why-reason")
    page.fill("#why-comment textarea, #why-comment input", "太短")
    page.click("#why-save")
    page.wait_for_selector("#why-notice:has-text('原因已保存')")
    feedback = assistant.chats().load("", number).turns[0].feedback
    assert (feedback.verdict, feedback.reason) == ("down", "wrong: 太短")

    page.click("#chat-delete")
    page.click("#chat-no")
    page.wait_for_selector("#chat-yes", state="hidden")
    assert [head.id for head in assistant.chats().heads("")] == [number]
    page.click("#chat-delete")
    page.click("#chat-yes")
    page.wait_for_selector("#chat-list:has-text('还没有保存的对话')")
    assert page.query_selector("#chat .cite") is None
    page.wait_for_function("!location.search.includes('chat=')")
    assert assistant.chats().heads("") == []


class Patient(ScriptedChat):
    """Begins its answer and waits to be told to go on."""

    _go: threading.Event = PrivateAttr(default_factory=threading.Event)

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        for words in ("LoRA ", "的缺点是表达能力受秩的限制[1]。\n"):
            yield ChatGenerationChunk(message=AIMessageChunk(words))
            assert self._go.wait(60)


@pytest.mark.parametrize("address", ["", "?chat=7"])
def test_a_question_asked_before_the_page_has_loaded_is_answered(page, assistant, address):
    chat, held = Patient(), []
    assistant.settings = assistant.settings.model_copy(update={"llm": "scripted:patient"})
    assistant.models["scripted:patient"] = RemoteModel(
        "scripted:patient", lambda refused: chat, queue=FairQueue(4)
    )

    def hold(route):
        """Keep back what the page asks for its conversation when it loads."""
        begins = f'{{"data":["{address.removeprefix("?chat=")}",null,'
        if (route.request.post_data or "").startswith(begins):
            held.append(route)
        else:
            route.continue_()

    page.route("**/queue/join*", hold)
    page.goto(f"{start_server(assistant)}/{address or '?tab=ask'}")
    page.fill("#question textarea", "LoRA 的缺点是什么?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .draft:has-text('LoRA')")
    assert len(held) == 1
    with page.expect_request_finished(lambda made: made == held[0].request):
        held[0].continue_()
    page.wait_for_timeout(1500)
    chat._go.set()
    page.wait_for_selector("#chat .cite-0_1")
    assert page.locator("#sources .card").count() > 0
    page.wait_for_function("/chat=1\\b/.test(location.search)")


def test_phone_and_english(page, assistant):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{start_server(assistant)}/?tab=ask")
    page.get_by_label("English").click()
    page.wait_for_selector("#send:has-text('Send')")
    page.wait_for_selector("#chat:has-text('every sentence opens its source')")
    page.wait_for_selector("#sources:has-text('The passages found')", state="attached")
    page.wait_for_selector("#note:has-text('Click a citation')", state="attached")
    ask(page, "What does LoRA freeze?", 0)
    ask(page, "What is LoRA's " + "superlongunbrokenword" * 8, 1)
    assert overflow(page) <= 1
    page.click("#show-chats")
    page.wait_for_selector("#chats #chat-new:has-text('New conversation')")
    page.click("#chat-list .chat-item")  # the list covers a phone's page, so it makes way
    page.wait_for_selector("#chats", state="hidden")
    assert overflow(page) <= 1
    page.click(f"{DISLIKE} >> nth=0")
    page.wait_for_selector("#why-reason:has-text('What is wrong with it?')")
    assert overflow(page) <= 1


def test_with_a_login_nobody_sees_anothers_conversations(browser, assistant):
    address = start_server(assistant, lambda name, password: password == "right horse")

    def logged_in(name):
        page = browser.new_context().new_page()
        page.set_default_timeout(60_000)
        answer = page.request.post(
            f"{address}/login", form={"username": name, "password": "right horse"}
        )
        assert answer.ok
        page.goto(f"{address}/?tab=ask")
        page.wait_for_selector("#question textarea")
        return page

    li, wang = pages = [logged_in("li"), logged_in("wang")]
    ask(li, "LoRA 的缺点是什么?", 0)
    li.wait_for_function("location.search.includes('chat=')")
    wang.goto(li.url)  # a copied address opens nothing
    wang.wait_for_selector("#chat-notice:has-text('不存在')", state="attached")
    assert wang.query_selector("#chat .cite") is None
    assert wang.query_selector(".chat-item") is None
    assert len(assistant.chats().heads("li")) == 1
    assert assistant.chats().heads("wang") == assistant.chats().heads("") == []
    # What one has chosen is there in another browser, for nobody else.
    li.click("#theme")
    li.get_by_label("English").click()
    choices = Choices(assistant.chats().path)
    until(lambda: choices.of("li") == {"theme": "dark", "language": "en"}, 30)
    assert choices.of("wang") == choices.of("") == {}
    again = logged_in("li")
    again.wait_for_selector("body.dark")
    again.wait_for_selector("[role=tab]:has-text('Read')")
    for page in [*pages, again]:
        page.context.close()


class Endless(ScriptedChat):
    """Streams until its reader is gone."""

    _ended: threading.Event = PrivateAttr(default_factory=threading.Event)

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        try:
            for word in cycle(["LoRA ", "的缺点"]):
                yield ChatGenerationChunk(message=AIMessageChunk(word))
                time.sleep(0.3)
        finally:
            self._ended.set()


def freed(queue):
    until(lambda: not len(queue), 30)


def test_stop_frees_the_model_and_leaves_the_conversation_usable(page, assistant):
    chat, queue = Endless(), FairQueue(4)
    assistant.models["scripted:endless"] = RemoteModel(
        "scripted:endless", lambda refused: chat, queue=queue
    )
    answered = assistant.settings
    page.goto(f"{start_server(assistant)}/?tab=ask")
    ask(page, "LoRA 的缺点是什么?", 0)
    assistant.settings = answered.model_copy(update={"llm": "scripted:endless"})
    page.wait_for_function("location.search.includes('chat=')")
    page.reload()  # the conversation comes back, the model is now another
    page.wait_for_selector("#chat .cite-0_1")
    page.click("#settings button")
    page.fill("#model input", "scripted:endless")
    page.keyboard.press("Enter")
    page.fill("#question textarea", "LoRA 的原理是什么?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .draft:has-text('LoRA')")
    page.click("#stop")
    page.wait_for_selector("#sources:has-text('已停止')", state="attached")
    page.wait_for_selector("#chat .draft", state="detached")
    assert page.input_value("#question textarea") == "LoRA 的原理是什么?"
    page.focus("#question textarea")
    assert page.query_selector("#chat .cite-0_1")
    freed(queue)
    assert chat._ended.is_set()
    # Leaving for another conversation ends what is being written, too.
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .draft:has-text('LoRA')")
    page.click("#show-chats")
    page.click("#chat-new")
    page.wait_for_selector("#chat .cite-0_1", state="detached")
    page.click(".chat-item")
    page.wait_for_selector("#chat .cite-0_1")
    assert page.query_selector("#chat .draft") is None
    freed(queue)
    page.click("#settings > button")  # it made way for what was clicked beside it
    page.fill("#model input", "none")
    page.keyboard.press("Enter")
    ask(page, "LoRA 的原理是什么?", 1)
    until(lambda: len(assistant.chats().load("", 1).turns) == 2, 30)  # written after it is shown
