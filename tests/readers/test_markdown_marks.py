"""Markdown as people keep it: rules, wrong front matter, Obsidian's marks, formulas, long lines."""

import pytest

from rag.index.chunking import chunk_note
from rag.index.documents import embedding_text
from rag.limits import DEFAULT_LIMITS
from rag.notes.topic import topic_of
from rag.readers import read_bytes
from rag.text.markup import without_markup
from rag.text.words import content_words


def read(data, name="n.md"):
    return read_bytes(name, data.encode() if isinstance(data, str) else data, DEFAULT_LIMITS)


def said(note):
    return "\n".join(chunk.page_content for chunk in chunk_note(note, len, 400))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "text",
    [
        "---\n\n# 第一节\n\n批大小是 96，由显存决定。\n\n---\n\n# 第二节\n\n词表有 52,000 项。\n",
        "---\n灯塔的批大小是 96。\n---\n词表有 52,000 项。\n",
        "---\nNote: the batch size is 96.\n---\n\n52,000\n",
        "---\n# 第一节 96\n---\n\n52,000\n",
        "---\n- 批大小 96\n- 学习率\n---\n\n52,000\n",
        "---\n\n批大小 96\n52,000 without a second rule\n",
    ],
)
def test_a_note_that_begins_with_a_rule(text, end):
    note = read(text.replace("\n", end))
    shown = said(note) + str([block.headings for block in note.blocks])
    assert "96" in shown and "52,000" in shown and note.meta == {}
    for chunk in chunk_note(note, len, 400):
        meta = chunk.metadata
        assert note.text[meta["start"] : meta["end"]] == chunk.page_content


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_wrong_front_matter_is_said_and_the_rest_of_it_used(end):
    text = "---\ntitle: RAG: an introduction\ntags: [a, b]\naliases: [x\nn: 1\n---\n\n# H\n\ntext\n"
    note = read(text.replace("\n", end))
    assert (note.title, note.meta["tags"], note.meta["n"]) == (
        "RAG: an introduction",
        ["a", "b"],
        1,
    )
    [gap] = note.gaps
    assert "front matter" in gap and "aliases" in gap
    assert said(note).strip() == "text"
    assert read("---\ntitle: good\n---\ntext").gaps == ()


def test_headings_without_a_blank_and_tags():
    note = read("#第一章 概述\n甲\n\n##第二节\n乙\n\n####三\n丙\n")
    assert note.title == "第一章 概述"
    assert [block.headings for block in note.blocks] == [
        ("第一章 概述",), ("第一章 概述", "第二节"), ("第一章 概述", "第二节", "三")
    ]  # fmt: skip
    note = read("---\naliases: [DT]\ntags: [港口]\n---\n# 灯塔\n\n守夜人。\n\n#港口/夜班 #todo\n")
    assert "todo" not in said(note)
    assert note.meta["tags"] == ["港口", "港口/夜班", "todo"]
    plain_note = read("# A\n\n#1 is an issue, #!x\n\n```\n#include\n```\n")
    assert [block.headings for block in plain_note.blocks] == [("A",), ("A",)]


VAULT = """---
aliases: [DT]
---

# 灯塔

灯塔的守夜人是 [[people/zhou|老周]]，==每晚九点==上岗。 ^duty1

%% 私下评价：老周爱打瞌睡，别写进手册。 %%

他住在[[海边#小屋]]，%%旁注%%很久了，见 [[备用电源]]。

> [!warning]- 断电
> 断电时先开 [[备用电源]]，再打电话。

%%
多行
注释
%%

```python
%%time
a = [[1, 2], [3, 4]]; b[[0]] == c == d %% e
```

折扣 50%% 与 30%% 都不是注释。
"""


def test_an_obsidian_vault():
    note = read(VAULT)
    assert len(note.text) == len(VAULT)
    shown = without_markup(said(note)).replace("> ", "")
    for hidden in ("私下", "旁注", "多行", "duty1", "[[people", "|老周", "==每", "[!warning"):
        assert hidden not in shown
    for kept in ("守夜人是 老周，每晚九点上岗。", "海边 > 小屋".replace("> ", ""), "很久了",
                 "断电时先开 备用电源", "%%time", "[[1, 2], [3, 4]]", "b[[0]] == c == d %% e",
                 "50%% 与 30%%"):  # fmt: skip
        assert kept in shown, kept
    for chunk in chunk_note(note, len, 400):
        meta = chunk.metadata
        assert note.text[meta["start"] : meta["end"]] == chunk.page_content
        assert "DT" in embedding_text(chunk) and "[[people" not in embedding_text(chunk)
    assert topic_of(note).aliases == ("DT",)


def test_authored_notes_keep_the_text_that_is_embedded():
    note = read("---\naliases: [BPS]\nquestions: [x]\n---\n# H\n\ntext\n")
    assert embedding_text(chunk_note(note, len, 400)[0]) == "H\ntext"


