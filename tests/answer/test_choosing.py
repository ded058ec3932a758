"""Which sentences make an answer, and in what order."""

from langchain_core.documents import Document

from rag.answer.answer import Answer
from rag.answer.quoting.candidates import Candidate, code_spans, is_quotable, spans_of
from rag.answer.quoting.choosing import (
    MOST,
    OF_USE,
    SHORTLIST,
    Scored,
    arranged,
    choose,
    scored,
    shortlist,
)
from rag.answer.quoting.pools import Pool, quoting
from rag.answer.quoting.rendering import rendered
from rag.grounding.passage import Passage
from rag.llm.verdict import Verdict


def quote(text, whole="", start=0):
    document = Document(page_content=whole or text, metadata={"note": "n.md", "start": 0})
    return Passage(document, text, start, start + len(text), 0.0, 0.0)


def candidate(text, place=(0, 0), told_at=-1, **features):
    names = [
        "behind", "rank", "asked", "topic", "topic_lead", "dense", "relevance", "heading", "title",
        "point", "must", "link", "adapted", "off_topic",
        "link_best", "point_like", "named", "unnamed", "first", "lead",
        "what_lead", "asked_behind", "section_relevance", "section_behind", "note_share",
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
    assert len(choose(scored(twice))) == 1
    assert len(choose(scored([candidate("无关的一句话而已")]))) == 1
    assert choose([]) == []


def test_no_more_than_can_be_said_in_an_interview():
    words = list("甲乙丙丁戊己庚辛壬癸子丑")
    many = [candidate(f"{a}{a}{n}的{b}{b}", (0, n), **STRONG)
            for n, (a, b) in enumerate(zip(words, reversed(words), strict=True))]  # fmt: skip
    assert len(choose(scored(many))) <= MOST


def test_a_table_row_is_told_with_its_columns():
    table = "| 方法 | 精度 | 显存 |\n|---|---|---|\n| LoRA | FP16 | 16 GB |\n"
    row = "| LoRA | FP16 | 16 GB |"
    assert rendered(quote(row, table, table.index(row))) == "LoRA (精度: FP16; 显存: 16 GB)"
    assert rendered(quote("**LoRA** 冻结权重。")) == "LoRA 冻结权重。"


def test_lines_of_code_are_no_sentences():
    text = "Beam search keeps the best beams.\n\n```python\nassert beams == best(beams)\n```\n"
    [(start, end)] = code_spans(text)
    assert text[start:end].startswith("```python") and text[start:end].endswith("```")
    assert not any(start <= begin < end for begin, _ in spans_of(text)[:1])


def test_a_sentence_that_only_names_another_note_is_not_quoted():
    assert not is_quotable("做法见“幻觉缓解方法”。")
    assert is_quotable("“幻觉缓解方法”里最有效的是检索增强，因为它让模型有据可依。")


def test_the_llms_word_changes_what_is_chosen():
    words = list("甲乙丙丁戊己庚辛壬癸子丑寅卯")
    pairs = enumerate(zip(words, reversed(words), strict=True))
    many = scored([candidate(f"{a}{a}{n}的{b}{b}", (0, n), **STRONG) for n, (a, b) in pairs])
    asked = shortlist(many)
    assert 1 < len(asked) <= SHORTLIST
    yes, no = Verdict(0.97, 0.01, 0.01, 0.01), Verdict(0.01, 0.01, 0.01, 0.97)
    judged = [item.judged(yes if n == 1 else no) for n, item in enumerate(asked)]
    judged.sort(key=lambda item: -item.answer)
    assert [item.quote.text for item in choose(judged, judged=True)] == [
        asked[1].candidate.quote.text
    ]


def test_a_text_may_begin_or_end_in_the_middle_of_code():
    closes = "x = 1\ny = f(x)\n```\n\nThis is prose."
    assert [closes[a:b] for a, b in code_spans(closes)] == ["x = 1\ny = f(x)\n```"]
    both = "y = 1\n```\n\nProse here.\n\n```python\nz = 2"
    assert [both[a:b] for a, b in code_spans(both)] == ["y = 1\n```", "```python\nz = 2"]
    whole = "Prose.\n\n```\nx = 1\n```\n\nMore prose."
    assert [whole[a:b] for a, b in code_spans(whole)] == ["```\nx = 1\n```"]
    assert not is_quotable("assert np.abs(np.bincount(draw) / 20000 - want).max() < 0.02")
    assert is_quotable("If the rank is too small the adapter underfits the training data.")


def test_an_answer_of_nothing_but_the_nearest_sentences_says_so():
    def told(language, *useful, lead=None):
        ranked = [
            Scored(candidate(f"第{n}句说{n}件事"), 0.1, value) for n, value in enumerate(useful)
        ]
        blank = Answer("问题", language, (), (), "none", {})
        return quoting(blank, [Pool("问题", ranked, lead)]).lacking

    assert told("zh", OF_USE - 0.1) == ("笔记里可能没有直接的答案，所引的只是最接近的句子。",)
    assert "no direct answer" in told("en", OF_USE - 0.1, 0.2)[0]
    assert told("zh", 0.2, OF_USE) == ()
    assert told("zh", 0.2, lead=candidate("LoRA 冻结权重。")) == ()
