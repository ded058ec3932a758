"""The order of study: read, checked, and what comes next."""

import pytest

from rag.notes.note import Note
from rag.notes.study_path import StudyPlan, path_faults, study_path_of
from rag.notes.topic import Topic

TOPICS = [
    Topic("a.md", "甲", "A"),
    Topic("b.md", "乙", "B", prerequisites=("a.md",)),
    Topic("c.md", "丙", "C", prerequisites=("b.md",)),
    Topic("d.md", "丁", "D"),
]


def path(*days, **fields):
    days = [
        {"title": "一", "title_en": "One", "hours": 2, "notes": list(notes), **fields}
        for notes in days
    ]
    return Note("STUDY_PATH.md", "路线", "", (), {"study_path": {"title_en": "Path", "days": days}})


def plan(*days):
    return StudyPlan(study_path_of(path(*days)), {topic.note: topic for topic in TOPICS})


def test_a_path_is_days_of_topics():
    ours = plan(["a.md", "gone.md"], ["b.md", "d.md"])
    assert ours.path.name("zh") == "路线" and ours.path.name("en") == "Path"
    assert [[t.note for t in ours.topics_of(day)] for day in ours.path.days] == [
        ["a.md"],
        ["b.md", "d.md"],
    ]
    assert ours.path.days[0].name("en") == "One"
    assert ours.graph == {"a.md": (), "b.md": ("a.md",), "c.md": ("b.md",), "d.md": ()}


def test_next_is_what_rests_on_the_learned():
    ours = plan(["a.md", "b.md"], ["c.md", "d.md"])
    assert [t.note for t in ours.next_topics(set())] == ["a.md", "d.md"]
    assert [t.note for t in ours.next_topics({"a.md"})] == ["b.md", "d.md"]
    assert [t.note for t in ours.next_topics({"a.md", "b.md"}, most=1)] == ["c.md"]
    assert ours.next_topics({"a.md", "b.md", "c.md", "d.md"}) == []


def test_today_is_the_first_day_with_something_left():
    ours = plan(["a.md"], ["b.md"], ["c.md", "d.md"])
    assert ours.today(set()) == range(1, 2)
    assert ours.today({"a.md"}) == range(2, 3)
    assert not ours.today({"a.md", "b.md", "c.md", "d.md"})
    assert ours.ahead({"a.md"}) == ["b.md", "c.md", "d.md"]


@pytest.mark.parametrize(("left", "until"), [(1, 4), (2, 3), (3, 2), (30, 2), (0, 2), (-1, 2)])
def test_an_interview_moves_the_path(left, until):
    ours = plan(["a.md"], ["b.md"], ["c.md", "d.md"])
    assert ours.today(set(), left) == range(1, until)


def test_faults_of_a_path_are_told():
    faults = list(path_faults(study_path_of(path(["c.md", "x.md"], ["a.md", "a.md"])), TOPICS))
    assert "day 1 names x.md, which is no note" in faults
    assert "c.md on day 1 wants b.md, which is not before it" in faults
    assert "a.md stands on day 2 and on day 2" in faults
    assert "day 1 has 2 notes, 8 to 12 are wanted" in faults
    bad = list(path_faults(study_path_of(path(["a.md"], hours=9, title_en="")), TOPICS))
    assert "day 1 takes 9 hours, up to 4 are wanted" in bad
    assert "day 1 lacks `title` or `title_en`" in bad


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({}, "no `study_path`"),
        ({"study_path": {"days": "soon"}}, "no `study_path`"),
        ({"study_path": {"days": ["one"]}}, "Day 1 is no mapping"),
        ({"study_path": {"days": [{"hours": "two", "notes": []}]}}, "`hours` of day 1"),
        ({"study_path": {"days": [{"hours": True, "notes": []}]}}, "`hours` of day 1"),
        ({"study_path": {"days": [{"hours": 2, "notes": [3]}]}}, "`notes` of day 1"),
    ],
)
def test_a_path_in_another_form_is_said(meta, said):
    with pytest.raises(ValueError, match=said):
        study_path_of(Note("STUDY_PATH.md", "", "", (), meta))