def test_formulas_in_brackets_are_whole():
    display = "\\[\nL = a_1\n- b_2 \\text{ if x. Else } c\n= d\n\\]"
    note = read(
        f"# 公式\n\n温度缩放是 \\( p_i = \\frac{{e^{{z_i}}}}{{2}}. x \\)，取 0.7。\n\n{display}\n"
    )
    assert [note.text[b.start : b.end] for b in note.blocks if b.kind == "math"] == [display]
    from rag.text.sentences import sentence_spans

    [one] = sentence_spans(note.text, note.blocks[0].start, note.blocks[0].end)
    assert note.text[slice(*one)].endswith("取 0.7。")


def test_fences_in_lists():
    steps = "".join(f"    line {n} of a long script\n" for n in range(80))
    note = read(f"1. first\n\n    ```bash\n    # no heading\n{steps}    ```\n\n2. second\n")
    [block] = note.blocks
    assert block.kind == "list" and block.headings == ()
    assert all(note.text[at - 1] == "\n" or note.text[at].strip() for at in block.breaks)
    assert max(len(c.page_content) for c in chunk_note(note, len, 300)) <= 3_000


def test_invisible_signs_and_radicals_are_found():
    note = read("# 标\u200b题\n\nLo\u200bRA 的⽤法⼀⾏，\ufb01ne\u00adtuning。")
    [chunk] = chunk_note(note, len, 400)
    assert "LoRA 的用法一行，finetuning" in embedding_text(chunk)
    assert content_words("Lo\u200bRA ⻓") == content_words("LoRA 长")


def test_pictures_bytes_are_no_text_and_long_lines_are_cut():
    picture = f"![图](data:image/png;base64,{'QUJD' * 100_000})"
    note = read(f"# H\n\nbefore {picture} after\n\n{'字' * 1_000_000}\n")
    chunks = chunk_note(note, len, 400)
    assert "QUJD" not in said(note) and "before" in said(note) and "after" in said(note)
    assert max(len(chunk.page_content) for chunk in chunks) < 2_000


def test_pieces_of_a_long_table_carry_its_header():
    rows = "".join(f"| m{n} | {n} |\n" for n in range(300))
    note = read(f"# T\n\n| model | layers |\n|---|---|\n{rows}")
    first, *rest = chunk_note(note, len, 400)
    assert "table_header" not in first.metadata and rest
    for chunk in rest:
        assert chunk.metadata["table_header"] == "| model | layers |"
        assert "| model | layers |" in embedding_text(chunk)
        meta = chunk.metadata
        assert note.text[meta["start"] : meta["end"]] == chunk.page_content


def test_rules_between_cells_of_a_notebook_swallow_nothing():
    import json

    cell = {"cell_type": "markdown", "metadata": {}, "source": "---\nshown text.\n---\nmore"}
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}
    assert "shown text" in said(read(json.dumps(book), "n.ipynb"))


def test_a_quoted_row_shows_the_header_of_its_table():
    from rag.grounding.citation import Citation
    from rag.grounding.passage import Passage

    rows = "".join(f"| m{n} | {n} |\n" for n in range(300))
    note = read(f"# T\n\n| model | layers |\n|---|---|\n{rows}")
    for chunk in chunk_note(note, len, 400)[:3]:
        row = chunk.page_content.rindex("| m")
        start = chunk.metadata["start"] + row
        end = chunk.metadata["end"]
        passage = Passage(chunk, note.text[start:end], start, end, 1.0, 1.0)
        cited = Citation.of(1, passage).to_dict()
        assert cited["table_header"] == "| model | layers |"
        assert note.text[cited["start"] : cited["end"]] == cited["quote"]


def test_the_opened_note_shows_what_was_read():
    from ui.answer_html import note_html

    text = (
        "---\n\n批大小是 96。\n\n---\n\n温度是 \\( p_i * q_i \\)。\n\n\\[ L = a_1 * b_1 * c \\]\n"
    )
    at = text.index("批大小")
    shown = note_html(text, at, at + 9)
    assert '<mark id="cited">批大小是 96。</mark>' in shown
    assert r"\(p_i * q_i\)" in shown and "L = a_1 * b_1 * c" in shown and "<em>" not in shown
    odd = "LoRA \ue000\ue001 trains two"
    assert '<mark id="cited">two</mark>' in note_html(odd, len(odd) - 3, len(odd))


def test_a_comment_that_is_not_closed_hides_nothing():
    note = read("# A\n\n%% 未闭合\n\n正文。\n\n100%% 和 %%秘密%% 后。\n\n%%旁注%% 开头。\n")
    assert "秘密" not in note.text and "旁注" not in note.text
    assert "正文。" in said(note) and {block.kind for block in note.blocks} == {"text"}
    assert [b.headings for b in read("---\ntitle: T\n---\n#标题\n\n正文。\n").blocks] == [("标题",)]
