"""What handlers give goes to components that they are wired to, on the ways that fail, too.

Gradio refuses others only when such a way is taken.
"""

from collections.abc import Iterator
from inspect import isgeneratorfunction
from types import SimpleNamespace

import pytest

from tests.live import small_assistant
from ui.app import Warmth, build
from ui.practising.sitting import Sitting
from ui.session import Session
from ui.tabs.practice_exercise import PracticeSession

VISITOR = SimpleNamespace(username=None, session_hash="a page")
HERE = ("zh", VISITOR)
GRADED = PracticeSession(SimpleNamespace(), grade=SimpleNamespace())
THUMB = SimpleNamespace(index=1, liked=False)
CASES = [
    ("ExerciseActions.choose", ("", None, [], "", "", 0, *HERE)),  # no learner's name
    ("ExerciseActions.choose", ("me", None, [], "", "", 3, *HERE)),
    ("ExerciseActions.give_hint", (PracticeSession(), "", "zh")),
    ("ExerciseActions.judge", ("x", PracticeSession(), "", *HERE)),
    ("ExerciseActions.judge", ("x", GRADED, "", *HERE)),
    ("ExerciseActions.tick", ("", PracticeSession(), "me", *HERE)),
    ("ExerciseActions.tick", ("", GRADED, "me", *HERE)),
    ("ExerciseActions.appeal", (None, None, "", PracticeSession(), "me", *HERE)),
    ("ExerciseActions.appeal", (None, None, "", GRADED, "me", *HERE)),
    ("ExerciseActions.appeal", (1, "said", "", GRADED, "", *HERE)),
    ("ExerciseActions.follow_up", (PracticeSession(), *HERE)),
    ("InterviewActions.begin", ("", [], "due", "", "", "", 5, 0, *HERE)),
    ("InterviewActions.begin", ("me", [], "tag", "", "", "", 5, 0, *HERE)),
    ("InterviewActions.send", ("x", Sitting(), "me", *HERE)),
    ("InterviewActions.appeal", (None, None, "", Sitting(), "me", *HERE)),
    ("InterviewActions.appeal", (1, "said", "", Sitting(), "me", *HERE)),
    ("InterviewActions.following", ("", Sitting(), "me", *HERE)),
    ("InterviewActions.skip", (Sitting(), "me", *HERE)),
    ("InterviewActions.pause", (Sitting(), "me", *HERE)),
    ("InterviewActions.end", (Sitting(), "me", *HERE)),
    ("InterviewActions.go_on", ("me", *HERE)),
    ("InterviewActions.close", ("me", *HERE)),
    ("InterviewActions.open_past", ("x", "me", *HERE)),
    ("InterviewActions.open_past", ("7_0", "me", *HERE)),
    ("InterviewActions.again", ("me", *HERE)),
    ("AskActions.stop", (Session(), "typed", *HERE)),  # nothing is written
    ("AskActions.restore", ("", Session(), *HERE)),
    ("AskActions.restore", ("7", Session(), *HERE)),
    ("AskActions.open", ("7_0", Session(), *HERE)),
    ("AskActions.begin", HERE),
    ("AskActions.rename", ("x", Session(), *HERE)),
    ("AskActions.ask_to_delete", (Session(), "zh")),
    ("AskActions.ask_to_delete", (Session(chat=7), "zh")),
    ("AskActions.delete", (Session(chat=7), *HERE)),
    ("AskActions.export", (Session(chat=7), *HERE)),
    ("AskActions.judge", (Session(), "zh", THUMB, VISITOR)),
    ("AskActions.judge", (Session((None,), turns=(7,)), "zh", THUMB, VISITOR)),
    ("AskActions.explain", (None, "", "", *HERE)),
    ("AskActions.explain", (7, "", "", *HERE)),
    ("AskActions.cite", ("x", Session(), "zh")),
    ("AskActions.unfold", (Session(), *HERE)),
    ("AskActions.translate", ("", Session(), *HERE)),
    ("read_tab open_note", ("", *HERE)),
    ("read_tab open_cited", ("x", Session(), *HERE)),
    ("notes_tab created", ("", "nosuch", *HERE)),
    ("notes_tab uploaded", (["/nosuch/x.md"], "nosuch", *HERE)),
    ("notes_tab indexed", ("nosuch", *HERE)),
    ("notes_tab removed", ("nosuch", *HERE)),
    ("notes_tab deleted", ("x.md", "nosuch", *HERE)),
    ("notes_tab undone", (None, "nosuch", *HERE)),
    ("notes_tab closed", ("zh",)),
    ("practice_tab refresh", ("", [], None, "", "", "", Sitting(), *HERE)),
    ("InterviewActions.reworded", ("", Sitting(), "me", *HERE)),
    ("OwnPointsActions.follow", ("", None, {}, PracticeSession(), *HERE)),
    ("OwnPointsActions.by_headings", ({}, PracticeSession(), *HERE)),
    ("OwnPointsActions.keep", ("1. x", None, {}, PracticeSession(), *HERE)),
]


@pytest.fixture(scope="module")
def wired(tmp_path_factory, embedder):
    """Every handler of the page by its name, with what each of its events may change."""
    found = {}
    page = build(small_assistant(tmp_path_factory.mktemp("wiring"), embedder), Warmth())
    for block in page.fns.values():
        name = getattr(block.fn, "__qualname__", "")
        if "<locals>" in name:
            name = f"{block.fn.__module__.split('.')[-1]} {block.fn.__name__}"
        found.setdefault(name, (block.fn, []))[1].append(set(block.outputs))
    return found


@pytest.mark.parametrize(("name", "given"), CASES)
def test_a_handler_changes_only_what_it_is_wired_to(wired, name, given):
    handler, listed = wired[name]
    came = handler(*given)
    # Gradio goes on only with what is written as a generator.
    assert isinstance(came, Iterator) == isgeneratorfunction(handler)
    steps = list(came) if isinstance(came, Iterator) else [came]
    assert steps
    for updates in steps:
        assert updates  # to Gradio an empty dict is a value
        assert all(updates.keys() <= outputs for outputs in listed)
