"""What stands at the top of a Markdown note is read, or said; and what its end says as well."""

import pytest

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes

SAID = "灯塔的旋转透镜由四百块玻璃组成。"


def read(text):
    return read_bytes("n.md", text.encode(), DEFAULT_LIMITS)


def blocks(note):
    return "\n".join(note.text[block.start : block.end] for block in note.blocks)


@pytest.mark.parametrize(
    "top",
    [
        "---\ntitle: 甲\ntags: [a, b]\n\n# 标题\n\n",
        "---\ntitle: 甲\ntags: [a, b]\n# 标题\n\n",
        "---\ntitle: 甲\ntags: [a, b]\n\n# 标题\n\n---\n\n",
        "---\r\ntitle: 甲\r\ntags: [a, b]\r\n\r\n# 标题\r\n\r\n",
    ],
)
def test_front_matter_that_is_not_closed(top):
    note = read(f"{top}{SAID}\n\n---\n\n后面。\n")
    assert (note.title, note.meta["tags"]) == ("甲", ["a", "b"])
    assert (
        SAID in blocks(note) and "后面。" in blocks(note) and note.blocks[0].headings == ("标题",)
    )
    assert "not closed" in note.gaps[0]


def test_keys_nobody_knows_below_a_rule_are_text_and_said():
    note = read(f"---\n甲: 一\n乙: 二\n\n{SAID}\n")
    assert "甲: 一" in blocks(note) and "read as text" in note.gaps[0]
    for text in (
        f"---\n\n{SAID}\n",
        f"---\n{SAID}\n\n后面。\n",
        f"---\n\n# 甲\n\n{SAID}\n\n---\n\n后\n",
    ):
        assert read(text).gaps == () and SAID in blocks(read(text))


def test_a_blank_line_before_front_matter():
    note = read(f"\n\n---\ntitle: 甲\n---\n\n{SAID}\n")
    assert note.title == "甲" and "blank line" in note.gaps[0] and "title" not in blocks(note)
    note = read(f"\n---\n甲：{SAID}\n\n---\n后面。\n")
    assert SAID in blocks(note) and note.gaps == ()


def test_toml():
    note = read(f'+++\ntitle = "甲"\ntags = ["a"]\ndate = 2024-01-02\n+++\n\n{SAID}\n')
    assert (note.title, note.meta["tags"], note.meta["date"]) == ("甲", ["a"], "2024-01-02")
    assert note.gaps == () and blocks(note) == SAID
    for wrong in ('+++\ntitle = "甲\n+++\n\n', '+++\ntitle = "甲"\n\n'):
        note = read(wrong + SAID)
        assert SAID in blocks(note) and "title" in blocks(note) and "TOML" in note.gaps[0]


def test_a_note_of_nothing_but_front_matter_says_so():
    for text in ("---\ntitle: 甲\n---\n", "---\n", "<!-- 只有注释 -->\n"):
        assert "no text" in read(text).gaps[0]
    assert read(f"---\ntitle: 甲\n---\n{SAID}\n").gaps == ()


def test_tags_in_one_line():
    for written in ("llm", "llm, 注意力", "'#llm'", "llm 注意力"):
        assert read(f"---\ntags: {written}\n---\n{SAID}\n").meta["tags"][0] == "llm"
    assert read(f"---\ntags: llm\n---\n\n#更多 #深\n\n{SAID}\n").meta["tags"] == [
        "llm",
        "更多",
        "深",
    ]


def test_footnotes_and_words_explained_are_text():
    note = read(
        "灯号见注[^1]与[^b]。\n\n[^1]: 红色\n[^b]: 每十秒闪一次。\n    续行内容。\n\n[GB]: 千兆\n\n"
        "[1]: https://a.b/c\n[二]: ./b.md '题'\n[三]: <a b.md>\n"
    )
    said = blocks(note)
    assert all(part in said for part in ("[^1]: 红色", "每十秒闪一次", "续行内容", "千兆"))
    assert "https" not in said and "b.md" not in said


def test_a_comment_that_begins_in_a_line_and_ends_in_another_is_not_read():
    note = read(
        f"# A\n\n灯塔 %%秘密一\n秘密二\n\n秘密三%% 可见。\n\n- 项 %%秘\n密%% 后\n\n{SAID}\n"
    )
    assert "秘" not in note.text and all(part in note.text for part in ("可见", "后", SAID))
    text = "占比 5%% 与\n6%% 之间，还有 5 %% 与\n6 %% 之间。\n\n```\nx %% a\ny %% b\n```\n"
    assert read(text).text == text
