"""Conversations that last: stored whole, theirs alone, exported harmless; what fails says so."""

import json
import os
import resource
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from types import SimpleNamespace

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from rag.answer.abstention.signals import Signals
from rag.answer.answer import Answer, Nearest, Sentence
from rag.chats.chat_markdown import chat_markdown, escape_markdown, file_name
from rag.chats.chat_store import LONGEST_TITLE, Chat, ChatHead, Chats, SavedTurn
from rag.chats.feedback import eval_questions, feedback_rows
from rag.chats.saved_answer import answer_from_json, answer_to_json, earlier_turns
from rag.errors import ModelError, RagError, UsageError
from rag.evaluation.answers.answer_set import read_answer_set
from rag.grounding.citation import Citation
from rag.llm.fair_queue import FairQueue
from rag.llm.remote_model import RemoteModel
from rag.storage.database import Database
from ui import running
from ui.answer_stream import Writing, answer_stream, stopped
from ui.session import Session, messages, sources_of, turn_at
from ui.tabs.ask_actions import AskActions
from ui.tabs.ask_chats import ChatViews
from ui.tabs.ask_parts import draw
from ui.tabs.cited_note import cited, open_citation

NASTY = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) "
    "![i](http://x/y.png) `</code><b>` &lt;b&gt; $\\href{javascript:alert(1)}{x}$ | a | b | "
    "[^1] ~~~ # h www.evil.com http://evil.com a@b.cd {{ x }} \u202e"
)


def answer(question="LoRA 的缺点是什么?", quote="表达能力受秩的限制", note="lora.md", **more):
    citation = Citation(1, note, "LoRA 低秩适配", ("LoRA 低秩适配", "缺点"), quote, 5, 14, 0.5, 3)
    made = Answer(
        question, "zh", (Sentence(f"{quote}。", (1,), True),), (citation,), "none",
        {"total_s": 0.25}, standalone=f"{question} (LoRA)", confidence=0.9, stage="asked",
        signals=Signals(1.0, 0.5, 0.25, 0.5, 1.0, 1.0, 0.0, 2.0), dropped=("x",),
        usage={"prompt_tokens": 1, "completion_tokens": 2},
    )  # fmt: skip
    return replace(made, **more)


def abstention(question="今天天气?"):
    return Answer(
        question, "zh", (Sentence("笔记里没有。", (), False),), (), "none", {}, abstained=True,
        nearest=(Nearest("kv.md", "键值缓存", 0.1),),
    )  # fmt: skip


@pytest.fixture
def chats(tmp_path):
    return Chats(tmp_path / "data" / "chats.sqlite", busy_s=0.05)


def test_answers_come_back_whole(chats):
    asked = [answer(), abstention()]
    number, turns = chats.add("", None, asked[:1])
    assert chats.add("", number, asked[1:]) == (number, [turns[0] + 1])
    kept = Chats(chats.path).load("", number)  # as after a restart
    assert [turn.answer for turn in kept.turns] == asked
    assert kept.head.title == "LoRA 的缺点是什么?"
    assert kept.head.turns == 2
    assert stat.S_IMODE(chats.path.stat().st_mode) == 0o600
    # Follow-up context: what rests on notes, under the question as it was searched for.
    (turn,) = earlier_turns([item.answer for item in kept.turns])
    assert turn.question == "LoRA 的缺点是什么? (LoRA)"
    assert turn.topic == "LoRA 低秩适配"


def test_answers_of_other_versions_can_be_read():
    data = json.loads(json.dumps(answer_to_json(answer())))
    data["new"] = data["citations"][0]["new"] = data["signals"]["new"] = 1
    assert answer_from_json(data) == answer()
    bare = json.loads(json.dumps(answer().to_dict()))  # `rag ask --json` alone is enough
    assert answer_from_json(bare).citations == answer().citations


