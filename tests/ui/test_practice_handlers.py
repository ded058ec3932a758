"""What the handlers of the pages give where steps overtake one another."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from rag.practice.kept.interviews import Interviews
from tests.chats.test_chats import answer
from tests.practice.scripted_judge import YES, ScriptedJudge
from tests.ui.taught_library import assistant_with_own_note, taught_assistant
from ui.answer_stream import Shown
from ui.app import Warmth, build
from ui.practising.own_points import Offered
from ui.practising.recall.recall_parts import Recalling
from ui.running import Running
from ui.session import Session, messages
from ui.tabs.practice_exercise import PracticeSession

VISITOR = SimpleNamespace(username=None, session_hash="a page")
HERE = ("zh", VISITOR)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, embedder):
    return assistant_with_own_note(tmp_path_factory.mktemp("handlers"), embedder)


@pytest.fixture(scope="module")
def page(assistant):
    return build(assistant, Warmth())


def acts_of(page, name):
    """The object whose handlers the page has."""
    return next(
        block.fn.__self__
        for block in page.fns.values()
        if type(getattr(block.fn, "__self__", None)).__name__ == name
    )


def test_what_was_typed_on_a_note_keeps_the_points_that_its_numbers_speak_of(page, assistant):
    acts = acts_of(page, "OwnPointsActions")
    area = acts.area
    coach = assistant.coach("none")
    here, there = (
        PracticeSession(coach.exercise(key, "zh"), ("default",)) for key in ("spec.md", "lora.md")
    )
    first = acts.follow("", None, {}, here, *HERE)
    # Another draft than the one that is made when the note comes back.
    other = replace(first[area.draft].made, points=first[area.draft].made.points[::-1])
    mine = "1. 小模型先猜，大模型验证\n? 讲讲投机解码 (1)"
    left = acts.follow(mine, Offered("spec.md", other), {}, there, *HERE)
    assert left[area.draft] is None
    back = acts.follow("", None, left[area.typed], here, *HERE)
    assert back[area.text] == mine and back[area.draft].made == other
    # What is as it was drafted is nothing that was typed: it is forgotten on leaving.
    gone = acts.follow(first[area.text], first[area.draft], back[area.typed], there, *HERE)
    assert gone[area.typed] == {}
    *_, anew = acts.by_headings(back[area.typed], here, *HERE)
    assert anew[area.typed] == {} and anew[area.draft].made == first[area.draft].made


def test_a_card_is_rated_once(page, assistant):
    acts = acts_of(page, "RecallActions")
    card, told = acts.parts.recalling, acts.parts.told
    drawn = ("twice", None, [], "", "")
    begun = acts.begin(Recalling(), *drawn, *HERE)[card]
    shown = acts.show(begun, "zh")[card]
    following = acts.rating("good")(shown, *drawn, *HERE)
    assert "下次复习" in following[told]
    # The second rating of the same card comes to the next one, whose answer is not shown.
    assert told not in acts.rating("easy")(following[card], *drawn, *HERE)
    assert [item.rating for item in assistant.history().attempts("twice")] == ["good"]
    rates = [
        block
        for block in page.fns.values()
        if "RecallActions" in getattr(block.fn, "__qualname__", "")
    ]
    assert len(rates) == 7
    assert {(item.concurrency_id, item.concurrency_limit) for item in rates} == {("recall", 1)}


def test_a_topic_that_is_chosen_later_is_recalled_next(page, assistant):
    acts = acts_of(page, "RecallActions")
    card, told = acts.parts.recalling, acts.parts.told
    first = acts.begin(Recalling(), "me", None, [], "", "", *HERE)[card]
    wanted = "06-inference/prefix.md"
    assert first.card.topic != wanted
    for step in (acts.other, acts.rating("good")):
        came = step(acts.show(first, "zh")[card], "me", wanted, [], "", "", *HERE)
        assert came[card].card.topic == wanted
        assert came[acts._topic] is None  # chosen once
    lost = acts.other(came[card], "me", "Kubernetes", [], "", "", *HERE)
    assert "Kubernetes" in lost[told] and lost[card].card is not None
    lost = acts.other(came[card], "me", "Kubernetes", [], "", "", "en", VISITOR)
    assert "no topic called" in lost[told]


def test_thumbs_stay_with_their_answers_on_a_page_that_joins(page, assistant):
    acts = acts_of(page, "AskActions")
    answers = tuple(answer(f"{n}?") for n in range(45))
    verdicts = ("up", *[None] * 43, "down")
    # The page that asks shows all of them; one that has just been opened the last few.
    asking = Session(answers, verdicts=verdicts, unfolded=45)
    step = Shown(messages(asking, "zh"), asking)
    running = Running(None, iter_of(step, step))
    running.run()
    first, *_ = list(acts._followed(running, "?", VISITOR, acts._parts.talk, True))
    assert first[acts._parts.chat]["feedback_value"] == ["Like", *[None] * 43, "Dislike"]


def iter_of(*steps):
    yield from steps


@pytest.mark.parametrize("step", ["skip", "end", "pause"])
def test_an_interview_that_went_on_elsewhere_is_shown_as_it_is_there(tmp_path, embedder, step):
    made = taught_assistant(tmp_path, embedder, "scripted:judge")
    made.models["scripted:judge"] = judge = ScriptedJudge(*[YES] * 5)
    acts = acts_of(build(made, Warmth()), "InterviewActions")
    part = acts._views.parts
    sitting = acts.begin("me", [], "due", "", "", "", 3, 0, *HERE)[part.sitting]
    events = acts.send("它避免重复计算。", sitting, "me", *HERE)
    while "judging" not in str(next(events).get(part.result, "")):
        pass
    elsewhere = getattr(acts, step)(sitting, "me", *HERE)
    kept = Interviews(made.history())
    before = kept.get("me", sitting.number)
    judge.at_once()
    *_, last = events
    assert made.history().attempts("me")
    if step == "pause":  # the question is the same: the grade is told, the clock stands
        assert last[part.sitting].phase == "answered"
        assert kept.get("me", sitting.number).running_since is None
        return
    assert kept.get("me", sitting.number) == before
    phase = {"skip": "asking", "end": "over"}[step]
    assert last[part.sitting].phase == phase == elsewhere[part.sitting].phase
    assert last[part.sitting].rounds == elsewhere[part.sitting].rounds
    assert ("别的窗口" in last[part.notice]) == (step == "skip")
