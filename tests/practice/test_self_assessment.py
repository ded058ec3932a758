"""Without a model nobody judges: what was found is told, and the learner ticks what they said."""

import pytest

from rag.errors import UsageError
from rag.practice.after.appealing import appeal
from rag.practice.history import History
from tests.practice.test_practice import GOOD, NOW, coach  # noqa: F401

PARAPHRASE = "原来的参数一点都不动，旁边加两个小矩阵去学变化量，推理前可以并回去。"


def graded(coach, text):  # noqa: F811
    return coach.grade(coach.exercise("lora.md", "zh"), text, "me", now=NOW)


@pytest.mark.parametrize("text", [GOOD, PARAPHRASE, "LoRA 的秩 r 通常取 512 到 1024。", "不知道"])
def test_nothing_is_called_wrong_and_nothing_scored(coach, text):  # noqa: F811
    found = graded(coach, text)
    told = found.grade.to_dict()
    assert told["self_assessed"] is True and told["score"] is None and found.suggested is None
    assert told["statements"] == []
    assert {p["status"] for p in told["points"]} <= {"covered", "maybe", "not found"}
    for point in told["points"]:
        assert (point["said"] is None) == (point["status"] == "not found")


def test_the_ticks_make_the_score(coach):  # noqa: F811
    found = graded(coach, PARAPHRASE)
    ticked = coach.assess("me", found.attempt, [1, 2], [3])
    assert [p.status for p in ticked.grade.points] == ["covered", "covered", "partly"]
    assert ticked.grade.score == 83 and ticked.grade.self_assessed
    assert ticked.suggested == "good"
    assert "自评" in ticked.grade.summary
    kept = History(coach.history.path).attempt("me", found.attempt)
    assert kept.score == 83 and kept.grade["points"][0]["found"] in {
        "covered",
        "maybe",
        "not found",
    }
    again = coach.assess("me", found.attempt, [])  # the learner thinks better of it
    assert (
        again.grade.score == 0 and again.grade.points[0].found == kept.grade["points"][0]["found"]
    )


def test_ticks_leave_out_what_an_appeal_took_out(coach):  # noqa: F811
    found = graded(coach, PARAPHRASE)
    appeal(coach, "me", found.attempt, 3, "not asked", "", None, NOW)
    ticked = coach.assess("me", found.attempt, [1, 2])
    assert [p.status for p in ticked.grade.points] == ["covered", "covered", "not asked"]
    assert ticked.grade.score == 100  # the third point was ticked as missed again: 67


def test_what_cannot_be_ticked(coach):  # noqa: F811
    found = graded(coach, GOOD)
    for ticks in ([4], [0], [-1]):
        with pytest.raises(UsageError, match="no point"):
            coach.assess("me", found.attempt, ticks)
    with pytest.raises(UsageError, match="not kept"):
        coach.assess("other", found.attempt, [1])
    judged = {**found.grade.to_dict(), "self_assessed": False, "score": 50}
    coach.history.regrade("me", found.attempt, judged, 50)
    with pytest.raises(UsageError, match="appeal"):
        coach.assess("me", found.attempt, [1])


@pytest.mark.parametrize("text", ["", "  \n\n ", "。。。"])
def test_an_empty_answer_is_no_attempt(coach, text):  # noqa: F811
    with pytest.raises(UsageError, match="Nothing was said"):
        graded(coach, text)
    assert coach.history.attempts("me") == []


def test_an_unjudged_attempt_is_no_score_and_no_weakness(coach):  # noqa: F811
    from rag.practice.stats import progress

    graded(coach, "不知道")
    found = progress(coach.history, coach.topics, "me", NOW)
    assert (found.attempts, found.mean_score, found.weakest) == (1, None, ())
