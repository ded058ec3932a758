"""Full and read-only disks, locked and damaged databases, rebuilding while many ask."""

import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import pytest

from rag.answer.abstention import background
from rag.answer.answer import Answer
from rag.assistant import Assistant
from rag.errors import RagError
from rag.practice.history import Attempt, History
from rag.settings import load_settings
from tests.conftest import LORA

QUESTION = "LoRA 的秩 r 通常取多少?"


EDITIONS = {
    "甲.md": "# 甲组\n\nLoRA 的秩 r 通常取 {}，甲组一直这样设置。\n",
    "乙.md": "# 乙组\n\n乙组的实验里 LoRA 的秩 r 也取 {}，因为显存有限。\n",
}


def write_edition(folder: Path, number: int) -> None:
    """Two notes that agree, in words that differ from edition to edition."""
    for name, text in EDITIONS.items():
        (folder / name).write_text(text.format(number), encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def few_reference_texts(tmp_path_factory):
    """Where the cache is out of order they are embedded again: all of them take long."""
    few = tmp_path_factory.mktemp("reference") / "few.txt"
    few.write_text("\n".join(background.reference_texts()[:16]), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(background, "REFERENCE", few)
        patch.setattr(background, "REFERENCE_VECTORS", WeakKeyDictionary())
        yield few


@pytest.fixture(scope="module")
def seed(tmp_path_factory, embedder, few_reference_texts) -> Path:
    """A data folder whose index and embedding cache every test copies."""
    folder = tmp_path_factory.mktemp("seed")
    (folder / "notes").mkdir()
    (folder / "notes" / "lora.md").write_text(LORA, encoding="utf-8")
    made = opened(folder / "notes", folder / "data", embedder)
    made.build()
    assert made.answer(QUESTION).citations
    return folder


def opened(notes: Path, data: Path, embedder) -> Assistant:
    made = Assistant(load_settings(corpus=notes, data_dir=data, llm="none"))
    made.embedder = embedder
    return made


@pytest.fixture
def copy(seed, tmp_path) -> Path:
    (tmp_path / "data" / "index").mkdir(parents=True)
    cache = "index/embeddings.sqlite"
    shutil.copy(seed / "data" / cache, tmp_path / "data" / cache)
    shutil.copytree(seed / "notes", tmp_path / "notes")
    return tmp_path


@pytest.mark.slow
def test_rebuilding_while_fifty_ask(copy, embedder):
    """No error, and the quotes of an answer are all of one edition of the notes."""
    (copy / "notes" / "lora.md").unlink()
    write_edition(copy / "notes", 1)
    assistant = opened(copy / "notes", copy / "data", embedder)
    assistant.build()
    answers: list[Answer] = []
    faults: list[BaseException] = []
    asking = threading.Event()
    asking.set()

    def ask() -> None:
        try:
            for _ in range(4):
                answers.append(assistant.answer(QUESTION))
        except BaseException as error:
            faults.append(error)

    def rebuild() -> None:
        builder = opened(copy / "notes", copy / "data", embedder)  # as another process would
        number = 1
        try:
            while asking.is_set():
                number += 1
                write_edition(copy / "notes", number)
                builder.build()
        except BaseException as error:
            faults.append(error)

    rebuilding = threading.Thread(target=rebuild)
    askers = [threading.Thread(target=ask) for _ in range(50)]
    for thread in [rebuilding, *askers]:
        thread.start()
    for thread in askers:
        thread.join()
    asking.clear()
    rebuilding.join()
    assert not faults
    assert len(answers) == 200
    seen = set()
    for answer in answers:
        quotes = [citation.quote for citation in answer.citations]
        assert quotes  # what both notes say is said once
        editions = {re.search(r"取 (\d+)", quote)[1] for quote in quotes}
        assert len(editions) == 1, quotes
        seen |= editions
    assert len(seen) > 1  # the index did change while they asked


def test_a_generation_swept_while_it_is_read(copy, embedder, monkeypatch):
    """Three builds pass while a slow reader is in the middle of its load."""
    from rag.index.local import open_local as index_module

    assistant = opened(copy / "notes", copy / "data", embedder)
    assistant.build()
    builder = opened(copy / "notes", copy / "data", embedder)
    read = index_module.read_manifest
    passed: list[int] = []

    def slow(generation: Path):
        manifest = read(generation)
        if not passed:
            passed.append(1)
            for number in range(3):
                write_edition(copy / "notes", number)
                builder.build()
        return manifest

    monkeypatch.setattr(index_module, "read_manifest", slow)
    assert assistant.answer(QUESTION).citations
    assert assistant.index().generation == "gen-000004"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leave no byte free."""
    path = folder / "filler"
    with pytest.raises(OSError, match="No space"), path.open("wb", buffering=0) as handle:
        while True:
            handle.write(bytes(4096))
    return path


def test_index_on_a_full_disk(seed, copy, small_disk, embedder):
    data = small_disk / "data"
    shutil.copytree(seed / "data", data)
    index = next((seed / "data" / "index").glob("notes-*"))
    assistant = opened(copy / "notes", data, embedder)
    shutil.copytree(index, assistant.settings.index_dir, dirs_exist_ok=True)
    write_edition(copy / "notes", 1)
    filler = fill(small_disk)
    with pytest.raises(RagError, match=r"free some\s+space"):
        assistant.build()
    assert assistant.answer(QUESTION).citations  # the earlier index, and nothing was written
    filler.unlink()
    assert assistant.build().added == 2
    assert not list(assistant.settings.index_dir.glob(".building-*"))


def test_asking_on_a_full_and_on_a_read_only_disk(seed, copy, small_disk, embedder):
    data = small_disk / "data"
    assistant = opened(copy / "notes", data, embedder)
    index = next((seed / "data" / "index").glob("notes-*"))
    shutil.copytree(index, assistant.settings.index_dir)
    fill(small_disk)
    assert assistant.answer(QUESTION).citations
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    fresh = opened(copy / "notes", data, embedder)
    assert fresh.answer(QUESTION).citations
    with pytest.raises(RagError, match="cannot be written"):
        fresh.build()
    with pytest.raises(RagError, match="cannot be used"):
        fresh.history().attempts("me")


def attempt(number: int) -> Attempt:
    return Attempt(0, "me", "lora", "LoRA", "?", "x" * 2000, {"n": number}, 50, None, 0, "2026")


def test_history_on_a_full_disk(small_disk):
    history = History(small_disk / "practice.sqlite")
    history.save_attempt(attempt(0))
    filler = fill(small_disk)
    kept = 1
    with pytest.raises(RagError, match="free some space"):
        while True:  # what lies in its files already may still take a few
            history.save_attempt(attempt(kept))
            kept += 1
    filler.unlink()
    history.save_attempt(attempt(kept))
    assert [item.grade["n"] for item in history.attempts("me")] == list(range(kept + 1))


def test_a_locked_history_is_said_and_nothing_lost(tmp_path, monkeypatch):
    history = History(tmp_path / "practice.sqlite")
    history.save_attempt(attempt(0))
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{**k, "timeout": 0.05}))
    with closing(connect(history.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RagError, match="locked"):
            history.save_attempt(attempt(1))
        assert len(history.attempts("me")) == 1  # reading goes on
        other.rollback()
    history.save_attempt(attempt(1))
    assert len(history.attempts("me")) == 2


def test_a_locked_embedding_cache(copy, embedder, monkeypatch):
    assistant = opened(copy / "notes", copy / "data", embedder)
    assistant.build()
    write_edition(copy / "notes", 7)
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{**k, "timeout": 0.05}))
    with closing(connect(copy / "data" / "index" / "embeddings.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RagError, match="locked"):
            assistant.build()
        other.rollback()
    assert assistant.build().added == 2


@pytest.mark.parametrize(
    "content", [b"this is no database " * 400, b"SQLite format 3\0" + b"x" * 99]
)
def test_damaged_databases_are_said_and_kept(copy, embedder, content):
    """The learner's file is never replaced; the cache may be deleted, and asking goes on."""
    assistant = opened(copy / "notes", copy / "data", embedder)
    assistant.build()
    history = copy / "data" / "practice.sqlite"
    cache = copy / "data" / "index" / "embeddings.sqlite"
    for path in (history, cache):
        path.write_bytes(content)
        for extra in ("-wal", "-shm"):
            path.with_name(path.name + extra).unlink(missing_ok=True)
    write_edition(copy / "notes", 3)
    for broken in (lambda: assistant.history().attempts("me"), assistant.build):
        with pytest.raises(RagError, match=r"cannot be used|is damaged") as caught:
            broken()
        assert "\n" not in str(caught.value)
    assert history.read_bytes() == content
    assert opened(copy / "notes", copy / "data", embedder).answer(QUESTION).citations
    cache.unlink()
    assert assistant.build().embedded


def test_texts_are_embedded_alike_with_and_without_sentence_transformers(embedder):
    from rag.embedding import e5

    texts = ["LoRA 的秩是多少?", "How does it work", "a\0b", "", "长" * 2000]
    few = embedder.embed_documents(texts)
    many = embedder.embed_documents(texts * 8)  # more than go without
    assert len(few) == 5 and len(many) == 40
    assert min(np.sum(np.multiply(few, many[:5]), axis=1)) > 0.99
    for text in texts:
        whole = embedder.model.encode_query([text], normalize_embeddings=True)[0]
        assert np.dot(embedder.embed_query(text), whole) > 0.99
    assert embedder.count_tokens("LoRA 的秩") == embedder.model[0].token_count("LoRA 的秩") > 0
    assert e5.engine() is e5.engine()


def test_a_cold_ask_needs_no_torch(seed, few_reference_texts):
    """Nor anything else of what embeds documents or runs an LLM."""
    code = (
        "import sys, pathlib; from rag.answer.abstention import background; "
        "from rag.assistant import Assistant; "
        "from rag.settings import load_settings; "
        "background.REFERENCE = pathlib.Path(sys.argv[4]); "
        "a = Assistant(load_settings(corpus=sys.argv[1], data_dir=sys.argv[2], llm='none')); "
        "assert a.answer(sys.argv[3]).citations; "
        "sys.exit(str([m for m in ('torch', 'transformers', 'pandas', 'sklearn', 'openai') "
        "if m in sys.modules] or ''))"
    )
    command = [sys.executable, "-c", code, str(seed / "notes"), str(seed / "data"), QUESTION,
               str(few_reference_texts)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stderr.strip() == "", done.stderr