def test_an_answer_that_version_0_1_kept_still_opens(chats):
    """As `chats.sqlite` held it then: a stage that is gone, timings whole, fewer signals."""
    row = (
        '{"question": "LoRA?", "language": "zh", "answer": "低秩。[1]", "abstained": false, '
        '"sentences": [{"text": "低秩。", "citations": [1], "supported": true}], "citations": '
        '[{"n": 1, "note": "lora.md", "title": "LoRA", "heading": ["LoRA"], "quote": "低秩", '
        '"start": 5, "end": 7, "score": 1}], "llm": "local", "timings": {"total_s": 1}, '
        '"standalone": "LoRA?", "confidence": 0.75, "stage": "answered", "signals": {"z": 2.5, '
        '"margin": 0.5, "coverage": 1.0, "joint": 1.0, "known": 1.0, "rare": 1.0, "crossing": 0.0, '
        '"open": 0.0, "log_odds": 1.5, "support": 0.5}}'
    )
    number, _ = chats.add("", None, [answer()])
    with closing(sqlite3.connect(chats.path)) as db, db:
        assert db.execute("UPDATE turns SET answer = ?", (row,)).rowcount == 1
    (turn,) = chats.load("", number).turns
    assert turn.answer.text == "低秩。[1]"
    assert turn.answer.citations == (Citation(1, "lora.md", "LoRA", ("LoRA",), "低秩", 5, 7, 1.0),)
    assert turn.answer.stage == "answered"
    assert turn.answer.signals == Signals(2.5, 0.5, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.5)
    assert {**answer_to_json(turn.answer), "signals": 0} == {**json.loads(row), "signals": 0}


def test_the_json_of_an_answer_is_the_contract():
    """design.md's names, in its order; what is empty is left out, and nothing else."""
    always = [
        "question", "language", "answer", "abstained", "sentences", "citations", "llm", "timings",
    ]  # fmt: skip
    bare = replace(answer(), usage={}, dropped=(), nearest=abstention().nearest)
    assert list(bare.to_dict()) == always
    assert list(answer().to_dict()) == [*always, "usage", "dropped"]
    assert list(replace(abstention(), nearest=()).to_dict()) == [*always, "nearest"]
    assert abstention().to_dict()["nearest"] == [
        {"note": "kv.md", "title": "键值缓存", "score": 0.1}
    ]
    place = ["n", "note", "title", "heading", "quote", "start", "end", "score"]
    assert list(bare.to_dict()["citations"][0]) == [*place, "page"]
    (cited_of,) = answer().citations
    elsewhere = replace(cited_of, page=None, collection="papers", table_header="| a |").to_dict()
    assert list(elsewhere) == [*place, "collection", "table_header"]
    assert replace(bare, timings={"total_s": 0.123456}).to_dict()["timings"] == {"total_s": 0.1235}


def test_list_rename_delete(chats):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    first, _ = chats.add("", None, [answer("问" * 200)], now)
    second, _ = chats.add("", None, [answer("b")], now + timedelta(hours=1))
    assert [head.id for head in chats.heads("")] == [second, first]
    chats.add("", first, [answer("c")], now + timedelta(hours=2))
    assert [head.id for head in chats.heads("")] == [first, second]
    assert len(chats.heads("")[0].title) == LONGEST_TITLE
    assert chats.rename("", first, " 新的\n标题\u202e ") == "新的 标题"
    assert chats.heads("")[0].title == "新的 标题"
    with pytest.raises(UsageError, match="title"):
        chats.rename("", first, " \n ")
    chats.delete("", first)
    assert [head.id for head in chats.heads("")] == [second]
    with pytest.raises(UsageError, match="no conversation"):
        chats.load("", first)
    with pytest.raises(UsageError):  # nor can a page that still shows it add to it
        chats.add("", first, [answer()])
    chats.delete("", second)
    assert chats.add("", None, [answer()])[0] > second  # a number never comes back
    assert "问问" not in chats.path.read_bytes().decode("utf-8", "ignore")


def test_nobody_reads_or_changes_anothers_conversation(chats):
    number, (turn,) = chats.add("li", None, [answer()])
    for other in ("wang", "", "LI", "li ' OR 1=1 --"):
        assert chats.heads(other) == []
        assert chats.judged(other) == []
        for call in (
            lambda o=other: chats.load(o, number),
            lambda o=other: chats.rename(o, number, "x"),
            lambda o=other: chats.delete(o, number),
            lambda o=other: chats.add(o, number, [answer()]),
            lambda o=other: chats.judge(o, turn, "up"),
        ):
            with pytest.raises(UsageError):
                call()
    kept = chats.load("li", number)
    assert len(kept.turns) == 1
    assert kept.turns[0].feedback is None


