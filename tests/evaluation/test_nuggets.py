"""Nuggets are counted by the spans that state them; the shipped set stands in the notes."""

import json

import pytest

from rag.answer.answer import Answer, Sentence
from rag.errors import UsageError
from rag.evaluation.nuggets.nugget_run import records_before, summary, write_nugget_report
from rag.evaluation.nuggets.nugget_scores import figures, score
from rag.evaluation.nuggets.nugget_set import read_nuggets
from rag.grounding.citation import Citation
from tests.places import CORPUS, REPOSITORY

SET = REPOSITORY / "rag" / "evaluation" / "data" / "nuggets.jsonl"
TEXT = "# N\n\n甲是一。乙是二。丙是三。\n"


def answer(*quotes):
    citations = tuple(
        Citation(n, "n.md", "N", (), q, TEXT.index(q), TEXT.index(q) + len(q), 1.0)
        for n, q in enumerate(quotes, 1)
    )
    sentences = tuple(Sentence(q, (n,), True) for n, q in enumerate(quotes, 1))
    return Answer("问", "zh", sentences, citations, "none", {"total_s": 1.0})


def test_stated_useful_and_missed(tmp_path):
    row = {"question": "问", "lang": "zh", "nuggets": [
        {"text": "一", "vital": True, "note": "n.md", "quote": "甲是一。"},
        {"text": "二", "vital": True, "quotes": [{"note": "x.md", "quote": "乙"},
                                                {"note": "n.md", "quote": "乙是二。"}]},
        {"text": "四", "vital": True},
    ]}  # fmt: skip
    (tmp_path / "set.jsonl").write_text(json.dumps(row), "utf-8")
    [item] = read_nuggets(tmp_path / "set.jsonl")
    record = score(item, answer("甲是一。", "丙是三。"), lambda path: TEXT, "ours")
    assert (record.vital, record.vital_stated, record.useful, record.sentences) == (2, 1, 1, 2)
    assert record.missed == ("二",)
    assert figures([record])["vital_recall"] == 0.5


def test_an_earlier_version_stands_beside(tmp_path):
    row = {"question": "问", "nuggets": [{"text": "一", "vital": True, "note": "n.md",
                                         "quote": "甲是一。"}]}  # fmt: skip
    (tmp_path / "set.jsonl").write_text(json.dumps(row), "utf-8")
    questions = read_nuggets(tmp_path / "set.jsonl")
    old = score(questions[0], answer("丙是三。"), lambda path: TEXT, "ours, none")
    write_nugget_report(tmp_path, {}, [old])
    earlier = records_before(tmp_path, questions)
    assert [record.system for record in earlier] == ["before: ours, none"]
    new = score(questions[0], answer("甲是一。"), lambda path: TEXT, "ours, none")
    found = summary([new, *earlier])
    assert found["ours, none, zh"]["vital_recall"] == 1
    assert found["before: ours, none, zh"]["vital_recall"] == 0
    page = write_nugget_report(tmp_path, {}, [new, *earlier]).read_text("utf-8")
    assert "before: ours" in page and "丙是三" in page and "甲是一" in page
    assert records_before(tmp_path / "nuggets.json", questions) != earlier  # of the newest alone
    assert records_before(tmp_path, []) == []
    (tmp_path / "other.json").write_text("{}", "utf-8")
    with pytest.raises(UsageError):
        records_before(tmp_path / "other.json", questions)


def test_the_shipped_set_stands_in_the_notes():
    rows = read_nuggets(SET)
    assert len(rows) >= 100 and {row.half for row in rows} == {"tune", "held"}
    lost = [
        (place.note, place.quote)
        for row in rows
        for nugget in row.nuggets
        for place in nugget.places
        if place.quote not in (CORPUS / place.note).read_text("utf-8")
    ]
    assert lost == []
    for language in ("zh", "en"):
        vital = [n for row in rows if row.language == language for n in row.nuggets if n.vital]
        assert sum(bool(n.places) for n in vital) >= 0.95 * len(vital)
