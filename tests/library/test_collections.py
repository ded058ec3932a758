import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from rag.assistant import Assistant
from rag.cli.main import app
from rag.errors import CorpusError, IndexUnusable, RagError, UsageError
from rag.library.registry import Registry
from rag.library.uploads import UploadLimits, delete, files_of, safe_name, save
from rag.library.watch import watch_folder
from rag.notes.note import Note, Skipped
from rag.notes.note_key import DEFAULT
from rag.readers.corpus import read_corpus
from rag.settings import load_settings

ROPE = "# RoPE\n\nRoPE 用旋转矩阵编码位置,使注意力只依赖相对位置。RoPE 的底数 base 通常取 10000。\n"


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "rope.md").write_text(ROPE, "utf-8")
    (folder / "lora.md").write_text("# LoRA 变体\n\nDoRA 把权重分解为幅度和方向两部分。\n", "utf-8")
    return folder


@pytest.fixture
def both(assistant, papers):
    assistant.library.registry.add("papers", papers)
    assistant.build(name="papers")
    return assistant


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "-x", "default", "x" * 41, "a\\b", "a\0"])
def test_unfit_names_are_refused(tmp_path, name):
    with pytest.raises(UsageError, match="name"):
        Registry(tmp_path, tmp_path).create(name)
    assert not (tmp_path / "uploads").exists()


def test_registry_outlives_the_process_and_says_what_is_wrong(tmp_path, papers, corpus):
    registry = Registry(tmp_path / "data", corpus)
    assert registry.add("论文-1", papers) == registry.add("论文-1", papers)
    own = registry.create("mine", owner="alice")
    again = Registry(tmp_path / "data", corpus)
    assert [item.name for item in again.all()] == [DEFAULT, "alice/mine", "论文-1"]
    assert again.get("alice/mine") == own
    assert again.get("论文-1").folder == papers
    with pytest.raises(UsageError, match="论文-1"):
        again.add("论文-1", corpus)
    with pytest.raises(UsageError, match="are: default, 论文-1"):
        again.get("nosuch")
    for change in (again.remove, lambda name: again.rename(name, "x")):
        with pytest.raises(UsageError, match="default"):
            change(DEFAULT)
    (tmp_path / "data" / "collections.json").write_text("{", "utf-8")
    with pytest.raises(RagError, match="cannot be read"):
        again.all()


def test_rename_keeps_the_index_and_remove_deletes_only_what_is_ours(both, papers):
    library = both.library
    library.registry.rename("papers", "vectors")
    assert both.search("RoPE 旋转矩阵", collections=["vectors"])
    index = library.index_dir(library.registry.get("vectors"))
    library.remove("vectors")
    assert not index.exists()
    assert (papers / "rope.md").exists()
    own = library.registry.create("vectors")
    (own.folder / "a.md").write_text("# a\n\n内容。\n", "utf-8")
    library.remove("vectors")
    assert not own.folder.exists()


def test_an_index_that_another_collection_uses_stays(assistant, corpus):
    assistant.library.registry.add("same", corpus)
    assistant.library.remove("same")
    assert assistant.search("LoRA 的缺点")


def test_several_collections_answer_like_one_that_holds_them_all(both, papers, corpus, embedder):
    """Ranking, scores and answerability signals against one index over both folders."""
    whole = corpus.parent / "whole"
    for source in (corpus, papers):
        for path in source.rglob("*.md"):
            target = whole / source.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(path.read_text("utf-8"), "utf-8")
    one = Assistant(load_settings(corpus=whole, data_dir=corpus.parent / "other", llm="none"))
    one.embedder = embedder
    one.build()
    names = [DEFAULT, "papers"]
    for question in (
        "LoRA 的缺点是什么?",
        "RoPE 的底数取多少?",
        "PPO 需要几个模型?",
        "DoRA 分解什么?",
    ):
        single = one.search(question, 5)
        joined = both.search(question, 5, collections=names)
        assert [h.document.page_content for h in joined] == [
            h.document.page_content for h in single
        ]
        assert [h.dense for h in joined] == pytest.approx([h.dense for h in single], abs=1e-5)
        assert [h.score for h in joined] == pytest.approx([h.score for h in single], abs=0.03)
        expected, got = one.answer(question), both.answer(question, collections=names)
        assert (got.text, got.abstained) == (expected.text, expected.abstained)
        assert got.signals.z == pytest.approx(expected.signals.z, abs=1e-3)
        assert got.signals.coverage == pytest.approx(expected.signals.coverage, abs=1e-6)


def certain(assistant, question, names=()):
    """The answer where the assistant may not abstain: what is asked here is who is cited."""
    answerer = replace(assistant.answerer(collections=names), may_abstain=False)
    *_, last = answerer.ask(question)
    return last.answer


