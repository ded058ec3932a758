"""The examiner goes on: follow-ups that depend on the answer, and a whole mock interview."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rag.errors import CorpusError, UsageError
from rag.practice.history import History
from rag.practice.interview.interview_report import report_of
from rag.practice.interview.mock_interview import MockInterview
from rag.practice.interview.next_question import angle_of, next_question
from rag.practice.interview.topic_choice import Chosen, by_folder_or_tag, by_text, by_weakness
from rag.practice.judging import Judging
from rag.practice.kept.interviews import Interviews
from tests.practice.scripted_judge import NO, YES, ScriptedJudge
from tests.practice.taught import asked, taught, topic_of

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SAID = "LoRA 把原来的权重冻住，旁边学两个小矩阵。"


@pytest.fixture
def coach(assistant, corpus):
    return taught(assistant, corpus)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def passes(self, **time):
        self.now += timedelta(**time)


def graded(coach, place, *statuses):
    grade = coach.grade(asked(coach, place), SAID, "me", now=NOW).grade
    points = tuple(
        replace(point, status=status) for point, status in zip(grade.points, statuses, strict=True)
    )
    return replace(grade, points=points, self_assessed=False, score=50, follow_up="")


def test_what_was_missed_is_led_to(coach):
    found = next_question(coach, graded(coach, 0, "covered", "missed"))
    assert found.kind == "lead" and found.exercise.question == "B 矩阵怎么初始化"
    assert [point.id for point in found.exercise.points] == ["zero"]


def test_what_was_wrong_is_asked_back(coach):
    grade = graded(coach, 0, "contradicted", "missed")
    found = next_question(coach, grade)
    assert found.kind == "back" and [p.id for p in found.exercise.points] == ["freeze"]
    said = grade.points[0].said
    assert (said.text[:10] if said else "冻结") in found.exercise.question
    answered = replace(graded(coach, 0, "covered", "missed"), question=found.exercise.question)
    answered = replace(answered, points=answered.points[:1])
    after = next_question(coach, grade, answered)
    assert after.kind == "lead" and after.exercise.points[0].id == "zero"


def test_who_said_everything_is_asked_deeper_and_never_the_same_twice(coach):
    first = graded(coach, 0, "covered", "covered")
    rounds, seen = [first], {first.question}
    for angle in ("why", "trade-off", "number"):
        found = next_question(coach, *rounds)
        assert found.kind == "deeper" and angle_of(found.exercise.question) == angle
        assert found.exercise.question not in seen
        seen.add(found.exercise.question)
        done = coach.grade(found.exercise, SAID, "me", now=NOW).grade
        covered = tuple(replace(point, status="covered") for point in done.points)
        rounds.append(replace(done, points=covered))
    assert next_question(coach, *rounds) is None


def test_a_follow_up_is_an_attempt_of_its_own_and_no_turn_of_the_questions(coach):
    first = coach.grade(asked(coach), SAID, "me", now=NOW)
    coach.assess("me", first.attempt, [1])
    following = next_question(coach, coach.assess("me", first.attempt, [1]).grade)
    second = coach.grade(following.exercise, SAID, "me", now=NOW, part_of=first.attempt)
    assert coach.history.attempt("me", second.attempt).part_of == first.attempt
    assert coach.exercise(topic_of(coach), "zh", "me").question == "B 矩阵怎么初始化"  # the second
    from rag.practice.stats import progress

    assert progress(coach.history, coach.topics, "me", NOW).attempts == 1


def begun(coach, clock, **more):
    chosen = Chosen(tuple((topic, None) for topic in coach.topics))
    return MockInterview.begin(coach, "me", chosen, clock=clock, **more)


def test_a_whole_interview_feeds_the_schedule_and_ends_in_a_report(coach, corpus):
    clock = Clock()
    mock = begun(coach, clock, topics=2, follow_ups=1, minutes=30)
    questions = []
    while (exercise := mock.current()) is not None:
        assert exercise is not None
        questions.append(exercise.question)
        clock.passes(seconds=60)
        done = mock.answer(SAID)
        assert done.grade.self_assessed
        mock.assess([1] if not mock.state.rounds[-1].kind else [])  # weak at both topics
    assert len(mock.state.rounds) == len(questions) == len(set(questions)) == 4
    assert [item.kind == "" for item in mock.state.rounds] == [True, False, True, False]
    assert mock.state.spent(clock.now) == 240
    mock.finish()
    mock.finish()  # a topic is scheduled once
    assert len(coach.history.cards("me")) == 2
    assert sum(a.rating is not None for a in coach.history.attempts("me")) == 2
    report = report_of(mock)
    assert report.seconds == 240 and len(report.next_topics) == 3
    told = json.loads(json.dumps(report.to_dict()))
    assert told["score"] == report.score and told["self_assessed"] is True
    for point in told["missing"]:
        note = (corpus / point["source"]["note"]).read_text("utf-8")
        source = point["source"]
        assert note[source["start"] : source["end"]] == source["quote"]
    text = report.markdown()
    assert text.index("疑似讲错的") < text.index("漏掉的") < text.index("逐题回顾")
    with pytest.raises(UsageError):
        MockInterview.resume(coach, "me")  # over


def test_the_clock_stands_still_in_a_pause_and_after_a_crash(coach):
    clock = Clock()
    mock = begun(coach, clock, topics=2, minutes=10)
    first = mock.current().question
    clock.passes(minutes=2)
    mock.pause()
    clock.passes(hours=5)
    mock = MockInterview.resume(coach, "me", clock=clock)
    assert mock.state.spent(clock.now) == 120 and mock.current().question == first
    clock.passes(minutes=1)
    mock.seen()
    clock.passes(hours=9)  # cut off without a word: another process goes on
    again = replace(coach, history=History(coach.history.path))
    mock = MockInterview.resume(again, "me", clock=clock)
    assert mock.state.spent(clock.now) == 180 and mock.current().question == first
    assert mock.state.left(clock.now) == 420
    clock.passes(minutes=8)
    mock.answer(SAID)  # who is speaking when the time is up may finish
    assert mock.current() is None and mock.state.left(clock.now) == 0


def test_a_sign_of_life_undoes_no_step(coach):
    """A page that tells late what was typed: the answer was kept in between."""
    mock = begun(coach, Clock(), topics=1)
    mock.current()
    late = MockInterview(coach, mock.state)
    mock.answer(SAID)
    late.seen()  # wrote the state it had read: the question stood open again
    assert Interviews(coach.history).get("me", mock.state.id).rounds[-1].done is True


def hand_in(mock):
    """An answer that is being graded, as a thread does it once its page is closed."""
    events = mock.answering(SAID)
    event = next(events)
    while not isinstance(event, Judging):
        event = next(events)
    return events


@pytest.fixture
def judged(coach, assistant):
    assistant.models["scripted:judge"] = ScriptedJudge(YES, *[NO] * 20).at_once()
    return assistant.coach("scripted:judge")


@pytest.mark.parametrize("step", ["skipped", "ended", "paused", "left alone"])
def test_a_grade_that_comes_late_takes_back_no_step(judged, step):
    mock = begun(judged, Clock(), topics=2)
    mock.current()
    events = hand_in(mock)
    here = MockInterview(judged, Interviews(judged.history).get("me", mock.state.id))
    if step == "skipped":
        here.skip()
        assert here.current() is not None
    elif step == "ended":
        here.finish()
    elif step == "paused":
        here.pause()
    list(events)
    mock.pause()
    kept = Interviews(judged.history).get("me", mock.state.id)
    [attempt] = judged.history.attempts("me")  # kept either way
    if step in {"skipped", "ended"}:  # the state of the moment of hand-in was written over it
        assert kept == here.state == mock.state and mock.moved_on
        assert kept.rounds[0].attempt is None and kept.over == (step == "ended")
    else:
        assert kept.rounds[0].attempt == attempt.id and not mock.moved_on
        assert kept.running_since is None


def test_a_failed_answer_leaves_the_question_open(coach):
    mock = begun(coach, Clock(), topics=1)
    question = mock.current().question
    with pytest.raises(UsageError, match="Nothing was said"):
        mock.answer("  ")
    assert mock.current().question == question and mock.state.running_since is not None
    assert Interviews(coach.history).open_one("me").rounds[-1].done is False


def test_skipping_goes_on_with_the_next_topic(coach):
    mock = begun(coach, Clock(), topics=2)
    first = mock.current().topic
    mock.skip()
    assert mock.current().topic != first
    assert report_of(mock).topics[0].questions[0][2] is False


def test_topics_by_folder_tag_and_weakness(coach):
    assert [t.note for t, _ in by_folder_or_tag(coach, "me", "sub").asked] == ["sub/kv.md"]
    assert [t.note for t, _ in by_folder_or_tag(coach, "me", tag="peft").asked] == ["lora.md"]
    with pytest.raises(UsageError):
        by_folder_or_tag(coach, "me", "nowhere")
    with pytest.raises(UsageError):
        by_weakness(coach, "me")
    done = coach.grade(asked(coach), SAID, "me", now=NOW)
    coach.assess("me", done.attempt, [1])
    assert [t.note for t, _ in by_weakness(coach, "me").asked] == ["lora.md"]


ADVERT = """岗位职责：
1. 熟悉 LoRA、PPO 等微调方法；
2. 了解键值缓存，有 Kubernetes 和量子色动力学经验者优先。
"""


def test_an_advert_is_matched_and_what_is_lacking_is_named(coach):
    found = by_text(coach, ADVERT)
    assert {topic.note for topic, _ in found.asked} == {"lora.md", "ppo.md", "sub/kv.md"}
    assert "Kubernetes" in found.unmatched
    assert any("量子色动力学" in term for term in found.unmatched)
    assert not any("LoRA" in term for term in found.unmatched)


def test_a_name_is_found_in_notes_of_the_other_language(assistant, corpus):
    (corpus / "norm.md").write_text(
        "---\ntitle: 归一\nquestions: [RMSNorm 的分母是什么？]\n---\n# 归一\n\n"
        "RMSNorm 的分母是均方根，不减均值。PyTorch 里有现成的实现，可以直接调用。\n", "utf-8",
    )  # fmt: skip
    assistant.build()
    found = by_text(assistant.coach("none"), "熟悉 RMSNorm、PyTorch。")
    assert [topic.note for topic, _ in found.asked] == ["norm.md"]
    assert found.unmatched == ("PyTorch",)  # named in passing


def test_a_note_without_sections_is_asked_for_the_rest(coach):
    exercise = coach.exercise("ppo.md", "zh")
    done = coach.grade(exercise, "要训练四个模型。", "me", now=NOW)
    following = next_question(coach, done.grade)
    assert following.exercise.question == "关于“PPO”，还有什么没有讲到？请补充。"


def test_a_list_of_questions_is_asked_as_it_is(coach):
    found = by_text(coach, "LoRA 的秩一般取多少？\nKubernetes 怎么部署？\n- PPO 需要哪些模型？")
    questions = {topic.note: asked for topic, asked in found.asked}
    assert questions["lora.md"].text == "LoRA 的秩一般取多少？" and "ppo.md" in questions
    assert found.unmatched == ("Kubernetes 怎么部署？",)
    with pytest.raises(CorpusError):
        by_text(coach, "Kubernetes 怎么部署？")
    with pytest.raises(UsageError):
        by_text(coach, " \n")


def test_nothing_in_a_report_is_taken_for_markup(coach):
    mock = begun(coach, Clock(), topics=1)
    exercise = mock.current()
    mock.save(
        replace(
            mock.state,
            rounds=(replace(mock.state.rounds[0], title="<script>x</script>"),),
            unmatched=("<img src=x onerror=alert(1)>", "[x](javascript:alert(1))"),
        )
    )
    page = report_of(mock).html()
    assert exercise is not None
    assert not re.search(r"<(script|img|a)\b", page) and "&lt;script&gt;" in page
