"""What the page says while notes and models are loaded, without a page."""

import threading

import pytest

from rag.assistant import Assistant
from rag.cli.common import finish_all
from rag.errors import BeingIndexed
from rag.index import pace
from tests.conftest import until
from ui.frame import warmth as module
from ui.frame.warmth import Warmth


@pytest.fixture
def fresh(settings, embedder, monkeypatch):
    """Nothing is indexed, each note is published; no language model."""
    monkeypatch.setattr(pace, "FIRST", 1)
    monkeypatch.setattr(pace, "GROWTH", 1)
    monkeypatch.setattr(module, "ELSEWHERE_EVERY_S", 0.05)
    made = Assistant(settings)
    made.embedder = embedder
    monkeypatch.setattr(made, "warm", lambda say, weights: [say("llm"), say("ready")])
    return made


def started(assistant, prepare):
    warmth = Warmth()
    warmth.expect(assistant)
    thread = threading.Thread(target=warmth.run, args=(assistant, lambda: None, prepare))
    thread.start()
    return warmth, thread


def test_it_is_not_over_while_another_process_reads_the_notes(fresh, settings, embedder):
    other, gate = Assistant(settings), threading.Semaphore(0)
    other.embedder = embedder

    def slowly(stage, done, total):
        if stage == "embed":
            assert gate.acquire(timeout=60)

    builder = threading.Thread(target=other.build, args=(slowly,))
    builder.start()
    gate.release(2)
    until(fresh.has_index)
    with pytest.raises(BeingIndexed):
        finish_all(fresh)
    warmth, thread = started(fresh, lambda: finish_all(fresh))
    thread.join(0.5)
    assert warmth.notes == "some" and not warmth.over
    assert "title='正在读取笔记" in warmth.html("zh")
    gate.release(100)
    builder.join()
    thread.join(30)
    assert warmth.notes == "all" and warmth.over


def test_waiting_for_another_process_ends_with_the_page(fresh):
    def elsewhere():
        raise BeingIndexed("Another one.")

    warmth, thread = started(fresh, elsewhere)
    warmth.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_a_loaded_model_is_not_said_to_be_loading(fresh):
    go = threading.Event()

    def prepare():
        fresh.build()
        assert go.wait(30)

    warmth, thread = started(fresh, prepare)
    until(lambda: warmth.stage == "index")
    assert "语言模型" not in warmth.html("zh")
    go.set()
    thread.join(30)
    assert warmth.stage == "ready"


def test_a_collection_that_is_removed_meanwhile_breaks_nothing(fresh):
    fresh.library.registry.create("papers")
    fresh.chosen = ("default", "papers")

    def prepare():
        fresh.build()
        fresh.remove_collection("papers")

    warmth, thread = started(fresh, prepare)
    thread.join(60)
    assert warmth.over
