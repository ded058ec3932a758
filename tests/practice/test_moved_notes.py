"""A past follows its note: renamed, moved, edited, split; and no other note inherits it."""

import sqlite3
from datetime import UTC, datetime

import pytest

from tests.practice.taught import NOTE, asked, taught

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SAID = "LoRA 把原来的权重冻住，旁边学两个小矩阵。"


@pytest.fixture
def coach(assistant, corpus):
    return taught(assistant, corpus)


def practised(coach):
    done = coach.grade(asked(coach), SAID, "me", now=NOW)
    coach.assess("me", done.attempt, [1])
    coach.history.save_draft("me", "lora.md", "half", NOW)
    return coach.rate("me", done.attempt, "lora.md", "good", NOW)


def rebuilt(assistant):
    assistant.build()
    return assistant.coach("none")


def test_a_moved_note_keeps_its_past(assistant, coach, corpus):
    due = practised(coach)
    assistant.coach("none")  # seen once more where it was
    (corpus / "微调").mkdir()
    (corpus / "lora.md").rename(corpus / "微调" / "低秩.md")
    again = rebuilt(assistant)
    assert [t.key for t in again.due("me", due)] == ["微调/低秩.md"]
    [attempt] = again.history.attempts("me")
    assert attempt.topic == attempt.grade["topic"] == "微调/低秩.md"
    assert {p["source"]["note"] for p in attempt.grade["points"]} == {"微调/低秩.md"}
    assert again.history.draft("me", "微调/低秩.md") == "half"
    assert "lora.md" not in str(again.history.export("me"))
    assert again.timetable.day("me", NOW).unseen == 2  # it is none of the new ones


def test_what_an_earlier_version_kept_is_known_by_its_quotes(assistant, coach, corpus):
    practised(coach)
    with sqlite3.connect(coach.history.path) as old:
        old.execute("DELETE FROM note_marks")
    old.close()
    (corpus / "lora.md").rename(corpus / "moved.md")
    assert list(rebuilt(assistant).history.cards("me")) == ["moved.md"]


def test_an_edited_and_renamed_note_is_known_by_its_lines_or_its_id(assistant, coach, corpus):
    practised(coach)
    assistant.coach("none")
    edited = NOTE.replace("title: LoRA 低秩适配", "title: 低秩").replace(
        "## 局限", "## 什么时候不够"
    )
    (corpus / "lora.md").unlink()
    (corpus / "new.md").write_text(edited + "\n又加了一段，讲 QLoRA 的量化。\n", "utf-8")
    assert list(rebuilt(assistant).history.cards("me")) == ["new.md"]


def test_a_short_note_that_was_rewritten_is_known_by_what_it_is_asked(assistant, corpus):
    short = (
        "---\ntitle: 透镜\nquestions:\n  - 灯塔怎样聚光？\n"
        "key_points:\n  - 灯塔用旋转透镜聚光\n---\n"
    )
    (corpus / "lens.md").write_text(short + "# 透镜\n\n灯塔用旋转透镜来聚光。\n", "utf-8")
    assistant.build()
    coach = assistant.coach("none")
    done = coach.grade(coach.exercise("lens.md", "zh"), "用旋转透镜。", "me", now=NOW)
    coach.rate("me", done.attempt, "lens.md", "good", NOW)
    assistant.coach("none")  # seen once more where it was
    (corpus / "lens.md").unlink()
    (corpus / "光.md").write_text(
        short.replace("title: 透镜", "title: 菲涅耳") + "# 菲涅耳\n\n一圈圈棱镜把灯光汇成一束。\n",
        "utf-8",
    )
    assert list(rebuilt(assistant).history.cards("me")) == ["光.md"]


def test_an_id_tells_more_than_words(assistant, corpus):
    with_id = NOTE.replace("title: LoRA 低秩适配", "title: LoRA 低秩适配\nid: lora-1")
    coach = taught(assistant, corpus)
    (corpus / "lora.md").write_text(with_id, "utf-8")
    coach = rebuilt(assistant)
    practised(coach)
    assistant.coach("none")
    (corpus / "lora.md").unlink()
    (corpus / "copy.md").write_text(NOTE, "utf-8")
    (corpus / "own.md").write_text(
        "---\nid: lora-1\n---\n# 全新写法\n\n低秩更新写成两个矩阵的积。\n"
    )
    assert list(rebuilt(assistant).history.cards("me")) == ["own.md"]


def test_a_deleted_notes_past_is_no_other_notes(assistant, coach, corpus):
    practised(coach)
    assistant.coach("none")
    (corpus / "lora.md").unlink()
    (corpus / "dora.md").write_text("# DoRA\n\nDoRA 把权重分解为幅度和方向两部分。\n", "utf-8")
    assert list(rebuilt(assistant).history.cards("me")) == ["lora.md"]


def test_an_old_export_finds_the_note_where_it_is_now(assistant, coach, corpus):
    practised(coach)
    before = coach.history.export("me")
    assistant.coach("none")
    (corpus / "lora.md").rename(corpus / "moved.md")
    again = rebuilt(assistant)
    assert again.history.restore("me", before) == 0
    assert list(again.history.cards("me")) == ["moved.md"]
    assert again.timetable.undo("me").topic == "moved.md"
    assert again.history.cards("me") == {}
