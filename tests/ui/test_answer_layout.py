"""What of an answer stands where: the direct answer, the points, tables, and the copied text."""

from dataclasses import replace

from rag.answer.answer import Answer, Sentence
from rag.grounding.citation import Citation
from ui.answer_blocks import Table, answer_text, laid
from ui.answer_html import answer_html, citations_html, unanswered_html

HEADER = "| 方法 | 可训练参数 | 推理 |"


def citation(n, quote, header=""):
    return Citation(n, "lora.md", "LoRA", ("比较",), quote, 0, len(quote), 0.5, table_header=header)


def answer(*parts):
    """An answer of (words, quote, header of the table that it is a row of)."""
    sentences = tuple(Sentence(text, (n,), True) for n, (text, _, _) in enumerate(parts, 1))
    citations = tuple(citation(n, quote, head) for n, (_, quote, head) in enumerate(parts, 1))
    return Answer("LoRA 是什么？", "zh", sentences, citations, "none", {})


MADE = answer(
    ("LoRA 只训练低秩矩阵。", "LoRA 只训练低秩矩阵。", ""),
    ("秩常取 8。", "秩常取 8。", ""),
    ("它可以合并。", "它可以合并。", ""),
    ("LoRA (可训练参数: 约 0.1%; 推理: 不变)", "| LoRA | 约 0.1% | 不变 |", HEADER),
    ("全参数 (可训练参数: 100%; 推理: 不变)", "| 全参数 | 100% | 不变 |", HEADER),
)


def test_rows_of_one_table_are_a_table_again_and_the_rest_are_points():
    found = laid(MADE)
    assert found.direct == MADE.sentences[0]
    assert [type(item).__name__ for item in found.rest] == ["Sentence", "Sentence", "Table"]
    table = found.rest[-1]
    assert isinstance(table, Table) and table.header[0] == "方法"
    assert [(row.cells[0], row.n) for row in table.rows] == [("LoRA", 4), ("全参数", 5)]
    html = answer_html(MADE, 0, "zh")
    assert html.count("<li>") == 2 and html.count("<tbody><tr>") == 1
    assert all(f"cite-0_{n}" in html for n in range(1, 6))


def test_a_models_own_words_about_a_row_stay_a_sentence():
    made = answer(("LoRA 的参数只有千分之一。", "| LoRA | 约 0.1% | 不变 |", HEADER))
    assert laid(made).direct == made.sentences[0]


def test_what_is_copied_is_markdown_that_also_reads_as_text():
    assert answer_text(MADE) == (
        "LoRA 只训练低秩矩阵。\n\n- 秩常取 8。\n- 它可以合并。\n\n"
        "| 方法 | 可训练参数 | 推理 |\n| --- | --- | --- |\n"
        "| LoRA | 约 0.1% | 不变 |\n| 全参数 | 100% | 不变 |\n"
    )
    whole = answer_text(MADE, sources=True)
    assert "秩常取 8。[2]" in whole and "[2] LoRA › 比较 (lora.md): “秩常取 8。”" in whole


def test_nothing_foreign_gets_out_of_a_buttons_title():
    nasty = '"><img src=x onerror=alert(1)>'
    made = unanswered_html(nasty, "zh")
    assert "<img" not in made and '"><' not in made.replace('"></', "")


def test_the_quotes_of_one_section_stand_together_and_code_as_code():
    code = "```python\nimport math\n\nx = [0]\n```"
    parts = [("甲。", "甲。", ""), ("乙。", "乙。", ""), (code, code, "")]
    made = answer(*parts)
    other = replace(made.citations[1], heading=("代价",))
    html = citations_html(
        replace(made, citations=(made.citations[0], other, made.citations[2])), 0, "zh"
    )
    assert html.count("class='card'") == 2 and html.count("LoRA › 比较") == 1
    first, second = html.split("<div class='card'>")[1:]
    assert [f"cite-0_{n}" in first for n in (1, 2, 3)] == [True, False, True]
    assert "代价" in second and "cite-0_2" in second
    listed = replace(made.citations[0], quote="- LoRA 的秩 - 常取 8。")
    html = citations_html(replace(made, citations=(listed,)), 0, "zh")
    assert "<p>LoRA 的秩 - 常取 8。</p>" in html  # a quote is no list of one
    rows = citations_html(MADE, 0, "zh")
    assert rows.count("可训练参数") == 1 and rows.count("<tbody><tr>") == 1  # one table, one header
    assert all(f"cite-0_{n}" in rows for n in range(1, 6))
    assert "import math&#10;&#10;x = [0]" in first  # its lines, not one after the other
