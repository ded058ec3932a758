"""Faults of the page that left no trace: a start that dies, a draft without a learner's name."""

from types import SimpleNamespace

import pytest

from tests.live import small_assistant
from ui.app import Warmth, build
from ui.tabs.practice_exercise import PracticeSession

VISITOR = SimpleNamespace(username=None, session_hash="a page")


@pytest.fixture(scope="module")
def small(tmp_path_factory, embedder):
    return small_assistant(tmp_path_factory.mktemp("faults"), embedder)


def test_whatever_breaks_the_start_is_said_on_the_page(small, monkeypatch, caplog):
    def breaks(say, weights):
        say("index")
        raise NotADirectoryError("/nonexistent/cache")

    monkeypatch.setattr(small, "warm", breaks)
    warmth = Warmth()
    warmth.run(small)  # in a thread of the server: nobody would see it raise
    assert warmth.stage == "failed"
    for language in ("zh", "en"):
        told = warmth.html(language)
        assert "failed" in told and "NotADirectoryError" in told
        assert "/nonexistent" not in told  # the log has it
    assert "/nonexistent/cache" in caplog.text


@pytest.mark.parametrize("nameless", ["", "  ", "x" * 41])
def test_typing_without_a_learners_name_breaks_nothing(small, nameless):
    made = [block.fn for block in build(small, Warmth()).fns.values()]
    [save] = [
        fn for fn in made
        if getattr(fn, "__qualname__", "") == "ExerciseActions.save"
    ]  # fmt: skip
    session = PracticeSession(small.coach().exercise("lora.md", "zh", "anna"))
    save("half a sentence", session, nameless, VISITOR)  # raised UsageError at each key
    save("half a sentence", session, "anna", VISITOR)
    assert small.history().draft("anna", "lora.md") == "half a sentence"


def test_a_shelf_that_comes_late_takes_no_opened_note_away(small):
    [refresh] = [
        block.fn for block in build(small, Warmth()).fns.values()
        if getattr(block.fn, "__module__", "") == "ui.reading.read_tab"
        and block.fn.__name__ == "refresh"
    ][:1]  # fmt: skip
    shown = {part.elem_id: value for part, value in refresh("", "zh", VISITOR).items()}
    assert "LoRA" in shown["shelf"]
    assert not shown.keys() & {"reading", "read-head", "article", "read-foot", "contents"}


def test_the_open_note_is_not_drawn_again_when_all_notes_are_read(small):
    page = build(small, Warmth())
    [reshelve] = [
        block for block in page.fns.values()
        if getattr(block.fn, "__qualname__", "").endswith("reshelve")
    ]  # fmt: skip
    open_, blank = (
        {part.elem_id for part in reshelve.fn(key, "zh", VISITOR)} for key in ("lora.md", "")
    )
    assert open_ == {"shelf"} and len(blank) == 2


def test_a_page_opened_after_all_is_read_is_not_drawn_twice(small):
    warmth = Warmth(stage="ready")
    page = build(small, warmth)
    [opened] = [
        block for block in page.fns.values()
        if getattr(block.fn, "__qualname__", "") == "wire.<locals>.opened"
    ]  # fmt: skip
    [told] = [value for part, value in opened.fn("zh").items() if part.elem_id == "notes-read"]
    assert told != "all"
