"""Quick recall: short cards in turn, rated into the same schedule as explanations."""

from datetime import UTC, datetime, timedelta

import pytest

from rag.errors import UsageError
from rag.notes.topic import NoteQuestion, TaughtPoint, Topic
from rag.practice.cards.recall import cards_of, rate_recall, recall_card
from rag.practice.history import History
from tests.practice.taught import taught, topic_of
from ui.home.standing import standing

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_a_topics_short_questions_come_in_turn_with_their_sources(assistant, corpus):
    coach = taught(assistant, corpus)
    topic = topic_of(coach)
    seen = []
    for day in range(6):
        card = recall_card(coach, topic, "zh", "me")
        assert 1 <= len(card.points) <= 3
        assert all(point.source.quote for point in card.points)
        seen.append(card.question)
        rate_recall(coach, card, "me", "good", NOW + timedelta(days=day))
    # Four of one point, one of two; and two points with a quantity or an emphasis have a gap.
    assert len(set(seen)) >= 5 and "讲讲 LoRA 的原理" in seen


def test_what_is_recalled_is_short_and_in_its_language():
    points = (
        TaughtPoint("甲一", "one", "a", recall="甲一是什么？"),
        TaughtPoint("有 **乙二** 个", "", "b"),
        TaughtPoint("丙", "", "c"),
        TaughtPoint("丁", "", "d"),
    )  # fmt: skip
    whole, short, english = (
        NoteQuestion("都讲讲", ("a", "b", "c", "d")), NoteQuestion("丙呢？", ("c",)),
        NoteQuestion("And c?", ("c",)),
    )  # fmt: skip
    topic = Topic("n.md", "题", points=points, asked=(whole, short, english))
    assert [item.text for item in cards_of(topic, "zh")] == ["甲一是什么？", "丙呢？", "有 ____ 个"]
    assert cards_of(topic, "en") == [english]
    assert cards_of(Topic("n.md", "题", points=points[2:], asked=(whole,)), "zh") == [whole]


def test_a_recalled_card_schedules_as_an_explanation_does(assistant, corpus):
    coach = taught(assistant, corpus)
    card = recall_card(coach, topic_of(coach), "zh", "me")
    coach.history.save_draft("me", "lora.md", "写到一半", NOW)
    due = rate_recall(coach, card, "me", "good", NOW)
    explained = coach.grade(
        coach.exercise("lora.md", "zh"), "冻结权重，训练两个矩阵。", "you", now=NOW
    )
    assert due == coach.rate("you", explained.attempt, "lora.md", "good", NOW)
    assert coach.history.draft("me", "lora.md") == "写到一半"  # what is being written stays
    assert coach.timetable.day("me", NOW).started == 1  # within the daily limits
    [kept] = coach.history.attempts("me")
    assert kept.score is None and kept.rating == "good" and kept.question == card.question
    export = coach.history.export("me")
    other = History(corpus.parent / "other.db")
    assert other.restore("me", export) == 1
    coach.timetable.undo("me")
    assert coach.history.cards("me") == {}
    with pytest.raises(UsageError):
        rate_recall(coach, card, "me", "splendid", NOW)


def test_what_was_passed_over_comes_last(assistant, corpus):
    coach = taught(assistant, corpus)
    first = coach.next_topic("me")
    second = coach.next_topic("me", but=[first.key])
    assert second.key != first.key
    passed, given = [], []
    for _ in range(2 * len(coach.topics)):  # "Another card", again and again
        given.append(coach.next_topic("me", but=passed).key)
        passed.append(given[-1])
    once = given[: len(coach.topics)]
    assert set(once) == {topic.key for topic in coach.topics} and given == once * 2


def test_recalled_cards_take_no_turn_of_the_questions_that_are_explained(assistant, corpus):
    coach = taught(assistant, corpus)
    topic = topic_of(coach)
    before = coach.exercise(topic, "zh", "me").question
    rate_recall(coach, recall_card(coach, topic, "zh", "me"), "me", "good", NOW)
    assert coach.exercise(topic, "zh", "me").question == before


def test_a_recalled_card_takes_no_topic_for_no_longer_weak(assistant, corpus):
    coach = taught(assistant, corpus)
    done = coach.grade(coach.exercise("lora.md", "zh"), "只有一点。", "me", now=NOW)
    coach.assess("me", done.attempt, [])
    assert standing(assistant, "", "me").states["lora.md"] == "weak"
    card = recall_card(coach, topic_of(coach), "zh", "me")
    rate_recall(coach, card, "me", "good", datetime.now(UTC))
    assert standing(assistant, "", "me").states["lora.md"] == "weak"
