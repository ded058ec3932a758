"""`rag practice` and `rag interview` as a learner types them, and as programs call them."""

import json

import pytest
from typer.testing import CliRunner

from rag.cli.main import app
from rag.cli.practising.asking import parse_ticks
from rag.errors import UsageError
from tests.practice.taught import taught

SAID = "LoRA 把原来的权重冻住，旁边学两个小矩阵。\n\nB 一开始是零。"


@pytest.fixture
def rag(assistant, corpus, embedder, monkeypatch):
    taught(assistant, corpus)
    monkeypatch.setattr("rag.assistant.load_embeddings", lambda settings: embedder)
    environment = {
        "RAG_DATA_DIR": str(assistant.settings.data_dir), "RAG_LLM": "none",
        "RAG_CORPUS": str(corpus),
    }  # fmt: skip

    def run(*arguments, text=None, fails=None):
        ran = CliRunner().invoke(app, list(arguments), env=environment, input=text)
        if fails is None:
            assert ran.exception is None, ran.exception
        else:
            assert isinstance(ran.exception, fails), ran.exception
        return ran.stdout

    run.history = assistant.history()
    return run


PRACTISE = ("practice", "--topic", "LoRA 低秩适配")


def test_an_unjudged_explanation_is_open_until_it_is_ticked(rag):
    told = json.loads(rag(*PRACTISE, "--explanation", "-", "--json", text=SAID))
    assert told["self_assessed"] is True and told["score"] is None
    assert told["rating"] is None and told["due"] is None and rag.history.cards("me") == {}
    assert told["model_answer"]["sentences"] and told["difference"] is None
    assert told["next_question"]["kind"] == "lead"
    number = str(told["attempt"])
    ticked = json.loads(rag("practice", "tick", number, "--said", "1 ~2", "--json"))
    assert ticked["score"] == 75 and ticked["rating"] == "good" and ticked["due"]
    assert list(rag.history.cards("me")) == ["lora.md"]
    assert "taken back" in rag("practice", "undo") and rag.history.cards("me") == {}
    rag("practice", "tick", number, "--said", "everything", fails=UsageError)
    rag("practice", "tick", "99", "--said", "1", fails=UsageError)


def test_ticks_and_rating_can_come_along(rag):
    told = json.loads(rag(*PRACTISE, "--explanation", "-", "--said", "1, 2", "--json", text=SAID))
    assert (told["score"], told["rating"]) == (100, "easy")
    told = json.loads(rag(*PRACTISE, "--explanation", "-", "--rating", "hard", "--json", text=SAID))
    assert told["score"] is None and told["rating"] == "hard" and told["due"]


def test_typed_with_empty_lines_then_ticked_rated_and_asked_on(rag):
    typed = f"{SAID}\n.\n1 2\ngood\n合并以后就不慢了。\n.\n1\n.\n"
    shown = rag(*PRACTISE, text=typed)
    first, second = rag.history.attempts("me")
    assert first.explanation == SAID and (first.score, first.rating) == (100, "good")
    assert second.part_of == first.id and second.explanation == "合并以后就不慢了。"
    assert second.score == 100 and second.rating is None
    assert "self" in shown or "自评" in shown
    assert "again" not in shown


def test_an_empty_answer_is_no_attempt(rag):
    rag(*PRACTISE, "--explanation", "-", "--json", text="\n \n", fails=UsageError)
    assert rag.history.attempts("me") == []


def test_plan_and_today(rag):
    rag("practice", "plan", "--new", "2", "--interview", "2099-01-01", "--retention", "0.85")
    plan = json.loads(rag("practice", "plan", "--json"))
    assert (plan["new_per_day"], plan["retention"], plan["interview"]) == (2, 0.85, "2099-01-01")
    rag("practice", "plan", "--retention", "2", fails=UsageError)
    today = json.loads(rag("practice", "today", "--json"))
    assert len(today["new"]) == 2 and today["unseen"] == 3 and not today["finished"]
    assert today["new_needed"] == 1
    rag("practice", "suspend", "LoRA 低秩适配")
    assert json.loads(rag("practice", "today", "--json"))["unseen"] == 2
    rag("practice", "resume", "lora.md")
    rag("practice", "bury", "lora.md", "--days", "2")
    assert json.loads(rag("practice", "today", "--json"))["unseen"] == 2
    rag("practice", "bury", "no such topic", fails=UsageError)
    rag("practice", "fit", fails=UsageError)


def test_appeals_are_counted_and_exported(rag, tmp_path):
    told = json.loads(rag(*PRACTISE, "--explanation", "-", "--said", "1", "--json", text=SAID))
    number = str(told["attempt"])
    after = json.loads(rag("practice", "appeal", number, "2", "--not-asked", "--json"))
    assert after["score"] == 100 and after["points"][1]["status"] == "not asked"
    rag("practice", "appeal", number, "2", "--note-wrong", fails=UsageError)
    rag("practice", "appeal", number, "1", fails=UsageError)
    out = tmp_path / "appeals.jsonl"
    counts = json.loads(rag("practice", "appeals", "--export", str(out), "--json"))
    assert counts["not asked"] == {"appeals": 1, "granted": 1}
    [line] = [json.loads(line) for line in out.read_text("utf-8").split("\n") if line]
    assert line["kind"] == "not asked" and line["question"] == told["question"]


def test_an_interview_step_by_step(rag, tmp_path):
    state = json.loads(rag("interview", "--tag", "peft", "--rounds", "1", "--json"))
    assert state["topic"] == "lora.md" and state["kind"] == ""
    step = json.loads(rag("interview", "answer", "--said", "1", text=SAID))
    assert step["grade"]["score"] == 50 and step["kind"] == "lead"
    step = json.loads(rag("interview", "answer", "--said", "1", text="零。"))
    assert step["question"] is None
    told = json.loads(rag("interview", "end", "--json"))
    assert told["topics"][0]["score"] == 75 and len(told["next_topics"]) == 3
    assert list(rag.history.cards("me")) == ["lora.md"]
    page = tmp_path / "r.html"
    rag("interview", "report", "--out", str(page))
    assert "<!doctype html>" in page.read_text("utf-8")
    assert "模拟面试报告" in rag("interview", "report")
    assert json.loads(rag("interview", "list", "--json"))[0]["over"] is True
    rag("interview", "answer", text="x", fails=UsageError)
    rag("interview", "report", "7", fails=UsageError)


def test_an_interview_at_the_terminal_is_paused_and_resumed(rag):
    advert = "熟悉 LoRA；了解 Kubernetes。"
    shown = rag("interview", "--text", "-", "--rounds", "0", "--json", text=advert)
    assert json.loads(shown)["unmatched"] == ["Kubernetes"]
    rag("interview", "--resume", text="/pause\n")
    shown = rag("interview", "--resume", text=f"{SAID}\n.\n1 2\n")
    assert "100/100" in shown and "Kubernetes" in shown
    rag("interview", "--resume", fails=UsageError)


def test_ticks_are_numbers_and_nothing_else():
    assert parse_ticks("1, 3 ~4") == ([1, 3], [4])
    assert parse_ticks("0") == ([], []) and parse_ticks("1、2，~ 3") == ([1, 2], [3])
    assert parse_ticks("1 good") is None and parse_ticks("大模型一次并行验证。") is None
