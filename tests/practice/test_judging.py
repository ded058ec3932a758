"""A grade while it is made: points are told as they stand, and nothing of them is lost."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from rag.errors import ModelError
from rag.llm.remote_model import RemoteModel
from rag.llm.verdict import Verdict
from rag.practice.coach import Graded
from rag.practice.judging import Judging
from rag.practice.point_status import status_by
from tests.conftest import until
from tests.practice.scripted_judge import HALF, NO, WRONG, YES, ScriptedJudge
from tests.practice.taught import asked, taught
from ui.practising.carried import carried_through

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SAID = "LoRA 把原来的权重冻住，旁边学两个小矩阵。B 一开始是零。"


def judged_by(assistant, corpus, judge):
    taught(assistant, corpus)
    assistant.models["scripted:judge"] = judge
    return assistant.coach("scripted:judge")


def test_each_point_is_told_as_soon_as_it_stands(assistant, corpus):
    judge = ScriptedJudge(YES, HALF)
    coach = judged_by(assistant, corpus, judge)
    events = coach.grading(asked(coach), SAID, "me", now=NOW)
    begun = next(events)
    assert isinstance(begun, Judging) and begun.points == () and (begun.number, begun.of) == (1, 2)
    judge.pace.release()
    first = next(events)
    assert [point.status for point in first.points] == ["covered"] and first.number == 2
    assert judge.given == 1  # the second was not waited for
    assert coach.history.attempts("me") == []
    judge.pace.release()
    both, done = next(events), next(events)
    assert both.number is None and [p.status for p in both.points] == ["covered", "partly"]
    assert isinstance(done, Graded) and [p.status for p in done.grade.points] == [
        "covered", "partly",
    ]  # fmt: skip
    assert done.grade.score == coach.history.attempt("me", done.attempt).score == 75


@pytest.mark.parametrize(
    ("of_sentence", "status", "credit"),
    [(WRONG, "contradicted", 0), (NO, "partly", 0.5), (YES, "partly", 0.5)],
)
def test_a_right_answer_is_not_called_wrong_by_one_verdict(
    assistant, corpus, of_sentence, status, credit
):
    judge = ScriptedJudge(WRONG, of_sentence, NO).at_once()
    coach = judged_by(assistant, corpus, judge)
    *_, done = coach.grading(asked(coach), SAID, "me", now=NOW)
    first, second = done.grade.points
    assert (first.status, first.credit, second.status) == (status, credit, "missed")
    assert judge.given == 3  # one more, only where a point may be contradicted


def test_only_what_both_verdicts_are_sure_of_is_called_wrong():
    sure, doubtful = Verdict(0.01, 0.0, 0.98, 0.01), Verdict(0.3, 0.05, 0.65, 0.0)
    right = Verdict(0.9, 0.05, 0.05, 0.0)  # they said the note's sentence, not the terse point
    assert status_by(sure, sure) == "contradicted"
    assert status_by(sure, right) == "partly"
    assert status_by(doubtful, doubtful) == "partly"
    assert status_by(right) == "covered"
    assert status_by(Verdict(0.08, 0.01, 0.9, 0.01), Verdict(0.0, 0.0, 0.01, 0.99)) == "partly"
    assert status_by(Verdict(0.02, 0.9, 0.04, 0.04)) == "partly"
    assert status_by(Verdict(0.0, 0.02, 0.0, 0.98)) == "missed"


def test_without_a_model_nothing_is_on_the_way(assistant, corpus):
    coach = taught(assistant, corpus)
    [done] = coach.grading(asked(coach), SAID, "me", now=NOW)
    assert isinstance(done, Graded) and done.grade.self_assessed


def test_an_api_models_one_call_goes_the_same_way(assistant, corpus):
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import RunnableLambda

    from rag.practice.llm_judge import PointVerdict, Verdicts
    from tests.conftest import ScriptedChat

    calls = []

    class OneCall(ScriptedChat):
        def with_structured_output(self, schema, include_raw=False):
            def reply(messages):
                calls.append(messages)
                verdicts = [
                    PointVerdict(number=1, status="covered", quote="把原来的权重冻住"),
                    PointVerdict(number=2, status="missed"),
                ]
                parsed = Verdicts(verdicts=verdicts, follow_up="B 怎么初始化？")
                return {"parsed": parsed, "raw": AIMessage("")}

            return RunnableLambda(reply)

    coach = taught(assistant, corpus)
    assistant.models["scripted:one"] = RemoteModel("scripted:one", lambda refused: OneCall())
    coach = assistant.coach("scripted:one")
    *way, done = coach.grading(asked(coach), SAID, "me", now=NOW)
    assert len(calls) == 1 and [len(event.points) for event in way] == [0, 1, 2]
    assert [point.status for point in done.grade.points] == ["covered", "missed"]
    assert done.grade.follow_up == "B 怎么初始化？"


def test_a_model_that_stops_half_way_keeps_no_attempt_and_the_draft(assistant, corpus):
    coach = judged_by(assistant, corpus, ScriptedJudge(YES).at_once())
    coach.history.save_draft("me", "lora.md", SAID, NOW)
    with pytest.raises(ModelError):
        list(coach.grading(asked(coach), SAID, "me", now=NOW))
    assert coach.history.attempts("me") == [] and coach.history.draft("me", "lora.md") == SAID


def test_a_page_that_is_closed_loses_no_attempt(assistant, corpus):
    judge = ScriptedJudge(YES, NO)
    coach = judged_by(assistant, corpus, judge)
    shown = carried_through(coach.grading(asked(coach), SAID, "me", now=NOW))
    next(shown)
    shown.close()  # as Gradio does when the page goes
    judge.at_once()
    until(lambda: [item.score for item in coach.history.attempts("me")] == [50])


def test_a_grade_that_comes_late_drops_no_draft_that_was_written_since(assistant, corpus):
    judge = ScriptedJudge(YES, NO, YES, NO)
    coach = judged_by(assistant, corpus, judge)
    coach.history.save_draft("me", "lora.md", SAID, NOW)
    events = coach.grading(asked(coach), SAID, "me", now=NOW)
    next(events)
    coach.history.save_draft("me", "lora.md", "那么再来一次", NOW)  # on the page, reloaded
    judge.at_once()
    list(events)
    assert coach.history.draft("me", "lora.md") == "那么再来一次"
    coach.grade(asked(coach), "那么再来一次", "me", now=NOW)
    assert coach.history.draft("me", "lora.md") == ""


def test_what_breaks_in_the_background_is_told_to_the_page():
    def breaks():
        yield {}
        raise ModelError("it stopped")

    shown = carried_through(breaks())
    assert next(shown) == {}
    with pytest.raises(ModelError, match="it stopped"):
        next(shown)


def test_what_breaks_after_the_page_is_closed_is_logged(caplog):
    def breaks(error):
        yield {}
        raise error

    for error in (ModelError("told to the page"), KeyError("a fault")):
        shown = carried_through(breaks(error))
        next(shown)
        shown.close()
    until(lambda: [record.exc_info[0] for record in caplog.records] == [KeyError])


def test_the_terminal_tells_points_as_they_stand(assistant, corpus, monkeypatch):
    from rag.cli.practising import live_grade

    coach = judged_by(assistant, corpus, ScriptedJudge(YES, HALF).at_once())
    told = io.StringIO()
    monkeypatch.setattr(
        live_grade, "Console", lambda **kw: Console(file=told, force_terminal=True, width=100)
    )
    done = live_grade.graded_live(coach.grading(asked(coach), SAID, "me", now=NOW))
    assert isinstance(done, Graded)
    text = told.getvalue()
    for part in ("judging 1 of 2", "正在核对第 2 / 2 个要点", "1. ✓ covered", "2. ~ partly"):
        assert part in text


def test_a_point_in_the_notes_own_words_is_covered_whatever_the_judge_thinks(assistant, corpus):
    judge = ScriptedJudge(HALF).at_once()
    coach = judged_by(assistant, corpus, judge)
    text = "B 初始化为零，使训练开始时更新量为零。别的不记得了。"
    done = coach.grade(asked(coach, 1), text, "me", now=NOW)
    assert [point.status for point in done.grade.points] == ["covered"] and judge.given == 0
    turned = "并不是 B 初始化为零，使训练开始时更新量为零。"
    done = coach.grade(asked(coach, 1), turned, "me", now=NOW)
    assert judge.given == 1 and done.grade.points[0].status == "partly"


def test_who_leaves_before_their_turn_leaves_the_queue(assistant, corpus):
    from rag.llm.fair_queue import FairQueue
    from ui.practising.carried import its_turn

    queue = FairQueue(limit=4)
    coach = judged_by(assistant, corpus, ScriptedJudge(YES, YES, queue=queue).at_once())
    with queue.turn("another"):
        shown = its_turn(coach.grading(asked(coach), SAID, "me", now=NOW), lambda event: {})
        next(shown)
        assert len(queue) == 2
        shown.close()
        assert len(queue) == 1
    assert coach.history.attempts("me") == []
