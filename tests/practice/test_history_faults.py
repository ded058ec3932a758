"""Ratings that are corrected, imports that are refused as a whole, pasts that are not inherited."""

import json
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from typer.testing import CliRunner

from rag.cli.main import app
from rag.errors import UsageError
from rag.practice.history import Attempt, History
from rag.practice.schedule import due_of, recall_probability, review
from rag.practice.stats import progress

NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "practice.sqlite")


def attempt(history, topic="a.md", at=NOW, points=(), title="A"):
    grade = {"points": [{"text": text, "status": status} for text, status in points]}
    return history.save_attempt(
        Attempt(0, "me", topic, title, "?", f"text {at}", grade, 50, None, 0, at.isoformat())
    )


def rate(history, number, rating, when, topic="a.md"):
    return due_of(history.rate_attempt("me", number, rating, topic, when, review))


def test_a_corrected_rating_takes_the_first_ones_place(history):
    first = attempt(history)
    wrong = rate(history, first, "again", NOW)
    right = rate(history, first, "easy", NOW + timedelta(minutes=1))
    assert right == due_of(review(None, "easy", NOW)) > wrong
    assert rate(history, first, "easy", NOW + timedelta(hours=1)) == right  # a double click
    assert history.attempts("me")[0].rating == "easy"


def test_a_late_correction_schedules_what_came_after_it_again(history):
    first, later = attempt(history), attempt(history, at=NOW + timedelta(days=3))
    rate(history, first, "again", NOW)
    rate(history, later, "good", NOW + timedelta(days=3))
    due = rate(history, first, "good", NOW + timedelta(days=4))
    once = review(review(None, "good", NOW), "good", NOW + timedelta(days=3))
    assert due == due_of(once) == due_of(history.card("me", "a.md"))


def test_an_attempt_of_nobody_is_not_rated(history):
    with pytest.raises(UsageError):
        rate(history, 7, "good", NOW)
    assert history.cards("me") == {}


SOUND = review(None, "good", NOW)
ATTEMPT = {
    "topic": "a.md", "title": "A", "question": "?", "explanation": "x", "score": 50,
    "rating": "good", "hints": 0, "at": NOW.isoformat(),
    "grade": {"points": [{"text": "p", "status": "missed"}]},
}  # fmt: skip


def export(card=SOUND, **changes):
    cards = {} if card is None else {"a.md": card}
    kept = {"format": "interview-notes-rag/practice/1", "cards": cards, "attempts": []}
    return {**kept, "attempts": [{**ATTEMPT, **changes}]}


@pytest.mark.parametrize(
    "changes",
    [
        {"due": "2026-11-20T15:00:00"}, {"due": "9999-12-31T23:59:59+00:00"}, {"due": "soon"},
        {"last_review": "2026-11-18T15:00:00"}, {"last_review": None}, {"stability": None},
        {"stability": float("nan")}, {"stability": -1}, {"state": 9},
        {"difficulty": None}, {"card_id": "x"}, {"due": "2026-11-20"},
    ],
)  # fmt: skip
def test_an_unfit_card_is_refused_with_the_whole_file(history, changes):
    with pytest.raises(UsageError, match="nothing was imported"):
        history.restore("me", export({**SOUND, **changes}))
    with pytest.raises(UsageError):
        history.restore("me", export({k: v for k, v in SOUND.items() if k not in changes}))
    assert (history.cards("me"), history.attempts("me")) == ({}, [])


@pytest.mark.parametrize(
    "changes",
    [
        {"grade": []}, {"grade": {"points": {}}}, {"grade": {"points": [3]}}, {"grade": None},
        {"grade": {"points": [{"text": "p", "status": "great"}]}}, {"score": "50"}, {"score": 101},
        {"score": True}, {"rating": "great"}, {"hints": 2**70}, {"at": "2026-01-01"},
        {"at": "2026-01-01T00:00:00"}, {"topic": ""}, {"topic": "\ud800"}, {"title": None},
        {"more": 1},
    ],
)  # fmt: skip
def test_an_unfit_attempt_is_refused_with_the_whole_file(history, changes):
    with pytest.raises(UsageError, match="attempt 1"):
        history.restore("me", export(**changes))
    assert (history.cards("me"), history.attempts("me")) == ({}, [])


