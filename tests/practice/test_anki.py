"""The Anki file: nothing lost as a comment, tags whole, formulas as Anki wants them."""

import csv

import pytest
from typer.testing import CliRunner

from rag.cli.main import app
from rag.errors import CorpusError
from rag.practice.anki import anki_file, card_html

ODD = """---
title: 预处理
tags: [KV cache, 编译]
questions:
  - "#include 和 import 有什么区别？"
  - "他说“够了”，够几个\\"灯泡\\", 3 个?"
  - "两行\\n问题？"
  - "What does a line starting with # mean?"
key_points:
  - "前者是文本替换"
  - "分母是 $\\\\sqrt{a < b}$，后者 **带** `x & y`"
---

# 预处理

## 区别
前者是文本替换。分母是 $\\sqrt{a < b}$，后者 **带** `x & y`。
"""
PLAIN = (
    "# 投机解码\n\n投机解码是用小模型先猜若干个 token 的方法。"
    "大模型一次并行验证全部猜测，输出分布保持不变。\n"
)


def export(tmp_path, monkeypatch, text):
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.md").write_text(text, "utf-8")
    monkeypatch.setenv("RAG_DATA_DIR", str(tmp_path / "data"))
    out = tmp_path / "cards.csv"
    command = ["practice", "export", str(out), "--anki", "--corpus", str(notes)]
    return CliRunner().invoke(app, command), out


def as_anki(path):
    """Anki takes lines that begin with # for comments before it reads the CSV."""
    lines = path.read_text("utf-8").split("\n")
    assert all(line[1].islower() for line in lines if line.startswith("#"))
    return list(csv.reader(line for line in lines if line and not line.startswith("#")))


def test_every_question_is_a_card_with_a_back_a_source_and_whole_tags(tmp_path, monkeypatch):
    ran, out = export(tmp_path, monkeypatch, ODD)
    assert ran.exit_code == 0, ran.exception
    rows = as_anki(out)
    assert [row[0] for row in rows] == [
        "#include 和 import 有什么区别？", "他说“够了”，够几个&quot;灯泡&quot;, 3 个?",
        "两行<br>问题？", "What does a line starting with # mean?",
    ]  # fmt: skip
    assert {row[2] for row in rows} == {"KV_cache 编译"}
    for _, back, _ in rows:
        assert r"\(\sqrt{a &lt; b}\)" in back and "<strong>带</strong>" in back
        assert "<code>x &amp; y</code>" in back and "预处理 › 区别 (a.md)" in back
    head = out.read_text("utf-8")
    assert "#deck:" in head and "#html:true" in head and "#tags column:3" in head


def test_a_note_without_front_matter_gives_a_card_too(tmp_path, monkeypatch):
    ran, out = export(tmp_path, monkeypatch, PLAIN)
    assert ran.exit_code == 0, ran.exception
    [row] = as_anki(out)
    assert "投机解码" in row[0] and "验证" in row[1]


def test_no_card_is_an_error_not_an_empty_file(tmp_path, monkeypatch):
    ran, out = export(tmp_path, monkeypatch, "# 短\n\n好。\n")
    assert isinstance(ran.exception, CorpusError) and "0 cards" in str(ran.exception)
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("$x$ 和 $$y$$", r"\(x\) 和 \[y\]"),
        ("灯泡 $5 一只，长寿 $19.99 一只", "灯泡 $5 一只，长寿 $19.99 一只"),
        ("<b>a</b> & b", "&lt;b&gt;a&lt;/b&gt; &amp; b"),
    ],
)
def test_card_html(text, html):
    assert card_html(text) == html


def test_every_field_is_quoted():
    assert anki_file([("#a", 'b "c"', "t")]).endswith('"#a","b ""c""","t"\n')
