"""A schedule one can live with: days, limits, what is put aside, undone, and an interview's day."""

import json
import sqlite3
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from rag.errors import UsageError
from rag.notes.topic import Topic
from rag.practice.history import Attempt, History
from rag.practice.plan.days import day_begins, local_day
from rag.practice.plan.fitted_parameters import counted
from rag.practice.plan.learner_plan import spread_before
from rag.practice.plan.timetable import Timetable
from rag.practice.schedule import due_of, review

SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)  # nine in the morning in Shanghai


@pytest.fixture
def table(tmp_path):
    topics = [Topic(f"n{n:02}.md", f"N{n}") for n in range(12)]
    return Timetable(History(tmp_path / "practice.sqlite"), topics, 4, SHANGHAI)


def rated(table, topic, rating="good", when=NOW):
    number = table.history.save_attempt(
        Attempt(0, "me", topic, topic, "?", "x", {}, 50, None, 0, when.isoformat())
    )
    return number, table.rate("me", number, topic, rating, when)


def test_a_day_begins_at_the_chosen_hour():
    night = datetime(2026, 1, 5, 19, 30, tzinfo=UTC)  # 03:30 of the sixth in Shanghai
    assert local_day(night, 4, SHANGHAI) == date(2026, 1, 5)
    assert local_day(night, 3, SHANGHAI) == date(2026, 1, 6)
    assert local_day(day_begins(date(2026, 1, 6), 4, SHANGHAI), 4, SHANGHAI) == date(2026, 1, 6)
    just_before = day_begins(date(2026, 1, 6), 4, SHANGHAI) - timedelta(seconds=1)
    assert local_day(just_before, 4, SHANGHAI) == date(2026, 1, 5)


def test_what_was_learned_in_the_evening_is_due_in_the_morning(table):
    evening = NOW + timedelta(hours=13)  # ten at night
    _, due = rated(table, "n00.md", when=evening)
    day = local_day(due, 4, SHANGHAI)
    morning = day_begins(day, 4, SHANGHAI)
    assert morning < due
    assert [t.key for t in table.due("me", morning)] == ["n00.md"]
    assert table.due("me", morning - timedelta(seconds=1)) == []


def test_limits_dose_what_is_due_and_what_is_new(table):
    for n in range(6):
        rated(table, f"n{n:02}.md", when=NOW - timedelta(days=30 + n))
    table.change_plan("me", reviews_per_day=2, new_per_day=1)
    day = table.day("me", NOW)
    assert [t.key for t in day.reviews] == ["n05.md", "n04.md"]  # the most overdue first
    assert (len(day.new), day.waiting, day.unseen) == (1, 4, 6)
    rated(table, "n05.md")
    day = table.day("me", NOW)
    assert (len(day.reviews), day.reviewed, day.waiting) == (1, 1, 4)
    rated(table, day.new[0].key)
    day = table.day("me", NOW)
    assert (day.new, day.started) == ((), 1)
    rated(table, "n04.md")
    assert table.day("me", NOW).finished
    assert table.in_order("me", NOW)  # whoever goes on gets more
    assert not table.day("me", NOW + timedelta(days=1)).finished


def test_put_aside_and_back(table):
    rated(table, "n00.md", when=NOW - timedelta(days=30))
    assert table.bury("me", "n00.md", now=NOW) == date(2026, 1, 6)
    assert table.due("me", NOW) == []
    assert [t.key for t in table.due("me", NOW + timedelta(days=1))] == ["n00.md"]
    table.suspend("me", "n00.md")
    assert table.due("me", NOW + timedelta(days=999)) == []
    assert "n00.md" not in [t.key for t in table.in_order("me", NOW)]
    assert table.resume("me", "n00.md") and not table.resume("me", "n00.md")
    assert [t.key for t in table.due("me", NOW)] == ["n00.md"]
    table.suspend("me", "n01.md")
    assert "n01.md" not in [t.key for t in table.day("me", NOW).new]


def test_a_rating_is_undone_once_and_the_schedule_is_what_it_was(table):
    rated(table, "n00.md", when=NOW - timedelta(days=9))
    before = table.history.card("me", "n00.md")
    rated(table, "n00.md", "again")
    gone = table.undo("me")
    assert gone.rating == "again" and table.history.card("me", "n00.md") == before
    assert table.undo("me").rating == "good"
    assert table.history.cards("me") == {}
    with pytest.raises(UsageError, match="no rating"):
        table.undo("me")
    assert table.day("me", NOW).reviewed == 0


def test_undoing_an_earlier_rating_schedules_the_later_again(table):
    first, _ = rated(table, "n00.md", "again", NOW - timedelta(days=9))
    rated(table, "n00.md", "good", NOW)
    table.undo("me", first)
    assert table.history.card("me", "n00.md")["due"] == review(None, "good", NOW)["due"]


def test_two_ratings_of_one_attempt_are_one_review(table):
    number, _ = rated(table, "n00.md", "again")
    table.rate("me", number, "n00.md", "easy", NOW + timedelta(minutes=1))
    assert table.history.card("me", "n00.md")["due"] == review(None, "easy", NOW)["due"]


def test_wished_retention_changes_the_interval(table):
    table.change_plan("me", retention=0.95)
    _, soon = rated(table, "n00.md", "easy")
    table.change_plan("me", retention=0.8)
    _, late = rated(table, "n01.md", "easy")
    assert soon < due_of(review(None, "easy", NOW)) < late