def test_feedback_becomes_questions_for_the_evaluation(chats, tmp_path):
    asked = [answer("q1"), abstention("q2"), abstention("q3"), answer("q4"), answer("q5")]
    _, turns = chats.add("", None, asked)
    chats.judge("", turns[0], "down", "wrong")
    chats.judge("", turns[0], "up")  # the last word counts
    chats.judge("", turns[1], "up")
    chats.judge("", turns[2], "down", "is-in-notes: 第 3 节")
    chats.judge("", turns[3], "down", "not-in-notes")
    chats.judge("", turns[4], "down", "wrong: 数字\n不对 " + "x" * 9999)
    assert len(list(feedback_rows(chats.judged("")))) == 5
    rows = list(eval_questions(chats.judged("")))
    file = tmp_path / "set.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    read = read_answer_set(file)
    assert [(item.question, item.answerable) for item in read] == [
        ("q1", True), ("q2", False), ("q3", True), ("q4", False),
    ]  # fmt: skip
    assert read[0].gold[0].quote == "表达能力受秩的限制"
    assert read[2].gold == ()
    assert read[2].history == ("q1", "q2")
    chats.judge("", turns[4], None)
    assert len(list(feedback_rows(chats.judged("")))) == 4


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, *attrs))

    def handle_data(self, data):
        self.text += data


def rendered(markdown):
    parsed = _Tags()
    permissive = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parsed.feed(permissive.render(markdown))
    return parsed


def test_export_has_footnotes_and_nothing_live():
    nasty = answer(NASTY, NASTY, note="<b>.md")
    turns = (SavedTurn(1, answer(), ""), SavedTurn(2, nasty, ""), SavedTurn(3, abstention(), ""))
    chat = Chat(ChatHead(7, NASTY, "2026-01-01T10:00", "2026-01-01T11:00", 3), turns)
    text = chat_markdown(chat)
    assert "表达能力受秩的限制。[^1]" in text
    assert "[^1]: lora.md, p. 3 · LoRA 低秩适配 > 缺点: “表达能力受秩的限制”" in (
        text.replace("&gt;", ">")
    )
    assert "[^2]: " in text
    assert "键值缓存" in text
    page = rendered(text)
    assert {tag for tag, *_ in page.tags} <= {"h1", "h2", "p", "hr", "ul", "li"}
    assert "<script>alert(1)</script> <img src=x onerror=alert(1)>" in page.text
    assert "/" not in file_name(chat) and "<" not in file_name(chat)
    assert file_name(replace(chat, head=replace(chat.head, title="../.."))) == "chat-7.md"


@pytest.mark.parametrize(
    ("text", "alive"),
    [
        (r"缩放 $\frac{QK^T}{\sqrt{d_k}}$ 之后", r"$\frac{QK^T}{\sqrt{d_k}}$"),
        ("若 $a<b$ 则", r"$a\lt b$"),
        (r"$\href{javascript:alert(1)}{x}$", None),
        (r"$\class{a}{x}$", None),
        ("$[x](http://evil)$", None),
        ("cost $5 and $6", None),
    ],
)
def test_formulas_stay_formulas_where_they_only_typeset(text, alive):
    kept = answer(sentences=(Sentence(text, (1,), True),))
    line = chat_markdown(
        Chat(ChatHead(1, "t", "2026", "2026", 1), (SavedTurn(1, kept, ""),))
    ).splitlines()[6]
    if alive:
        assert alive in line
    else:
        assert "$" not in line.replace("\\$", "")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_escaped_text_reads_as_it_was_written(text):
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    page = rendered(f"x {escape_markdown(text)}")
    assert page.tags == [("p",)]
    assert page.text.strip() == f"x {plain}".strip()
    start = rendered(escape_markdown(text))
    assert [tag for tag, *_ in start.tags] == (["p"] if plain else [])
    assert start.text.strip() == plain


