"""The Anki file: nothing lost as a comment, tags whole, formulas as Anki wants them."""

import csv
import json
import sqlite3
import zipfile
from contextlib import closing

import pytest
from typer.testing import CliRunner

from rag.cli.main import app
from rag.errors import CorpusError
from rag.practice.cards.anki import anki_file, card_html
from rag.practice.cards.gaps import with_gap

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
    notes.mkdir(exist_ok=True)
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


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # genanki's own
def test_a_package_has_a_deck_and_is_the_same_after_a_rename(tmp_path, monkeypatch):
    export(tmp_path, monkeypatch, ODD)
    first = package(tmp_path, "one.apkg")
    assert len(first) == 4
    for fields, tags in first.values():
        front, back, source = fields
        assert front and r"\(\sqrt{a &lt; b}\)" in back and "<code>x &amp; y</code>" in back
        assert "KV_cache" in tags and "预处理 › 区别 (a.md)" in source and "file://" in source
    (tmp_path / "notes" / "a.md").rename(tmp_path / "notes" / "moved.md")
    again = package(tmp_path, "two.apkg")
    assert again.keys() == first.keys()  # imported twice: brought up to date, nothing doubled
    assert all("(moved.md)" in fields[2] for fields, _ in again.values())


def package(tmp_path, name):
    """guid → fields and tags of the notes in an .apkg."""
    out = tmp_path / name
    notes = str(tmp_path / "notes")
    CliRunner().invoke(app, ["index", "--corpus", notes])
    ran = CliRunner().invoke(
        app, ["practice", "export", str(out), "--anki", "--deck", "面试", "--corpus", notes]
    )
    assert ran.exit_code == 0, ran.exception
    with zipfile.ZipFile(out) as archive:
        archive.extract("collection.anki2", tmp_path)
    with closing(sqlite3.connect(tmp_path / "collection.anki2")) as database:
        decks = json.loads(database.execute("SELECT decks FROM col").fetchone()[0])
        rows = database.execute("SELECT guid, flds, tags FROM notes").fetchall()
        cards = database.execute("SELECT COUNT(*) FROM cards").fetchone()[0]
    assert "面试" in {deck["name"] for deck in decks.values()} and cards == len(rows)
    return {guid: (fields.split("\x1f"), tags) for guid, fields, tags in rows}


def test_code_is_a_block_of_html():
    html = card_html("写成：\n```python\nif a < b: pass\n```")
    assert "<pre><code" in html and "a &lt; b" in html and "```" not in html


def test_a_note_without_front_matter_gives_a_card_too(tmp_path, monkeypatch):
    ran, out = export(tmp_path, monkeypatch, PLAIN)
    assert ran.exit_code == 0, ran.exception
    [row] = as_anki(out)
    assert "投机解码" in row[0] and "验证" in row[1]


def test_no_card_is_an_error_not_an_empty_file(tmp_path, monkeypatch):
    ran, out = export(tmp_path, monkeypatch, "# 短\n\n好。\n")
    assert isinstance(ran.exception, CorpusError) and "0 cards" in str(ran.exception)
    assert not out.exists()


def test_two_notes_that_ask_the_same_are_two_cards_in_a_csv(tmp_path, monkeypatch):
    """Anki's CSV import takes rows of one first field for one note: the last answer won."""
    asks = (
        "---\ntitle: {0}\nquestions: [它有什么代价？]\nkey_points: [{0}的代价是显存]\n---\n"
        "# {0}\n\n{0}的代价是显存。\n"
    )
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "b.md").write_text(asks.format("缓存"), "utf-8")
    ran, out = export(tmp_path, monkeypatch, asks.format("适配器"))
    assert ran.exit_code == 0, ran.exception
    fronts = [row[0] for row in as_anki(out)]
    assert len(set(fronts)) == 2 and all(front.startswith("它有什么代价？") for front in fronts)


def test_quick_cards_ask_one_point_each(tmp_path, monkeypatch):
    note = ODD.replace(
        '  - "前者是文本替换"', "  - {id: a, text: 前者是文本替换, recall: 哪个是文本替换？}"
    )
    export(tmp_path, monkeypatch, note)
    out = tmp_path / "quick.csv"
    command = ["practice", "export", str(out), "--anki", "--recall"]
    ran = CliRunner().invoke(app, [*command, "--corpus", str(tmp_path / "notes")])
    assert ran.exit_code == 0, ran.exception
    backs = {row[0]: row[1] for row in as_anki(out)}
    assert len(backs) == 5 and "文本替换" in backs["哪个是文本替换？"]
    assert backs["哪个是文本替换？"].count("<li>") == 1


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("缆绳长 64 米，由三股麻绳拧成", "缆绳长 ____，由三股麻绳拧成"),
        ("7B 模型要 **112 GB** 显存", "7B 模型要 ____ 显存"),
        ("GPT-4 用 $r=8$ 训练", ""),
        ("`x = 3 层` 是代码", ""),
    ],
)
def test_a_gap_is_what_is_emphasised_or_a_quantity(text, gap):
    assert with_gap(text) == gap


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
