"""A learner who follows the notes' study path: what comes next, alone and in an interview."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from rag.cli.main import app
from rag.errors import UsageError
from rag.practice.interview.topic_choice import by_path
from rag.practice.plan.learner_plan import Plans
from tests.practice.test_practice import GOOD

NOW = datetime.now(UTC)
PATH = """---
index: false
title: 路线
study_path:
  days:
    - {title: 一, title_en: One, hours: 1, notes: [sub/kv.md]}
    - {title: 二, title_en: Two, hours: 1, notes: [ppo.md, lora.md]}
---
"""


@pytest.fixture
def on_path(assistant, corpus):
    (corpus / "STUDY_PATH.md").write_text(PATH, "utf-8")
    assistant.build()
    return assistant


def follows(assistant, **more):
    Plans(assistant.history().database).change("me", path=True, **more)


def rated(assistant, topic, when):
    coach = assistant.coach("none")
    done = coach.grade(coach.exercise(topic, "zh"), GOOD, "me", now=when)
    coach.assess("me", done.attempt, [1])
    coach.rate("me", done.attempt, topic, "good", when)


def following(assistant):
    return assistant.coach("none").next_topic("me", path=assistant.path_ahead("me")).key


def test_who_follows_the_path_gets_its_next_topic_and_what_is_due_first(on_path):
    assert on_path.path_ahead("me") == []
    assert following(on_path) == "lora.md"  # the first by name
    follows(on_path)
    assert on_path.path_ahead("me") == ["sub/kv.md", "ppo.md", "lora.md"]
    assert following(on_path) == "sub/kv.md"
    rated(on_path, "sub/kv.md", NOW)
    assert following(on_path) == "ppo.md"
    rated(on_path, "lora.md", NOW - timedelta(days=60))
    assert following(on_path) == "lora.md"  # due


def test_a_plan_without_the_path_reads_as_before(on_path):
    from rag.practice.plan.learner_plan import LearnerPlan

    old = {key: value for key, value in LearnerPlan().to_dict().items() if key != "path"}
    assert LearnerPlan.from_dict(old).path is False
    with pytest.raises(UsageError):
        LearnerPlan.from_dict({**old, "path": "yes"})


def test_an_interview_on_the_path_begins_with_today(on_path):
    coach, plan = on_path.coach("none"), on_path.study_plan()
    assert by_path(coach, plan, "me").asked[0][0].key == "sub/kv.md"
    rated(on_path, "sub/kv.md", NOW)
    found = [topic.key for topic, _ in by_path(on_path.coach("none"), plan, "me").asked]
    assert found == ["ppo.md", "lora.md", "sub/kv.md"]  # today's day, then what came before


def test_the_command_follows_the_path(on_path, corpus, embedder, monkeypatch):
    monkeypatch.setattr("rag.assistant.load_embeddings", lambda settings: embedder)
    monkeypatch.setenv("RAG_DATA_DIR", str(on_path.settings.data_dir))
    monkeypatch.setenv("RAG_LLM", "none")

    def rag(*words, text=""):
        ran = CliRunner().invoke(app, [*words, "--corpus", str(corpus)], input=text)
        assert ran.exit_code == 0, ran.output
        return ran.stdout

    assert "followed" in rag("practice", "plan", "--path")
    told = json.loads(
        rag("practice", "--explanation", "-", "--said", "1", "--json", text="保存 Key 和 Value。")
    )
    assert told["topic"] == "sub/kv.md"
    assert "followed" not in rag("practice", "plan", "--no-path")
