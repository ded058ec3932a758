"""The Notes page: its handlers, who may do what, and the whole way in a real browser."""

import pytest

from rag.errors import RagError, UsageError
from rag.notes.note_key import DEFAULT
from rag.permissions import changeable, collection_for, readable, readable_names, usable_model
from tests.chromium import launched, new_page, required
from tests.live import write_corpus
from tests.ui.test_web import Server
from ui import notes_actions as notes
from ui.answer_stream import answer_stream
from ui.session import Session

ROPE = """# RoPE 旋转位置编码

## 原理
RoPE 用旋转矩阵编码位置，使注意力只依赖相对位置 $m-n$。<img src=x alt="转角" onerror=alert(1)>

## 底数
RoPE 的底数 base 通常取 10000。底数越大，能外推的长度越长。

| 方法 | 外推 |
|---|---|
| RoPE | 一般 |
| ALiBi | 较好 |
"""


NAME = "我的笔记"


def quiet(stage, done, total):
    pass


@pytest.fixture
def rope(tmp_path):
    path = tmp_path / "sent" / "rope.md"
    path.parent.mkdir()
    path.write_text(ROPE, "utf-8")
    return str(path)


def rows(assistant, name, user=""):
    return notes.collection_view(assistant, name, "en", user).rows


def test_upload_read_and_delete(assistant, rope, tmp_path):
    name = notes.create_collection(assistant, "mine", "")
    bad, odd = tmp_path / "bad.md", tmp_path / "x.exe"
    bad.write_bytes(bytes([0, 159, 146, 150]) * 50)
    odd.write_bytes(b"MZ")
    told = notes.add_files(assistant, name, [rope, str(bad), str(odd)], "en", "", quiet)
    assert "1 added" in told and "x.exe" in told  # what is refused keeps nothing else out
    states = {path: (state, reason) for state, path, reason in rows(assistant, name)}
    assert states["rope.md"] == ("ready", "")
    assert states["bad.md"][0] == "not read" and states["bad.md"][1]
    shown, ours = notes.read_note(assistant, name, "rope.md", "en", "")
    assert ours and "<table>" in shown and "\\(m-n\\)" in shown and "<img" not in shown
    gone = notes.delete_note(assistant, name, "rope.md", "en", "")
    assert not assistant.search("RoPE", collections=[name])
    notes.restore_note(assistant, gone, "en", "")  # undone
    assert assistant.search("RoPE", collections=[name])
    notes.delete_note(assistant, name, "rope.md", "en", "")
    assert notes.read_note(assistant, name, "bad.md", "en", "")[1]  # a failed file, too, can go


def test_uploads_go_to_a_collection_of_ones_own(assistant, rope):
    assert "only read" not in notes.own_collection(assistant, DEFAULT, "en", "")
    name = notes.own_collection(assistant, DEFAULT, "en", "")
    assert name == notes.own_collection(assistant, DEFAULT, "en", "")  # made once
    assert notes.own_collection(assistant, name, "zh", "") == name
    steps = list(notes.adding_files(assistant, name, [rope], "en", "", quiet))
    assert "received" in steps[0] and "ready" in steps[-1]


def test_a_users_own_folder_is_never_changed(assistant, corpus, rope):
    before = {path: path.read_bytes() for path in corpus.rglob("*.md")}
    for change in (
        lambda: notes.delete_note(assistant, DEFAULT, "lora.md", "en", ""),
        lambda: notes.add_files(assistant, DEFAULT, [rope], "en", "", quiet),
    ):
        try:
            told = change()
        except RagError as error:
            told = str(error)
        assert "only read" in told
    assert {path: path.read_bytes() for path in corpus.rglob("*.md")} == before
    assert not notes.read_note(assistant, DEFAULT, "lora.md", "en", "")[1]
    assert "error" in notes.read_note(assistant, DEFAULT, "../../x.md", "en", "")[0]


def test_a_login_may_use_the_servers_model_only(assistant):
    assert usable_model(assistant, "none", "bob") == "none"
    assert usable_model(assistant, assistant.settings.llm, "bob") == assistant.settings.llm
    assert usable_model(assistant, "gguf:/etc/passwd", "") == "gguf:/etc/passwd"  # nobody else
    for spec in ("gguf:/etc/passwd", "openai:gpt-4o"):
        with pytest.raises(UsageError):
            usable_model(assistant, spec, "bob")


