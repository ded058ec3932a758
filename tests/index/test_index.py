import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from contextlib import closing

import numpy as np
import pytest

from rag.answer.abstention.background import reference_texts
from rag.assistant import Assistant
from rag.errors import CorpusError, IndexUnusable, ModelError, RagError
from rag.index import generations
from rag.index.generations import new_generation
from rag.notes.note import Note, Skipped
from rag.readers.corpus import read_corpus


def test_only_changed_notes_are_embedded_and_removed_ones_vanish(assistant, corpus):
    (corpus / "ppo.md").unlink()
    (corpus / "sub" / "kv.md").write_text("# 键值缓存\n\n键值缓存现在写得不同了。\n", "utf-8")
    report = assistant.build()
    assert (report.notes, report.changed, report.removed, report.embedded) == (2, 1, 1, 1)
    assert {d.metadata["note"] for d in assistant.index().store.documents} == {
        "lora.md", "sub/kv.md",
    }  # fmt: skip


def test_twice_indexed_is_once_indexed(assistant):
    before = len(assistant.index().store)
    report = assistant.build()
    assert report.embedded == 0
    assert len(assistant.index().store) == before


class Counted:
    """An embedder of random vectors that keeps what it was given."""

    model_id = "counted"

    def __init__(self, fails=False):
        self.given, self.fails = [], fails

    def count_tokens(self, text):
        return len(text) // 2

    def dimension(self):
        return None

    def embed_query(self, text):
        drawn = np.random.default_rng(zlib.crc32(text.encode())).normal(size=32)
        return (drawn / np.linalg.norm(drawn)).tolist()

    def embed_documents(self, texts):
        self.given += texts
        if self.fails and set(texts) & set(reference_texts()):
            raise ModelError("The embedding server is away.")
        return [self.embed_query(text) for text in texts]


def test_a_first_question_finds_all_it_compares_with_embedded(settings):
    """As `rag index`, then `rag ask`: two processes over one data folder."""
    indexing, asking = Assistant(settings), Assistant(settings)
    indexing.embedder, asking.embedder = Counted(), Counted()  # type: ignore[assignment]
    report = indexing.build()
    assert report.embedded == report.chunks  # the reference texts are no part of the notes
    assert set(reference_texts()) <= set(indexing.embedder.given)
    asking.answer("LoRA 的缺点是什么?")
    assert asking.embedder.given == []
    indexing.embedder.given.clear()
    assert indexing.build().embedded == 0 and indexing.embedder.given == []


def test_an_index_is_built_though_the_reference_texts_cannot_be_embedded(settings):
    made = Assistant(settings)
    made.embedder = Counted(fails=True)  # type: ignore[assignment]
    assert made.build().notes == 3
    with pytest.raises(ModelError, match="away"):
        made.answer("LoRA 的缺点是什么?")
    made.embedder.fails = False
    assert made.answer("LoRA 的缺点是什么?").signals is not None


def test_damaged_index_is_refused_and_rebuilt(assistant, settings):
    live = settings.index_dir / (settings.index_dir / "CURRENT").read_text().strip()
    path = live / "chunks.sqlite"
    path.write_bytes(path.read_bytes()[:-20])
    fresh = Assistant(settings)
    fresh.embedder = assistant.embedder
    with pytest.raises(IndexUnusable, match="damaged"):
        fresh.search("LoRA")
    fresh.build()
    assert fresh.search("LoRA")


def test_an_index_of_an_earlier_version_is_built_anew_and_embeds_nothing(
    assistant, settings, monkeypatch
):
    monkeypatch.setattr(generations, "FORMAT", generations.FORMAT + 1)
    later = Assistant(settings)
    later.embedder = assistant.embedder
    assert not later.has_index()
    with pytest.raises(IndexUnusable, match="another format"):
        later.search("LoRA")
    assert later.build().added == 3


def test_index_of_another_embedding_model_is_refused(assistant, settings):
    other = Assistant(settings)
    other.embedder.model_id = "another/model"
    with pytest.raises(IndexUnusable, match="another/model"):
        other.search("LoRA")


def test_full_disk_leaves_the_earlier_index(assistant, corpus, monkeypatch):
    (corpus / "new.md").write_text("# 新笔记\n\n新内容在这里。\n", "utf-8")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(generations, "fsync_file", full)
    with pytest.raises(RagError, match="No space left"):
        assistant.build()
    assert assistant.answer("LoRA 的秩通常取多少?").citations


def test_two_builders_at_once(assistant, settings):
    import filelock

    with (
        filelock.FileLock(settings.index_dir / "lock"),
        pytest.raises(IndexUnusable, match="Another"),
    ):
        assistant.build()


def test_bad_files_are_skipped_and_the_rest_is_read(corpus):
    (corpus / "empty.md").write_bytes(b"")
    (corpus / "binary.md").write_bytes(bytes(range(256)) * 4)
    (corpus / "gbk.md").write_bytes(
        "# 量化\n\n量化是把权重的精度降低的方法,可以节省显存。".encode("gb18030")
    )
    (corpus / "utf16.txt").write_bytes("中文笔记的内容。".encode("utf-16"))
    (corpus / "link.md").symlink_to("/etc/passwd")
    entries = {entry.path: entry for entry in read_corpus(corpus)}
    assert isinstance(entries["empty.md"], Skipped)
    assert isinstance(entries["binary.md"], Skipped)
    assert isinstance(entries["gbk.md"], Note)
    assert "节省显存" in entries["gbk.md"].text
    assert isinstance(entries["utf16.txt"], Note)
    assert "link.md" not in entries


@pytest.mark.parametrize("make", [False, True])
def test_missing_or_empty_folder(tmp_path, make):
    folder = tmp_path / "none"
    if make:
        folder.mkdir()
    with pytest.raises(CorpusError, match=r"--corpus|add some"):
        list(read_corpus(folder))


KILLED = """
import sys
from rag.assistant import Assistant
from rag.settings import load_settings
a = Assistant(load_settings(corpus=sys.argv[1], data_dir=sys.argv[2], llm="none"))
print("ready", flush=True)
a.embedder.embed_query("x")
print("go", flush=True)
while True:
    a.build()
    text = f"# 变动\\n\\n第 {a.index().generation} 次。"
    (a.settings.corpus / "churn.md").write_text(text, "utf-8")
"""


@pytest.mark.slow
def test_killed_builds_never_lose_the_index(assistant, settings, corpus):
    """kill -9 at 20 random moments of endless rebuilding; the index answers every time."""
    random.seed(7)
    kills = 0
    while kills < 20:
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(corpus), str(settings.data_dir)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        while process.stdout.readline().strip() != "go":
            assert process.poll() is None
        children = 1
        time.sleep(random.uniform(0.0, 0.8))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        kills += children
        fresh = Assistant(settings)
        fresh.embedder = assistant.embedder
        assert fresh.search("LoRA 的缺点")[0].document.metadata["note"] == "lora.md"


@pytest.mark.parametrize(
    "error",
    [RuntimeError("index is not fully trained"), sqlite3.OperationalError("no such table: disk")],
)
def test_only_a_failed_write_speaks_of_the_disk(tmp_path, error):
    with pytest.raises(type(error), match=str(error)), new_generation(tmp_path, {}):
        raise error
    with (
        pytest.raises(OSError, match="the disk may be full"),
        new_generation(tmp_path, {}) as building,
        closing(sqlite3.connect(building / "a.sqlite")) as database,
    ):
        database.execute("PRAGMA max_page_count = 2")
        database.execute("CREATE TABLE t AS SELECT randomblob(99999)")
    assert list(tmp_path.iterdir()) == []