def test_citations_name_their_collection_and_open_the_right_note(both):
    names = [DEFAULT, "papers"]
    answer = certain(both, "DoRA 把权重分解成什么?", names)
    item = answer.citations[0]
    assert (item.collection, item.note) == ("papers", "lora.md")
    assert answer.to_dict()["citations"][0]["collection"] == "papers"
    assert both.note(item.note, item.collection).text[item.start : item.end] == item.quote
    same_name = certain(both, "LoRA 的缺点是什么?", names).citations[0]
    assert (same_name.collection, same_name.note) == (DEFAULT, "lora.md")
    default = both.answer("LoRA 的缺点是什么?")
    assert "collection" not in default.to_dict()["citations"][0]
    assert both.answer("PPO 需要哪几个模型?", collections=["papers"]).abstained


def test_a_joined_index_follows_a_rebuild_of_its_parts(both, papers):
    (papers / "rope.md").unlink()
    both.build(name="papers")
    names = [DEFAULT, "papers"]
    notes = {h.document.metadata["note"] for h in both.search("RoPE 底数", 10, collections=names)}
    assert "rope.md" not in notes
    with pytest.raises(UsageError, match="nosuch"):
        both.search("RoPE", collections=["nosuch"])
    both.library.registry.create("fresh")
    with pytest.raises(IndexUnusable, match="fresh"):
        both.search("RoPE", collections=[DEFAULT, "fresh"])


def test_what_failed_and_why_is_kept_with_the_index(both, papers, settings, embedder):
    (papers / "bad.md").write_bytes(bytes([0, 159, 146, 150]) * 50)
    (papers / "empty.md").write_text("", "utf-8")
    both.build(name="papers")
    (papers / "new.md").write_text("# 新\n\n内容。\n", "utf-8")
    (papers / "rope.md").unlink()
    os.utime(papers / "lora.md", (time.time() + 9, time.time() + 9))
    fresh = Assistant(settings)  # as after a restart
    fresh.embedder = embedder
    status = fresh.library.status(fresh.collection("papers"))
    states = {entry.path: entry.state for entry in status.entries}
    assert states == {
        "bad.md": "failed", "empty.md": "failed", "new.md": "new", "rope.md": "gone",
        "lora.md": "changed",
    }  # fmt: skip
    assert "empty" in {entry.path: entry.reason for entry in status.entries}["empty.md"]


def test_upload_collection_from_empty_to_full_and_empty_again(assistant, tmp_path, corpus):
    library, limits = assistant.library, assistant.library.limits
    own = library.registry.create("mine")
    assistant.build(name="mine")
    assert assistant.answer("RoPE 是什么?", collections=["mine"]).abstained
    source = tmp_path / "sent"
    source.write_text(ROPE, "utf-8")
    assert save(own, "rope.md", source, limits) == "rope.md"
    assert save(own, "rope.md", source, limits) == "rope.md"
    source.write_text(ROPE + "\n补充。\n", "utf-8")
    assert save(own, "rope.md", source, limits) == "rope-2.md"
    delete(own, "rope-2.md")
    assistant.build(name="mine")
    answer = certain(assistant, "RoPE 的底数通常取多少?", ["mine"])
    assert answer.citations[0].collection == "mine"
    delete(own, "rope.md")
    assert assistant.build(name="mine").removed == 1
    assert not assistant.search("RoPE", collections=["mine"])
    users = library.registry.add("users", corpus)
    for change in (lambda: delete(users, "lora.md"), lambda: save(users, "x.md", source, limits)):
        with pytest.raises(CorpusError, match="only read"):
            change()
    assert (corpus / "lora.md").exists()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.md", "passwd.md"),
        ("..\\..\\boot.md", "boot.md"),
        ("/abs/笔记 一.MD", "笔记 一.md"),
        ("a<img src=x onerror=alert(1)>.md", "a_img src=x onerror=alert(1)_.md"),
        (".hidden.md", "hidden.md"),
        (".md", "note.md"),
        ("nul\0l\n.md", "null.md"),
        ("cod\u202egnp.md", "codgnp.md"),
    ],
)
def test_uploaded_names_are_made_plain(sent, kept):
    assert safe_name(sent) == kept


@pytest.mark.parametrize("sent", ["..", "", "/", "x.exe", "x", "x.md/.."])
def test_uploads_of_unknown_format_are_refused(sent):
    with pytest.raises(CorpusError, match="format"):
        safe_name(sent)


def test_upload_limits_and_links(tmp_path):
    own = Registry(tmp_path / "data", tmp_path).create("mine")
    source = tmp_path / "s.md"
    source.write_text("x" * 60, "utf-8")
    assert len(safe_name("长" * 300 + ".md").encode()) < 255
    with pytest.raises(CorpusError, match="limit is 50"):
        save(own, "a.md", source, UploadLimits(50, 1000, 9))
    save(own, "a.md", source, UploadLimits(100, 100, 9))
    with pytest.raises(CorpusError, match="exceed 100"):
        save(own, "b.md", source, UploadLimits(100, 100, 9))
    with pytest.raises(CorpusError, match="holds 1 files"):
        save(own, "b.md", source, UploadLimits(100, 1000, 1))
    outside = tmp_path / "outside.md"
    outside.write_text("untouched", "utf-8")
    (own.folder / "link.md").symlink_to(outside)
    assert save(own, "link.md", source, UploadLimits(100, 1000, 9)) == "link-2.md"
    for name in ("link.md", "../outside.md", str(outside)):
        with pytest.raises(CorpusError, match="no uploaded file"):
            delete(own, name)
    assert outside.read_text("utf-8") == "untouched"
    assert [path.name for path in files_of(own)] == ["a.md", "link-2.md"]