def test_everything_comes_back_before_the_interview(table):
    table.change_plan("me", interview="2026-01-09")
    days = {}
    for topic in table.topics:
        _, due = rated(table, topic.key, "easy")
        days[topic.key] = local_day(due, 4, SHANGHAI)
    assert all(date(2026, 1, 5) < day < date(2026, 1, 9) for day in days.values())
    assert len(set(days.values())) > 1  # not all on the last day
    day = table.day("me", NOW)
    assert day.interview_in == 4 and day.new_needed == 0
    assert table.day("me", NOW + timedelta(days=9)).interview_in is None
    assert spread_before(date(2026, 1, 9), date(2026, 1, 8), date(2026, 2, 1), 3) == date(
        2026, 2, 1
    )


@pytest.mark.parametrize(
    "changes",
    [{"new_per_day": -1}, {"reviews_per_day": 1000}, {"retention": 0.99}, {"day_starts": 24},
     {"interview": "soon"}, {"parameters": (1.0,)}, {"new_per_day": True}],
)  # fmt: skip
def test_an_unfit_plan_is_refused(table, changes):
    with pytest.raises(UsageError):
        table.change_plan("me", **changes)
    assert table.plan("me").to_dict() == table.plan("other").to_dict()


def test_too_few_reviews_fit_nothing(table):
    for n in range(3):
        rated(table, "n00.md", when=NOW + timedelta(days=n))
    assert counted(table.history.attempts("me")) == 2
    with pytest.raises(UsageError, match="512 are needed"):
        table.fit("me")


@pytest.mark.slow
def test_enough_reviews_are_fitted_and_used(table):
    for n in range(180):  # a learner who forgets quickly
        topic = f"t{n}.md"
        for step, rating in enumerate(("good", "again", "good", "again")):
            rated(table, topic, rating, NOW + timedelta(days=4 * step + n % 3))
    plan = table.fit("me")
    assert plan.fitted_on >= 512 and len(plan.parameters) == 21
    rated(table, "new.md", "good", NOW + timedelta(days=99))
    usual = review(None, "good", NOW + timedelta(days=99))
    assert table.history.card("me", "new.md")["stability"] < usual["stability"]


def test_a_file_of_the_first_version_opens_with_everything(tmp_path):
    path = tmp_path / "practice.sqlite"
    card = json.dumps(review(None, "good", NOW))
    with sqlite3.connect(path) as old:
        old.executescript(
            "CREATE TABLE cards (profile TEXT NOT NULL, topic TEXT NOT NULL, card TEXT NOT NULL, "
            "due TEXT NOT NULL, PRIMARY KEY (profile, topic));"
            "CREATE TABLE attempts (id INTEGER PRIMARY KEY, profile TEXT NOT NULL, "
            "topic TEXT NOT NULL, title TEXT NOT NULL, question TEXT NOT NULL, "
            "explanation TEXT NOT NULL, grade TEXT NOT NULL, score INTEGER NOT NULL, rating TEXT, "
            "hints INTEGER NOT NULL, at TEXT NOT NULL);"
            "CREATE TABLE drafts (profile TEXT NOT NULL, topic TEXT NOT NULL, text TEXT NOT NULL, "
            "at TEXT NOT NULL, PRIMARY KEY (profile, topic)); PRAGMA user_version = 1;"
        )
        old.execute("INSERT INTO cards VALUES ('me', 'a.md', ?, 'x')", (card,))
        old.execute(
            "INSERT INTO attempts VALUES "
            "(7, 'me', 'a.md', 'A', '?', 'text', '{}', 50, 'good', 0, ?)",
            (NOW.isoformat(),),
        )
        old.execute("INSERT INTO drafts VALUES ('me', 'b.md', 'half', ?)", (NOW.isoformat(),))
    old.close()
    history = History(path)
    [kept] = history.attempts("me")
    assert (kept.id, kept.score, kept.rating, kept.part_of) == (7, 50, "good", None)
    assert history.draft("me", "b.md") == "half" and list(history.cards("me")) == ["a.md"]
    # Its rating is corrected, not added: one review, of the time of the attempt.
    table = Timetable(history, [], 4, SHANGHAI)
    table.rate("me", 7, "a.md", "again", NOW + timedelta(days=3))
    assert history.card("me", "a.md")["due"] == review(None, "again", NOW)["due"]
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_exports_carry_plan_and_rounds(table, tmp_path):
    first, _ = rated(table, "n00.md")
    table.history.save_attempt(
        Attempt(0, "me", "n00.md", "t", "why?", "y", {}, None, None, 0, NOW.isoformat(), first)
    )
    table.change_plan("me", new_per_day=3)
    data = json.loads(json.dumps(table.history.export("me")))
    other = History(tmp_path / "other.sqlite")
    assert other.restore("you", data) == 2 and other.restore("you", data) == 0
    a, b = other.attempts("you")
    assert (a.part_of, b.part_of, b.score) == (None, a.id, None)
    assert Timetable(other, []).plan("you").new_per_day == 3
    old = {**data, "format": "interview-notes-rag/practice/1"}
    old["attempts"] = [{k: v for k, v in item.items() if k not in {"part_of", "rated_at"}}
                       for item in data["attempts"][:1]]  # fmt: skip
    del old["plan"]
    assert History(tmp_path / "old.sqlite").restore("you", old) == 1
