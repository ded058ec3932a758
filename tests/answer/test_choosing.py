"""Which sentences make an answer, and in what order."""

from langchain_core.documents import Document

from rag.answer.candidates import Candidate
from rag.answer.choosing import MOST, arranged, choose
from rag.answer.told import told
from rag.grounding.passage import Passage


def quote(text, whole="", start=0):
    document = Document(page_content=whole or text, metadata={"note": "n.md", "start": 0})
    return Passage(document, text, start, start + len(text), 0.0, 0.0)


def candidate(text, place=(0, 0), told_at=-1, **features):
    names = [
        "behind", "rank", "asked", "topic", "topic_lead", "dense", "relevance", "heading", "title",
        "point", "must", "link", "link_best", "point_like", "named", "unnamed", "first", "lead",
        "what_lead",
        "defines", "what_point", "next", "row", "other_language", "top_note", "short", "long",
    ]  # fmt: skip
    return Candidate(quote(text), place, -1, told_at, dict.fromkeys(names, 0.0) | features)


STRONG = {"link_best": 1.0, "point_like": 1.0, "relevance": 1.0, "rank": 1.0, "point": 1.0,
          "lead": 1.0, "top_note": 1.0}  # fmt: skip


def test_the_likest_questions_points_come_first_in_their_order():
    one = candidate("甲", (0, 5), told_at=1)
    two = candidate("乙", (3, 0), told_at=0)
    rest = candidate("丙", (0, 0))
    assert [item.quote.text for item in arranged([rest, one, two])] == ["乙", "甲", "丙"]


def test_what_says_the_same_is_said_once_and_there_is_always_an_answer():
    twice = [candidate("LoRA 冻结权重并训练低秩矩阵", (0, n), **STRONG) for n in range(3)]
    assert len(choose(twice)) == 1
    assert len(choose([candidate("无关的一句话而已")])) == 1
    assert choose([]) == []


def test_no_more_than_can_be_said_in_an_interview():
    words = list("甲乙丙丁戊己庚辛壬癸子丑")
    many = [candidate(f"{a}{a}{n}的{b}{b}", (0, n), **STRONG)
            for n, (a, b) in enumerate(zip(words, reversed(words), strict=True))]  # fmt: skip
    assert len(choose(many)) <= MOST


def test_a_table_row_is_told_with_its_columns():
    table = "| 方法 | 精度 | 显存 |\n|---|---|---|\n| LoRA | FP16 | 16 GB |\n"
    row = "| LoRA | FP16 | 16 GB |"
    assert told(quote(row, table, table.index(row))) == "LoRA (精度: FP16; 显存: 16 GB)"
    assert told(quote("**LoRA** 冻结权重。")) == "LoRA 冻结权重。"