@pytest.mark.slow
def test_a_folder_of_1000_notes_and_300_images_indexes_without_help(assistant, tmp_path):
    folder = tmp_path / "big"
    for number in range(1000):
        path = folder / f"第{number % 40}章" / f"{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        # Few different texts: what is tried here is the reading, not the embedder's speed.
        path.write_text(f"# 卡片\n\n![图](./{number}.png) 第 {number % 20} 张。\n", "utf-8")
    for number in range(300):
        (folder / f"第{number % 40}章" / f"{number}.png").write_bytes(
            b"\x89PNG\r\n\x1a\n" + bytes(64)
        )
    entries = list(read_corpus(folder))
    assert sum(isinstance(entry, Note) for entry in entries) == 1000
    assert not [entry for entry in entries if isinstance(entry, Skipped)]
    assistant.library.registry.add("big", folder)
    report = assistant.build(name="big")
    assert (report.notes, report.skipped) == (1000, ())
    assert assistant.build(name="big").embedded == 0


KILLED = """
import sys
from rag.assistant import Assistant
from rag.settings import load_settings
made = Assistant(load_settings(corpus=sys.argv[1], data_dir=sys.argv[2], llm="none"))
made.build(lambda stage, done, total: print(stage, done, total, flush=True))
"""


@pytest.mark.slow
def test_a_killed_run_is_taken_up_where_it_stopped(tmp_path, embedder):
    folder, data = tmp_path / "many", tmp_path / "data"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number}.md").write_text(f"# 词 {number}\n\n第 {number} 条。\n", "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder), str(data)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        stage, done, _ = line.split()
        if stage == "embed" and int(done) >= 64:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with sqlite3.connect(data / "index" / "embeddings.sqlite") as database:
        kept = database.execute("SELECT count(*) FROM vectors").fetchone()[0]
    database.close()
    assert 64 <= kept < 400
    again = Assistant(load_settings(corpus=folder, data_dir=data, llm="none"))
    again.embedder = embedder
    assert again.build().embedded == 400 - kept


def test_watching_notices_what_changes_even_while_it_indexes(tmp_path):
    folder = tmp_path / "watched"
    folder.mkdir()
    stop, seen = threading.Event(), []

    def index():
        seen.append(sorted(path.name for path in folder.iterdir()))
        if len(seen) == 1:
            (folder / "during.md").write_text("x", "utf-8")  # while the first run is going on
        elif len(seen) == 2:
            (folder / "during.md").unlink()
        else:
            stop.set()

    thread = threading.Thread(target=watch_folder, args=(folder, index, stop), daemon=True)
    thread.start()
    thread.join(30)
    assert seen == [[], ["during.md"], []]


def test_commands(settings, corpus, papers, embedder, monkeypatch):
    monkeypatch.setattr("rag.assistant.load_embeddings", lambda settings: embedder)
    environment = {
        "RAG_DATA_DIR": str(settings.data_dir), "RAG_LLM": "none", "RAG_CORPUS": str(corpus),
    }  # fmt: skip

    def rag(*arguments):
        return CliRunner().invoke(app, arguments, env=environment)

    assert "2 notes" in rag("index", str(papers), "--collection", "papers").stdout
    assert "0 embedded" in rag("index", "--collection", "papers").stdout
    both = ["--collection", "papers", "--collection", "default"]
    answer = json.loads(rag("ask", "PPO 需要哪四个模型?", *both, "--json").stdout)
    assert (answer["citations"] or answer["nearest"])[0]["collection"] == "default"
    hits = json.loads(rag("search", "RoPE 底数", "--collection", "papers", "--json").stdout)
    assert (hits[0]["collection"], hits[0]["note"]) == ("papers", "rope.md")
    assert "collection" not in json.loads(rag("search", "LoRA", "--json").stdout)[0]
    assert isinstance(rag("ask", "x", "--collection", "nosuch").exception, UsageError)
    assert isinstance(rag("index", str(papers), "--corpus", str(papers)).exception, UsageError)
    listed = {row["name"]: row for row in json.loads(rag("collections", "list", "--json").stdout)}
    assert listed["papers"]["notes"] == 2
    assert "now vectors" in rag("collections", "rename", "papers", "vectors").stdout
    shown = json.loads(rag("collections", "show", "vectors", "--json").stdout)
    assert {entry["state"] for entry in shown["notes"]} == {"indexed"}
    assert "untouched" in rag("collections", "remove", "vectors").stdout
    assert isinstance(rag("collections", "show", "vectors").exception, UsageError)
    assert (papers / "rope.md").exists()


def test_watch_command_reports_changes_and_ends_cleanly(papers, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "rag", "index", str(papers), "--watch"],
        env={**os.environ, "RAG_DATA_DIR": str(tmp_path / "data")}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert "2 notes" in process.stdout.readline()
    (papers / "new.md").write_text("# 新\n\n内容在这里。\n", "utf-8")
    assert "1 added" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in errors
