"""Nuggets are counted by the spans that state them; the shipped set stands in the notes."""

import json

from rag.answer.answer import Answer, Sentence
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