def test_logins_see_their_own_and_shared_notes_and_change_only_their_own(assistant, rope):
    alice = notes.create_collection(assistant, "mine", "alice")
    bob = notes.create_collection(assistant, "mine", "bob")
    notes.add_files(assistant, alice, [rope], "en", "alice", quiet)
    assert [item.name for item in readable(assistant, "bob")] == [DEFAULT, bob]
    assert [item.name for item in readable(assistant, "")] == [DEFAULT]
    for attempt in (
        lambda: notes.add_files(assistant, alice, [rope], "en", "bob", quiet),
        lambda: notes.delete_note(assistant, alice, "rope.md", "en", "bob"),
        lambda: changeable(assistant, DEFAULT, "bob"),
        lambda: collection_for(assistant, alice, "bob"),
        lambda: readable_names(assistant, [DEFAULT, alice], "bob"),
    ):
        with pytest.raises(UsageError):
            attempt()
    assert "RoPE" not in notes.read_note(assistant, alice, "rope.md", "en", "bob")[0]
    assert notes.collection_view(assistant, alice, "en", "bob").name == DEFAULT
    asked = list(answer_stream(assistant, "RoPE?", Session(), "none", 6, "en", "bob", [alice]))
    assert "error" in asked[-1].messages[-1]["content"] and "旋转" not in str(asked)
    assert "旋转" in notes.read_note(assistant, alice, "rope.md", "en", "alice")[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    required()
    folder = tmp_path_factory.mktemp("notes-page")
    write_corpus(folder)
    made = Server(folder, llm="none")
    made.start()
    yield made
    made.stop()


@pytest.mark.browser
def test_upload_ask_open_the_passage_and_delete(server):
    with launched() as browser:
        drive(new_page(browser), server.url)


def drive(page, url, shots=None):
    """The whole way; with `shots`, a folder, screenshots are kept there."""

    def shoot(name):
        if shots:
            page.screenshot(path=f"{shots}/{name}.png", full_page=True)

    def tab(name):
        page.get_by_role("tab", name=name, exact=True).click()

    def ask(question, count):
        page.fill("#question textarea", question)
        page.keyboard.press("Enter")
        page.wait_for_function(
            "n => [...document.querySelectorAll('#chat .bot.message')].length >= n"
            " && !document.querySelector('#chat .draft')", arg=count,
        )  # fmt: skip

    alarms = []
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    page.goto(f"{url}/?tab=ask")
    page.wait_for_selector("#question textarea")
    tab("笔记")
    page.wait_for_selector("#notes-table [role=gridcell]:has-text('lora.md')")
    page.click("button:has-text('新建笔记集')")
    page.fill("#new-name input, #new-name textarea", NAME)
    page.click("#create")
    page.wait_for_selector("#notes-message:has-text('已新建')")
    page.set_input_files(
        "#upload input[type=file]",
        [
            {"name": "<b>rope.md", "mimeType": "text/markdown", "buffer": ROPE.encode()},
            {"name": "空.md", "mimeType": "text/markdown", "buffer": b"\n"},
        ],
    )
    page.wait_for_selector("#notes-message:has-text('新增 1')")
    page.wait_for_selector("#notes-table [role=gridcell]:has-text('读取失败')")
    page.click("#notes-table [role=gridcell]:has-text('rope.md') >> nth=0")
    page.wait_for_selector("#own-note table")
    page.wait_for_selector("#own-note .katex")
    shoot("notes-1280")
    if shots:
        page.set_viewport_size({"width": 390, "height": 844})
        shoot("notes-390")
        page.set_viewport_size({"width": 1280, "height": 900})
    tab("提问")
    page.click("button:has-text('设置')")
    page.wait_for_selector(f"#collections:has-text('{NAME}')")  # what was added is asked, too
    page.click("button:has-text('设置')")
    ask("RoPE 的底数 base 通常取多少?", 1)
    page.click("#chat button.cite >> nth=0")
    page.wait_for_selector("#note mark")
    assert "10000" in page.inner_text("#note mark")
    assert NAME in page.inner_text("#note")
    shoot("ask-1280")
    tab("笔记")
    page.click("#delete-note")  # the note is still open
    page.wait_for_selector("#notes-message:has-text('已删除')")
    page.wait_for_selector("#notes-table [role=gridcell]:has-text('rope.md')", state="detached")
    tab("提问")
    ask("RoPE 的底数 base 通常取多少?", 2)
    assert "10000" not in page.inner_text("#chat .bot.message >> nth=-1")
    page.set_viewport_size({"width": 390, "height": 844})
    tab("笔记")
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 1
    assert not alarms
