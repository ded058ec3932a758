"""`rag eval answers`: reading both forms of file, scoring, resuming, the report."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from rag.cli.main import app
from rag.errors import UsageError
from rag.evaluation.answers.answer_run import Record, Runner, summarise
from rag.evaluation.answers.answer_scores import CitedClaim, citation_scores, is_right, refuses
from rag.evaluation.answers.answer_set import EvalQuestion, read_answer_set, sample
from rag.evaluation.answers.plain_recipe import cited_sentences
from rag.evaluation.answers.report import read_report, report_data, table, write_report
from rag.evaluation.ingest import measure_ingest

RGB = {
    "id": 7,
    "query": "LoRA 的秩通常取多少?",
    "answer": [["8 到 64", "8-64"]],
    "positive": ["LoRA 的秩 r 通常取 8 到 64,秩越大可训练参数越多。", "LoRA 的秩一般取 8 到 64。"],
    "negative": [
        "今天上海多云,气温二十度。", "红烧肉要先焯水再炒糖色。", "世界杯四年举办一次。",
        "光合作用产生氧气和葡萄糖。", "高铁的时速可以达到三百公里。",
    ],
}  # fmt: skip
OURS = {
    "question": "LoRA 冻结什么?", "answerable": True, "kind": "fact", "answer": ["预训练权重"],
    "gold": [{"note": "lora.md", "quote": "LoRA 冻结预训练权重"}],
}  # fmt: skip
UNKNOWN = {"question": "红烧肉怎么做?", "answerable": False}


@pytest.fixture
def rgb_file(tmp_path):
    path = tmp_path / "rgb.jsonl"
    path.write_text(json.dumps(RGB, ensure_ascii=False) + "\n", "utf-8")
    return path


@pytest.fixture
def our_file(tmp_path):
    path = tmp_path / "ours.jsonl"
    rows = [json.dumps(row, ensure_ascii=False) for row in (OURS, UNKNOWN)]
    path.write_text("\n".join(rows), "utf-8")
    return path


def test_rgb_makes_two_questions(rgb_file):
    mixed, negatives = read_answer_set(rgb_file)
    assert mixed.answerable and len(mixed.passages) == 5
    assert sum(text in RGB["positive"] for text in mixed.passages) == 2
    assert not negatives.answerable and set(negatives.passages) == set(RGB["negative"])
    assert mixed.answers == (("8 到 64", "8-64"),)


@pytest.mark.parametrize("text", ["", "[1]", '{"query": "x"}', '{"question": "x"}', "{"])
def test_files_of_another_form(tmp_path, text):
    path = tmp_path / "x.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError):
        read_answer_set(path)


def test_gold_strings():
    question = EvalQuestion("1", "?", True, answers=(("1,269 万人", "1269万"), ("2021",)))
    assert is_right("2021 年新增 1269万人。", question)
    assert not is_right("新增 1269万人。", question)
    assert is_right("x", EvalQuestion("1", "?", True)) is None
    assert refuses("上下文中没有提到。") and refuses("The context does not contain it.")
    assert not refuses("LoRA 冻结预训练权重。")


def test_citation_recall_and_precision(embedder):
    def embed(texts):
        return np.asarray(embedder.embed_documents(texts), np.float32)

    right = ("LoRA 冻结预训练权重,只训练低秩矩阵。", "LoRA")
    wrong = ("今天上海多云。", "天气")
    said = "LoRA 冻结预训练权重。"
    claims = [
        CitedClaim(said, (right, wrong)),
        CitedClaim(said, ()),
        CitedClaim("红烧肉要先焯水。", (right,)),
    ]
    recalled, precise = citation_scores(claims, embed)
    assert recalled == [True, False, False]
    assert precise == [True, False, False]


def test_sentences_of_a_plain_answer():
    found = cited_sentences("LoRA 冻结权重。[1] 它很快[2][9]。好。", 2)
    assert found == (("LoRA 冻结权重。", (0,)), ("它很快。", (1,)), ("好。", ()))


def test_a_run_is_resumed_and_reported(assistant, our_file, tmp_path):
    questions = read_answer_set(our_file)
    out = tmp_path / "records.jsonl"
    runner = Runner(assistant, questions)
    runner.prepare(tmp_path, lambda *_: None)
    first = runner.run(out, "none", False, lambda *_: None)
    asked = []
    again = runner.run(out, "none", False, lambda *progress: asked.append(progress))
    assert again == first and not asked  # nothing was asked twice
    answered, unknown = first
    assert answered.correct and answered.gold and all(answered.exact) and all(answered.recalled)
    assert unknown.abstained
    figures = summarise(first)
    assert figures["zh"]["accuracy"] == 1.0 and figures["zh"]["abstention"] == 1.0
    data = report_data({"file": "<b>.jsonl"}, first)
    as_json, as_html = write_report(tmp_path, data)
    assert read_report(as_json)["systems"] == json.loads(json.dumps(data["systems"]))
    page = as_html.read_text("utf-8")
    assert "<svg" in page and "&lt;b&gt;.jsonl" in page and "<b>.jsonl" not in page
    assert table({"a": figures["all"]})[0] == ["", "a"]


def test_rgb_is_answered_from_the_given_passages_only(assistant, rgb_file, tmp_path):
    runner = Runner(assistant, read_answer_set(rgb_file))
    runner.prepare(tmp_path / "run", lambda *_: None)
    mixed, negatives = runner.run(tmp_path / "r.jsonl", "none", False, lambda *_: None)
    assert mixed.correct and all(mixed.exact)
    assert negatives.abstained


def test_the_plain_recipe_stands_beside(assistant, scripted, our_file, tmp_path):
    pytest.importorskip("langchain_text_splitters")
    scripted.enqueue(
        "LoRA 冻结预训练权重。[1]\n", "LoRA 冻结预训练权重。[1]", "上下文没有提到。"
    )  # the second question is refused before the LLM is asked
    runner = Runner(assistant, read_answer_set(our_file))
    runner.prepare(tmp_path, lambda *_: None)
    records = runner.run(tmp_path / "r.jsonl", "scripted:x", True, lambda *_: None)
    plain = [record for record in records if record.system == "plain"]
    assert [record.abstained for record in plain] == [False, True]
    assert plain[0].correct


def test_an_even_sample():
    questions = [EvalQuestion(str(n), "?", True) for n in range(10)]
    assert sample(questions, 3) == sample(questions, 3) != questions[:3]
    assert sample(questions, 99) == questions


def test_compare_prints_both(tmp_path):
    record = Record(
        system="ours", id="1", question="q", language="zh", kind="fact", answerable=True,
        answer="a", abstained=False, correct=True, open_correct=True, recalled=[True],
        precise=[True], exact=[True], gold=True, dropped=0, prompt_tokens=400,
        completion_tokens=30, first_token_s=1.0, total_s=2.0, confidence=0.9,
    )  # fmt: skip
    write_report(tmp_path, report_data({}, [record]))
    result = CliRunner().invoke(app, ["eval", "compare", str(tmp_path), str(tmp_path)])
    assert result.exit_code == 0
    assert "A: ours zh" in result.output and "B: ours all" in result.output


def test_our_own_set_is_large_enough_and_its_quotes_are_there():
    from rag.settings import REPOSITORY
    from rag.text.language import detect_language

    rows = read_answer_set(REPOSITORY / "tests" / "data" / "questions.jsonl")
    answerable = [row for row in rows if row.answerable]
    unknown = [row for row in rows if not row.answerable]
    assert len(answerable) >= 150 and len(unknown) >= 60
    assert sum(row.kind == "near miss" for row in unknown) * 3 >= len(unknown)
    chinese = sum(detect_language(row.question) == "zh" for row in answerable)
    assert abs(chinese * 2 - len(answerable)) <= 2
    assert {"fact", "compare", "why", "list", "followup", "cross"} == {r.kind for r in answerable}
    for row in answerable:
        assert row.gold
        for gold in row.gold:
            assert gold.quote in (REPOSITORY / "corpus" / gold.note).read_text("utf-8")


def test_ingest_is_measured_beside_the_bare_engine(corpus, embedder):
    speed = measure_ingest(corpus, embedder, 220, lambda stage, done, total: None)
    assert (speed.notes, speed.passages) == (3, 6)
    assert 0.3 < speed.cpu_ratio < 1.5  # nearly all of it is the same embedding
    assert speed.again_s < speed.ingest_s