def test_a_locked_database_is_one_sentence_and_nothing_is_lost(chats):
    number, _ = chats.add("", None, [answer("a")])
    other = sqlite3.connect(chats.path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RagError, match="another program") as caught:
        chats.add("", number, [answer("b")])
    assert "\n" not in str(caught.value)
    assert len(chats.load("", number).turns) == 1  # reading goes on
    other.rollback()
    other.close()
    chats.add("", number, [answer("b")])
    assert len(chats.load("", number).turns) == 2


@contextmanager
def full_disk(limit):
    """Writes beyond `limit` bytes of a file fail, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_one_sentence_and_nothing_is_half_stored(chats):
    number, _ = chats.add("", None, [answer("a")])
    long = answer("b", quote="长" * 200_000)
    with full_disk(100_000), pytest.raises(RagError, match="space"):
        chats.add("", number, [answer("x"), long])
    assert [turn.answer.question for turn in chats.load("", number).turns] == ["a"]
    chats.add("", number, [long])
    assert len(chats.load("", number).turns) == 2


def test_a_full_disk_at_the_first_start(tmp_path):
    with full_disk(0), pytest.raises(RagError, match="space"):
        Chats(tmp_path / "chats.sqlite").heads("")
    assert Chats(tmp_path / "chats.sqlite").heads("") == []


def test_damaged_and_newer_databases_are_named(tmp_path):
    path = tmp_path / "chats.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(RagError, match="damaged"):
        Chats(path).heads("")
    path.unlink()
    with Database(path, "chat history", [[]] * 9).open():
        pass
    with pytest.raises(RagError, match="newer version"):
        Chats(path).heads("")


def test_a_database_that_was_moved_away_is_begun_anew(chats):
    """As the sentence about a damaged one advises, without a restart of the program."""
    path = chats.path
    number, _ = chats.add("", None, [answer()])
    path.rename(path.with_suffix(".old"))
    assert chats.heads("") == []
    again, _ = chats.add("", None, [answer()])
    assert [head.id for head in chats.heads("")] == [again]
    path.with_suffix(".old").replace(path)
    assert [head.id for head in chats.heads("")] == [number]


def test_a_damaged_answer_is_named(chats):
    number, _ = chats.add("", None, [answer()])
    with sqlite3.connect(chats.path) as database:
        database.execute("UPDATE turns SET answer = '{\"sentences\": 3}'")
    with pytest.raises(RagError, match="damaged"):
        chats.load("", number)


# The page, without a browser.


def run(assistant, question, now, owner="", spec="none"):
    return list(answer_stream(assistant, question, now, spec, 6, "zh", owner))


def page_of(assistant):
    """The Ask page's components, and what they show of the conversations."""
    with gr.Blocks():
        part = draw(assistant, "zh")
    return part, ChatViews(assistant, part)


def test_the_page_keeps_opens_and_cites_the_right_answer(assistant):
    steps = run(assistant, "LoRA 的缺点是什么?", Session())
    now = run(assistant, "键值缓存的代价是什么?", steps[-1].session)[-1].session
    assert now.chat is not None and len(now.turns) == 2
    part, panel = page_of(assistant)
    opened = panel.opened("", f"{now.chat}_123", Session(), "zh")
    sources, again = opened[part.sources], opened[part.session]
    assert again.answers == tuple(replace(a, timings=b.timings) for a, b in zip(
        now.answers, again.answers, strict=True
    ))  # fmt: skip
    shown = opened[part.chat]["value"]
    assert [item["role"] for item in shown] == ["user", "assistant"] * 2
    assert "cite-0_1" in shown[1]["content"] and "cite-1_" not in shown[1]["content"]
    assert "cite-1_1" in shown[3]["content"] and "cite-0_" not in shown[3]["content"]
    assert "显存占用" in sources
    note, sources = cited(assistant, "0_1_99", again, "zh")
    assert '<mark id="cited">' in note and "秩的限制" in note
    assert "cite-0_1" in sources and "cite-1_" not in sources
    followed = run(assistant, "那它的作用呢?", again)[-1].session  # context restored
    assert "键值缓存" in followed.answers[-1].standalone


