"""Text → HTML of the page: amounts of money, formulas, marks in odd notes."""

import pytest

from ui.answer_html import inline, note_html
from ui.tabs.ask_parts import LATEX


@pytest.mark.parametrize(
    "text",
    [
        "普通灯泡 $5 一只，长寿灯泡 $19.99 一只。",
        "costs $5 and the long-life bulb $19.99; US$100",
        "预算 $5 够买哪种灯泡，$20 呢？", "`$HOME` 与 `$PATH` 无关",
    ],
)  # fmt: skip
def test_amounts_of_money_stay_text(text):
    shown = inline(text)
    assert r"\(" not in shown and shown.count("$") == text.count("$")
    assert note_html(text, 0, 0).count("$") == text.count("$")
    assert all(item["left"] != "$" for item in LATEX)  # else the page would typeset them


def test_a_formula_is_typeset_where_the_page_can_and_as_written_elsewhere():
    assert r"\(E = I / d^2\)" in inline("按 $E = I / d^2$ 计算，\\$7 是运费")
    assert "$E = I$" in inline("按 $E = I$ 计算", typeset=False)
    assert r"\(E\)" in note_html("按 $E$ 计算", 0, 0)


@pytest.mark.parametrize("odd", ["\ue000\ue001", "\ue000", "\ue001 icon \ue000"])
def test_a_mark_stands_where_the_quote_stands(odd):
    text = f"{odd} 图标。LoRA trains two matrices. Another."
    start = text.index("LoRA")
    html = note_html(text, start, text.index(" Another"))
    assert '<mark id="cited">LoRA trains two matrices.</mark> Another' in html
    assert html.count("<mark") == 1


def test_a_display_formula_within_a_line_has_no_dollar_of_its_own():
    assert "更新 $$h=Wx$$ 之后" in note_html("- 更新 $$h=Wx$$ 之后", 0, 0)
    assert "更新 $$h=Wx$$ 之后" in inline("更新 $$h=Wx$$ 之后")  # was $ \\(h=Wx\\) $ with dollars