@pytest.mark.parametrize("data", [None, [], 3, {}, {"format": "interview-notes-rag/practice/1"}])
def test_what_is_no_export_is_refused(history, data):
    with pytest.raises(UsageError):
        history.restore("me", data)


def test_what_is_fit_works_for_ever_after(history):
    other_zone = {**SOUND, "due": "2026-01-04T17:00:00+08:00"}
    for card in (SOUND, other_zone, {**SOUND, "reps": 3}):
        assert history.restore("me", export(card)) in {0, 1}
        progress(history, [], "me", NOW)
        assert history.restore("me", export(card)) == 0
    rate(history, attempt(history, at=NOW + timedelta(days=5)), "good", NOW + timedelta(days=5))


def test_what_an_earlier_version_let_in_does_no_harm(history):
    history.rate("me", 0, "good", "a.md", {"due": "2026-01-01T08:00:00", "state": 2})
    number = attempt(history)
    with history.database.open() as database:
        database.execute("UPDATE attempts SET grade = '[]'")
    card = history.card("me", "a.md")
    assert due_of(card).tzinfo is not None and recall_probability(card, NOW) == 0
    assert progress(history, [Here()], "me", NOW).due == 1
    assert rate(history, number, "good", NOW) > NOW


def test_weak_points_keep_their_name_when_a_note_is_reordered(history):
    attempt(history, points=[("first", "missed"), ("second", "covered")])
    attempt(
        history, at=NOW + timedelta(days=1), points=[("second", "covered"), ("first", "missed")]
    )
    found = progress(history, [Here()], "me", NOW).weakest
    assert [(item.point, item.weak, item.asked) for item in found] == [("first", 2, 2)]


class Here:  # a topic of the default collection
    origin, key, folder = "", "a.md", "."


def test_days_are_those_of_the_learners_zone(history):
    number = attempt(history, topic="topic:x")
    rate(history, number, "good", NOW - timedelta(days=30), "topic:x")
    early = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # 07:30 the next day in Shanghai
    shanghai = timezone(timedelta(hours=8))
    assert progress(history, [], "me", early, shanghai).forecast[0] == ("2026-03-02", 1)
    assert progress(history, [], "me", early, UTC).forecast[0] == ("2026-03-01", 1)


def test_days_are_those_of_this_machine_without_a_zone(history, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        early = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
        assert progress(history, [], "me", early).forecast[0][0] == "2026-03-02"
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


def test_a_removed_collections_past_is_not_inherited(history):
    rate(history, attempt(history, topic="papers//a.md"), "good", NOW, "papers//a.md")
    history.save_draft("me", "papers//a.md", "half", NOW)
    history.collection_removed("papers", NOW)
    assert history.draft("me", "papers//a.md") == "" and history.card("me", "papers//a.md") is None
    kept = history.export("me")
    assert len(kept["attempts"]) == 1 and list(kept["cards"]) == [kept["attempts"][0]["topic"]]
    assert History(history.path.with_name("n")).restore("me", json.loads(json.dumps(kept))) == 1


def test_profiles_are_one_name_in_every_command(tmp_path, monkeypatch, corpus):
    monkeypatch.setenv("RAG_CORPUS", str(corpus))
    monkeypatch.setenv("RAG_DATA_DIR", str(tmp_path / "data"))
    made = History(tmp_path / "data" / "practice.sqlite")
    (tmp_path / "in.json").write_text(json.dumps(export()), "utf-8")
    run = CliRunner().invoke
    imported = run(app, ["practice", "import", str(tmp_path / "in.json"), "--profile", "Anna  B"])
    assert imported.exit_code == 0, imported.exception
    assert len(made.attempts("Anna B")) == 1
    out = tmp_path / "out.json"
    run(app, ["practice", "export", str(out), "--profile", " Anna B "])
    assert len(json.loads(out.read_text("utf-8"))["attempts"]) == 1
    assert isinstance(run(app, ["practice", "due", "--profile", " "]).exception, UsageError)