def test_an_error_leaves_the_conversation_and_its_citations_alone(assistant, scripted):
    now = run(assistant, "LoRA 的缺点是什么?", Session())[-1].session
    failed = run(assistant, "???", now)
    assert "class='error'" in failed[-1].messages[-1]["content"]
    assert failed[-1].session == now
    assert turn_at(now, 3) is None  # a thumb under the error's message rates nothing
    why = page_of(assistant)[0].why
    assert why.judged(assistant, "", now, 3, False, "zh")[why.turn] is None
    scripted.enqueue(ModelError("gone"))
    assert (
        "gone" in run(assistant, "LoRA 的秩?", now, spec="scripted:x")[-1].messages[-1]["content"]
    )
    after = run(assistant, "键值缓存的代价是什么?", failed[-1].session)[-1]
    assert len(after.messages) == 4  # the failed exchange is gone, places and citations agree
    assert "cite-1_1" in after.messages[3]["content"]


def test_a_greeting_is_answered_and_kept(assistant):
    now = run(assistant, "你好", Session())[-1].session
    part, panel = page_of(assistant)
    opened = panel.opened("", str(now.chat), Session(), "en")
    assert opened[part.session].answers[0].abstained
    assert sources_of(now, -1, "zh")
    assert cited(assistant, "0_1", now, "zh")
    assert cited(assistant, "0_-1", now, "zh")
    now = run(assistant, "LoRA 的缺点是什么?", now)[-1].session
    assert now.answers[1].citations


def test_a_click_on_nothing_is_harmless(assistant):
    now = Session((answer(),))
    part, panel = page_of(assistant)
    for place in ("", "x", "7_1", "0_9", "0_-9", "-1_1", "²_1", "0", "9" * 40):
        assert isinstance(cited(assistant, place, now, "zh")[0], str)
        assert panel.opened("", place, now, "zh")[part.session] == now


def test_stop_closes_the_models_stream_and_gives_the_question_back(assistant, scripted):
    queue = FairQueue(2)
    assistant.models["scripted:x"] = RemoteModel(
        "scripted:x", lambda refused: scripted, queue=queue
    )
    now = run(assistant, "LoRA 的缺点是什么?", Session())[-1].session
    scripted.enqueue("LoRA 的秩 r 通常取 8 到 64。[1]" * 9)
    events = answer_stream(assistant, "LoRA 的缺点是<什么>?", now, "scripted:x", 6, "zh")
    shown = next(step for step in events if "LoRA" in step.messages[-1]["content"])
    assert len(queue) == 1, shown.messages[-1]["content"]
    events.close()
    assert len(queue) == 0
    back = stopped(shown.session, "LoRA 的缺点是<什么>?", "", "zh")
    assert back.messages == messages(now, "zh")
    assert back.session == now
    assert back.question == "LoRA 的缺点是<什么>?"
    assert stopped(shown.session, "LoRA?", "newer", "zh").question == "newer"
    visitor = SimpleNamespace(username=None, session_hash="a page")  # nothing is asked on it
    nothing = AskActions(assistant, page_of(assistant)[0]).stop(now, "typed", "zh", visitor)
    assert nothing and all(update == gr.skip() for update in nothing.values())
    assert len(run(assistant, "键值缓存的代价是什么?", back.session)[-1].session.turns) == 2


@pytest.mark.parametrize("silent", [False, True])
def test_what_replaces_a_stream_is_its_last_update(silent):
    writing, seen, more, ended = Writing(), [], threading.Event(), threading.Event()

    def updates():
        try:
            for draft in ["a", "b", "c"]:
                yield {"chat": draft}
                more.wait(60)
        finally:
            ended.set()

    def read():
        seen.extend(writing.to("page", "why?", updates(), ["chat"]))

    def replaced(question):
        assert ended.is_set() != silent  # nothing is kept after the handler looks, if it can wait
        return {"chat": question, "list": "whole page"}

    reader = threading.Thread(target=read)
    reader.start()
    while not seen:
        time.sleep(0.01)
    assert writing.busy("page") and not writing.busy("another page")
    if not silent:
        threading.Timer(0.2, more.set).start()
    result = writing.stop("page", replaced, 0.5 if silent else 60)
    assert result == {"chat": "why?", "list": "whole page"}
    more.set()
    reader.join(60)
    # A model that was silent too long says nothing more: its page shows something else by then.
    assert [update["chat"] for update in seen] == (["a"] if silent else ["a", "why?"])
    assert all(len(update) == 1 for update in seen)  # the list is not the stream's
    assert not writing.busy("page")
    assert writing.stop("page", lambda question: {"chat": question}) == {"chat": None}


