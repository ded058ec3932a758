"""After a grade: an answer to speak, the difference to the last time, and appeals."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rag.errors import UsageError
from rag.practice.after.appealing import appeal
from rag.practice.after.comparison import compared
from rag.practice.after.model_answer import LENGTH, model_answer
from rag.practice.explanation import Utterance
from rag.practice.grades import Grade, PointGrade, Statement
from rag.practice.history import History
from rag.practice.kept.appeals import Appeals
from tests.practice.taught import asked, taught

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SAID = "LoRA 把原来的权重冻住，旁边学两个小矩阵。B 一开始是零。"


@pytest.fixture
def coach(assistant, corpus):
    return taught(assistant, corpus)


def judged(coach, statuses, at=NOW, text=SAID):
    """An attempt with the statuses that a model might have given."""
    done = coach.grade(asked(coach), text, "me", now=at)
    credits = {"covered": 1.0, "partly": 0.5}
    points = tuple(
        replace(point, status=status, credit=credits.get(status, 0.0))
        for point, status in zip(done.grade.points, statuses, strict=True)
    )
    grade = replace(done.grade, points=points, score=50, self_assessed=False)
    coach.history.regrade("me", done.attempt, grade.to_dict(), 50)
    return replace(done, grade=grade)


def test_points_carry_their_ids_and_weights_into_the_history(coach):
    done = coach.grade(asked(coach), SAID, "me", now=NOW)
    points = coach.history.attempt("me", done.attempt).grade["points"]
    assert [(p["id"], p["weight"]) for p in points] == [("freeze", "must"), ("zero", "must")]
    told = json.loads(json.dumps(done.grade.to_dict()))
    assert Grade.from_dict(told).to_dict() == told


def test_the_shape_of_a_grade_is_a_contract(coach):
    """`rag practice --json`, kept attempts and exports speak of these names."""
    told = coach.grade(asked(coach), SAID, "me", now=NOW).grade.to_dict()
    assert list(told) == [
        "topic", "title", "question", "language", "score", "self_assessed", "points",
        "statements", "summary", "follow_up", "llm", "warnings", "seconds",
    ]  # fmt: skip
    point = told["points"][0]
    names = ["text", "status", "credit", "said", "source", "reason", "id", "weight"]
    assert list(point) == names and list(point["said"]) == ["text", "start", "end"]
    assert not {"page", "collection", "table_header"} & point["source"].keys()
    ticked = replace(Grade.from_dict(told).points[0], found="covered")
    assert list(ticked.to_dict()) == [*names, "found"]
    cited = Grade.from_dict(told).points[0].source
    said = Utterance("x", 0, 1)
    assert Statement(said, "contradicted", cited).to_dict() == {
        "said": {"text": "x", "start": 0, "end": 1}, "kind": "contradicted",
        "source": cited.to_dict(),
    }  # fmt: skip
    assert Statement(said, "unsupported", None).to_dict()["source"] is None
    assert replace(Grade.from_dict(told), collection="c", seconds=1.23456).to_dict() == {
        **told, "collection": "c", "seconds": 1.235,
    }  # fmt: skip


def test_a_grade_of_an_earlier_version_is_read(coach):
    told = coach.grade(asked(coach), SAID, "me", now=NOW).grade.to_dict()
    new = {"id", "weight", "reason", "credit", "said", "found"}
    old = {name: told[name] for name in told.keys() - {"self_assessed", "warnings", "seconds"}}
    old["points"] = [
        {**{k: v for k, v in point.items() if k not in new}, "weight": None, "another": 1}
        for point in told["points"]
    ]
    old["statements"] = [{"said": told["points"][0]["said"], "kind": "unsupported"}]
    found = Grade.from_dict({**old, "other": 1})
    point = found.points[0]
    assert (point.credit, point.said, point.weight, point.id) == (0.0, None, "must", "")
    assert found.statements[0].source is None and not found.self_assessed
    for broken in ([], {}, {**old, "points": [{"text": "x"}]}, {**old, "statements": [{}]}):
        with pytest.raises(UsageError):
            Grade.from_dict(broken)


def test_the_model_answer_can_be_spoken_and_every_sentence_is_cited(coach, corpus):
    answer = model_answer(judged(coach, ["missed", "covered"]).grade, coach.index)
    statuses = [item.status for item in answer.sentences if item.status]
    assert statuses == ["covered", "missed"]  # what was known comes first
    assert "初始化为零" in answer.sentences[0].text
    note = (corpus / "lora.md").read_text("utf-8")
    for item in answer.sentences:
        assert note[item.source.start : item.source.end] == item.source.quote
    numbers = [item.source.n for item in answer.sentences]
    assert len(set(numbers)) == len(numbers) and all(f"[{n}]" in answer.cited for n in numbers)
    length = len("".join(answer.text.split()))
    assert length <= LENGTH["zh"][1] and length > 150  # the note's next sentences help it along
    assert answer.seconds <= 90


def test_a_long_answer_is_cut_to_what_can_be_spoken(coach):
    whole = coach.exercise_on(next(t for t in coach.topics if t.note == "lora.md"), "zh")
    points = tuple(
        PointGrade("要点说得很长" * 12 + str(n), "missed", 0.0, None,
                   replace(whole.points[0].source, n=n, quote="很长的一句话" * 20), id=f"p{n}",
                   weight="must" if n < 3 else "good")
        for n in range(1, 7)
    )  # fmt: skip
    graded = replace(judged(coach, ["missed", "missed"]).grade, points=points)
    answer = model_answer(graded, coach.index)
    assert len("".join(answer.text.split())) <= LENGTH["zh"][1]
    assert {item.source.n for item in answer.sentences} >= {1, 2}  # what must be said stays


def test_the_difference_to_the_last_attempt(coach):
    judged(coach, ["missed", "covered"])
    second = judged(coach, ["covered", "partly"], NOW + timedelta(days=1))
    found = compared(coach.history, "me", second.attempt)
    assert found is not None
    assert [text[:2] for text in found.gained] == ["冻结"]
    assert [text[:2] for text in found.lost] == ["B "]
    assert found.earlier == NOW.isoformat()
    unjudged = coach.grade(asked(coach), SAID, "me", now=NOW + timedelta(days=2))
    assert compared(coach.history, "me", unjudged.attempt) is None
    other = coach.grade(asked(coach, 2), SAID, "me", now=NOW + timedelta(days=3))
    coach.assess("me", other.attempt, [1])
    assert compared(coach.history, "me", other.attempt) is None  # another question


def rejudged(status, credit):
    def again(exercise, words, explanation):
        assert len(exercise.points) == 1 and words in explanation
        said = replace_said(words)
        return PointGrade(exercise.points[0].text, status, credit, said, exercise.points[0].source)

    return again


def replace_said(words):
    return Utterance(words, 0, len(words))


def test_i_did_say_that(coach):
    done = judged(coach, ["covered", "missed"])
    words = "B 一开始是零。"
    after = appeal(coach, "me", done.attempt, 2, "said", words, rejudged("covered", 1.0), NOW)
    point = after.grade.points[1]
    assert point.status == "covered" and SAID[point.said.start : point.said.end] == words
    assert (after.grade.score, after.suggested) == (100, "easy")
    assert coach.history.attempt("me", done.attempt).score == 100
    with pytest.raises(UsageError, match="one appeal a point"):
        appeal(coach, "me", done.attempt, 2, "not asked", "", None, NOW)
    [line] = Appeals(coach.history).export()
    assert (line["status_before"], line["status_after"]) == ("missed", "covered")
    assert line["words"] == words and line["point_id"] == "zero" and line["explanation"] == SAID
    assert "profile" not in line
    assert Appeals(coach.history).counts("me")["said"] == {"appeals": 1, "granted": 1}


def test_appeals_go_with_an_export_and_come_back_once(coach, tmp_path):
    done = judged(coach, ["covered", "missed"])
    appeal(coach, "me", done.attempt, 2, "not asked", "因为没问", None, NOW)
    data = json.loads(json.dumps(coach.history.export("me")))
    other = History(tmp_path / "other.sqlite")
    assert other.restore("you", data) == 1 and other.restore("you", data) == 0
    [kept] = Appeals(other).of_profile("you")
    [given] = Appeals(coach.history).of_profile("me")
    assert replace(kept, attempt=0, profile="") == replace(given, attempt=0, profile="")
    assert other.attempt("you", kept.attempt).explanation == SAID
    before = {key: value for key, value in data.items() if key != "appeals"}
    assert other.restore("she", before) == 1 and Appeals(other).of_profile("she") == []


@pytest.mark.parametrize(
    "changes",
    [{"attempt": 2}, {"attempt": True}, {"kind": "rude"}, {"words": 3}, {"at": "today"},
     {"status_after": "great"}, {"more": 1}],
)  # fmt: skip
def test_an_unfit_appeal_is_refused_with_the_whole_file(coach, tmp_path, changes):
    done = judged(coach, ["covered", "missed"])
    appeal(coach, "me", done.attempt, 2, "not asked", "", None, NOW)
    data = coach.history.export("me")
    data["appeals"] = [{**data["appeals"][0], **changes}]
    other = History(tmp_path / "other.sqlite")
    with pytest.raises(UsageError, match="appeal 1"):
        other.restore("you", data)
    assert other.attempts("you") == []


def test_an_appeal_never_makes_a_grade_worse_and_needs_the_learners_own_words(coach):
    done = judged(coach, ["partly", "missed"])
    with pytest.raises(UsageError, match="not in your explanation"):
        appeal(coach, "me", done.attempt, 1, "said", "这句话没有说过", rejudged("covered", 1.0))
    same = appeal(coach, "me", done.attempt, 1, "said", "LoRA", rejudged("missed", 0.0), NOW)
    assert same.grade.points[0].status == "partly"
    assert Appeals(coach.history).counts()["said"] == {"appeals": 1, "granted": 0}


@pytest.mark.parametrize(
    ("kind", "status"), [("not asked", "not asked"), ("note wrong", "disputed")]
)
def test_what_was_not_asked_or_is_wrong_leaves_the_score(coach, kind, status):
    done = judged(coach, ["covered", "missed"])
    after = appeal(coach, "me", done.attempt, 2, kind, "", None, NOW)
    assert after.grade.points[1].status == status and after.grade.score == 100
    from rag.practice.stats import progress

    assert progress(coach.history, coach.topics, "me", NOW).weakest == ()


def test_where_no_model_judged_there_is_nothing_to_appeal_against(coach):
    done = coach.grade(asked(coach), SAID, "me", now=NOW)
    with pytest.raises(UsageError, match="tick"):
        appeal(coach, "me", done.attempt, 1, "said", "LoRA", None, NOW)
    with pytest.raises(UsageError, match="no point"):
        appeal(coach, "me", done.attempt, 9, "not asked", "", None, NOW)
