"""Bytes that say what they are, say something else, or are damaged; pages that hold code."""

import pytest

from rag.errors import CorpusError
from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes

SIMPLE = "灯塔的灯号是橙色，每十二秒闪一次。这一页说的是大模型的缓存。" * 3
TRADITIONAL = "燈塔的燈號是紫砂，每十二秒閃一次。這一頁說的是大模型的緩存與訓練。" * 3


def read(data, name="n.txt"):
    return read_bytes(name, data, DEFAULT_LIMITS)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLE + "𠮷野家，㐂，😀，①②③", "gb18030"),
        (TRADITIONAL, "gb18030"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL + "嘅嘢", "big5hkscs"),
        (SIMPLE, "gbk"),
        ("# 燈\n\n燈塔", "utf-8"),
    ],
)
def test_chinese_encodings_are_told_apart(text, encoding):
    note = read(text.encode(encoding))
    assert note.text == text and note.gaps == ()


@pytest.mark.parametrize("name", ["n.txt", "n.md"])
@pytest.mark.parametrize(
    ("before", "bad", "encoding"),
    [
        (SIMPLE, b"\xff", "utf-8"), ("plain English text here. ", b"\xe9", "utf-8"),
        (SIMPLE, b"\0", "utf-8"), (SIMPLE, b"\xff", "gb18030"), (SIMPLE, b"\xe7", "utf-8"),
    ],
)  # fmt: skip
def test_one_bad_byte_loses_no_note(name, before, bad, encoding):
    note = read(before.encode(encoding) + b"\n\nx" + bad + "\n\n结尾。".encode(encoding), name)
    assert before.strip() in note.text and note.text.endswith("结尾。")
    assert "damaged" in note.gaps[0] and "line 3" in note.gaps[0]


def page(head, body=SIMPLE):
    return (
        f"<html><head>{head}<title>T</title></head><body><main><p>{body}</p></main></body></html>"
    )


@pytest.mark.parametrize(
    ("head", "encoding", "body"),
    [
        ("<meta charset=iso-8859-1>", "utf-8", SIMPLE),
        ("<meta charset=utf-8>", "gb18030", SIMPLE),
        ("<meta charset=gb2312>", "gb18030", SIMPLE + "镕喆㐂"),
        ('<meta http-equiv="Content-Type" content="charset=gbk">', "gbk", SIMPLE),
        (
            "<script>/* charset=big5 */" + "/* 0 */" * 2000 + "</script><meta charset=gbk>",
            "gbk",
            "灯",
        ),
        ("", "gb18030", SIMPLE),
        ("<meta charset=big5>", "big5", TRADITIONAL),
        ("<meta charset=gbk>", "big5", TRADITIONAL),
        ("<meta charset=utf-16>", "utf-8", SIMPLE),
        ("<meta charset=windows-1252>", "gb18030", SIMPLE),
        ("<meta charset=windows-1252>", "cp1252", "naïve Prüfung – “größer” ähnelt"),
        ("<meta charset=iso-8859-1>", "cp1252", "café – “naïve”"),
        ("<meta charset=gbk>", "gbk", "联通"),
    ],
)
def test_pages_whatever_they_declare(head, encoding, body):
    note = read(page(head, body).encode(encoding), "n.html")
    assert note.text == body and note.gaps == ()


def test_a_page_with_a_few_bad_bytes_is_read_and_said():
    data = page("<meta charset=utf-8>").encode().replace("橙".encode(), b"\xe6\xa9", 1)
    note = read(data, "n.html")
    assert "每十二秒" in note.text and "damaged" in note.gaps[0]


def test_a_binary_file_is_none():
    with pytest.raises(CorpusError):
        read(bytes(range(256)) * 8, "n.md")


def test_main_content_keeps_code_and_tables():
    body = (
        "<nav>Home About</nav><div class='post'><h1>Cache</h1><p>" + "The cache keeps keys. " * 20
        + "</p><pre><code>def f(x):\n    if x:\n        return 1\n</code></pre><table>"
        "<tr><th>model</th><th>layers</th></tr><tr><td>Dengta-S</td><td>17</td></tr></table>"
        "<p>" + "It is small. " * 20 + "</p><pre>pip install x</pre></div><footer>Imprint</footer>"
    )  # fmt: skip
    note = read(f"<html><body>{body}</body></html>".encode(), "n.html")
    assert "def f(x):\n    if x:\n        return 1" in note.text
    assert "| Dengta-S | 17 |" in note.text and "pip install x" in note.text
    assert "Imprint" not in note.text and "Home About" not in note.text


def test_what_is_left_out_of_a_notebook_is_said():
    import json

    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "line\n" * 1000},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "aaaa"}},
    ]
    cell = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "f()"}
    book = {"cells": [cell | {"outputs": outputs}], "metadata": {}, "nbformat": 4,
            "nbformat_minor": 2}  # fmt: skip
    note = read(json.dumps(book).encode(), "n.ipynb")
    assert ["outputs" in note.gaps[0], "Pictures" in note.gaps[1]] == [True, True]