def test_an_answer_that_cannot_be_kept_is_shown_and_kept_later(assistant):
    assistant._chats = Chats(assistant.settings.data_dir / "chats.sqlite", busy_s=0.05)
    now = run(assistant, "LoRA 的缺点是什么?", Session())[-1].session
    other = sqlite3.connect(assistant.chats().path)
    other.execute("BEGIN IMMEDIATE")
    locked = run(assistant, "键值缓存的代价是什么?", now)
    content = locked[-1].messages[-1]["content"]
    assert "cite-1_1" in content and "another program" in content
    assert len(locked[-1].session.turns) == 1
    why = page_of(assistant)[0].why
    judged = why.judged(assistant, "", locked[-1].session, 3, True, "en")
    assert "not kept" in judged[why.notice]
    other.rollback()
    other.close()
    now = run(assistant, "LoRA 的原理是什么?", locked[-1].session)[-1].session
    assert len(assistant.chats().load("", now.chat).turns) == 3
    with full_disk(10_000):
        full = run(assistant, "LoRA 的缺点是什么?", now)[-1]
    content = full.messages[-1]["content"]
    assert "cite-3_1" in content and "class='error'" in content


def test_panels_say_what_fails(assistant):
    now = run(assistant, "LoRA 的缺点是什么?", Session(), owner="li")[-1].session
    part, panel = page_of(assistant)
    kept, why = part.kept, part.why
    assert "不存在" in panel.renamed("wang", "x", now, "zh")[kept.notice]
    assert "不存在" in panel.deleted("wang", now, "zh")[kept.notice]
    assert panel.exported("wang", now, "zh")[kept.exported] == ""
    assert "不存在" in why.judged(assistant, "wang", now, 1, True, "zh")[why.notice]
    assert panel.exported("li", Session(), "zh")[kept.exported] == ""
    assert panel.deleted("li", Session(), "zh")[part.session] == Session()
    name, text = json.loads(panel.exported("li", now, "zh")[kept.exported])
    assert name == "LoRA-的缺点是什么.md" and "秩的限制" in text
    assert panel.renamed("li", "新", now, "zh")[part.session].title == "新"
    assert panel.deleted("li", now, "zh")[part.session] == Session()
    assert assistant.chats().heads("li") == []


def test_a_note_changed_since_shows_what_was_cited(assistant, corpus):
    now = run(assistant, "LoRA 的缺点是什么?", Session())[-1].session
    quote = now.answers[0].citations[0].quote
    text = (corpus / "lora.md").read_text("utf-8")
    (corpus / "lora.md").write_text(text.replace("## 原理", "新的一段。\n\n## 原理"), "utf-8")
    assert f'<mark id="cited">{quote}</mark>' in open_citation(assistant, "0_1", now, "zh")
    (corpus / "lora.md").write_text(text.replace("表达能力", "别的"), "utf-8")
    changed = open_citation(assistant, "0_1", now, "zh")
    assert "<mark" not in changed and "笔记在回答之后改过" in changed
    assert f"<blockquote>{quote}</blockquote>" in changed
    (corpus / "lora.md").unlink()
    assert f"<blockquote>{quote}</blockquote>" in open_citation(assistant, "0_1", now, "zh")


def test_titles_in_the_list_are_text(chats):
    from ui.session import list_html

    chats.add("", None, [answer("<img src=x onerror=alert(1)>'\"")])
    page = _Tags()
    page.feed(list_html(chats.heads(""), None, "zh"))
    assert {tag for tag, *_ in page.tags} == {"div", "button", "span"}


def test_the_command(assistant, monkeypatch):
    from rag.cli import chat as cli_chat
    from rag.cli.main import app

    monkeypatch.setenv("RAG_DATA_DIR", str(assistant.settings.data_dir))
    monkeypatch.setattr(cli_chat, "open_assistant", lambda *_, **__: assistant)

    def rag(*arguments, stdin=""):
        return CliRunner().invoke(app, arguments, input=stdin)

    first = rag("chat", stdin="LoRA 的缺点是什么?\n???\n\n")
    assert "rag chat --resume 1" in first.stderr
    second = rag("chat", "--resume", "1", stdin="那它的原理呢?\n\n")
    assert "低秩矩阵" in second.stdout
    kept = assistant.chats().load("", 1)
    assert [turn.answer.question for turn in kept.turns] == ["LoRA 的缺点是什么?", "那它的原理呢?"]
    assistant.chats().judge("", kept.turns[0].id, "up")
    (head,) = json.loads(rag("chats", "list", "--json").stdout)
    assert head["turns"] == 2
    shown = json.loads(rag("chats", "show", "1", "--json").stdout)
    assert shown["turns"][0]["answer"]["citations"][0]["note"] == "lora.md"
    assert "秩的限制" in rag("chats", "show", "1").stdout
    assert "[^1]: lora.md" in rag("chats", "export", "1").stdout
    (line,) = rag("chats", "feedback", "--jsonl").stdout.splitlines()
    assert json.loads(line)["answerable"] is True
    assert "新名" in rag("chats", "rename", "1", "新名").stdout
    assert rag("chats", "list", "--user", "li").stdout == ""
    assert rag("chats", "show", "9" * 30).exit_code == 2
    assert rag("chat", "--resume", "9").exception.exit_code == 2
    assert rag("chats", "delete", "1", stdin="n\n").exit_code == 0
    assert len(assistant.chats().heads("")) == 1
    assert rag("chats", "delete", "1", "--yes").exit_code == 0
    assert assistant.chats().heads("") == []


def test_a_missing_conversation_ends_in_one_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "rag", "chats", "show", "7"],
        capture_output=True, text=True, env={**os.environ, "RAG_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1 and "7" in done.stderr


def test_a_question_is_kept_until_it_is_answered_or_given_up(chats):
    number = chats.begin("li", None, "LoRA 的缺点是什么?")
    assert chats.asking("li", number) == "LoRA 的缺点是什么?"
    assert chats.asking("wang", number) == ""  # nobody else's
    assert chats.give_up("wang", number) is False
    assert chats.asking("li", number)
    assert chats.add("li", number, [answer()])[0] == number
    assert chats.asking("li", number) == ""
    chats.begin("li", number, "那它的原理呢?")
    assert chats.give_up("li", number) is True  # there is an answer: the conversation stays
    fresh = chats.begin("li", None, "?x")
    assert chats.give_up("li", fresh) is False
    assert [head.id for head in chats.heads("li")] == [number]


def test_conversations_are_found_by_words_of_their_answers_and_no_one_elses(chats):
    chats.add("li", None, [answer()])
    chats.add("wang", None, [answer(quote="秩为 100% 的说法")])
    assert len(chats.find("li", "秩的限制 lora")) == 1
    assert chats.find("li", "秩的限制 kv") == []
    assert chats.find("li", "signals") == []  # a field of the stored JSON is nobody's word
    assert chats.find("li", "100%") == [] and len(chats.find("wang", "100%")) == 1
    assert chats.find("li", "_") == chats.find("li", "%") == []
    assert chats.find("li", " ") == chats.heads("li")


def test_an_answer_that_nobody_comes_back_to_is_broken_off(monkeypatch):
    monkeypatch.setattr(running, "PATIENCE_S", 0.05)
    closed, go = threading.Event(), threading.Event()

    def updates():
        try:
            while True:
                yield ("x",)
                go.wait(0.01)
        finally:
            closed.set()

    desk = running.Desk()
    made = desk.start("li", 1, updates())
    following = made.follow()
    assert next(following) == ("x",)
    assert desk.find("li", 1) is made and desk.find("wang", 1) is None
    following.close()  # the page is gone
    assert closed.wait(10)
    assert desk.find("li", 1) is None
