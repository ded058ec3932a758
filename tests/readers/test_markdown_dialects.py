"""What programs have added to Markdown: their boxes are text, their marks are not."""

import json

import pytest

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes


def read(text, name="n.md"):
    return read_bytes(name, text.encode(), DEFAULT_LIMITS)


def kinds(note):
    return {note.text[block.start : block.end]: block.kind for block in note.blocks}


@pytest.mark.parametrize(
    "opened",
    [
        '!!! note "Look"\n',
        "!!! warning\n\n",
        '??? tip "More"\n\n',
        '=== "Linux"\n\n',
        "???+ note\n",
    ],
)
def test_what_is_indented_below_an_admonition_is_text(opened):
    text = f"# T\n\n{opened}    The lamp is amber.\n\n    - one\n    - two\n\nAfter it.\n"
    assert {
        "The lamp is amber.": "text",
        "    - one\n    - two": "list",
        "After it.": "text",
    }.items() <= (kinds(read(text)).items())


def test_code_in_an_admonition_is_code_and_so_is_indented_text_elsewhere():
    note = read("!!! note\n\n    See:\n\n    ```py\n    x = 1\n    ```\n\nBut:\n\n    y = 2\n")
    found = kinds(note)
    assert found["See:"] == "text" and found["    y = 2"] == "code"
    assert any(kind == "code" and "x = 1" in text for text, kind in found.items())
    assert kinds(read("=== no tab\n\n    y = 2\n"))["    y = 2"] == "code"


def test_directives_that_hold_text_are_text():
    note = read("```{note} Look\n:class: x\nThe lamp is amber.\n```\n\n```{code} py\nx = 1\n```\n")
    assert kinds(note)["The lamp is amber."] == "text"
    assert [kind for text, kind in kinds(note).items() if "x = 1" in text] == ["code"]


@pytest.mark.parametrize("fence", [":::info", "::: {.callout-note}", "::::", ":::{tip}"])
def test_lines_of_colons_are_no_text(fence):
    note = read(f"First.\n{fence}\nThe lamp is amber.\n:::\nLast.\n")
    assert list(kinds(note)) == ["First.", "The lamp is amber.", "Last."]


def test_marks_of_programs_are_not_read():
    note = read(
        "[TOC]\n\n# Lamp {#sec-lamp .unnumbered}\n\n- The lamp is amber.\n  id:: "
        "64f0a1b2-1111-2222-3333-444455556666\n  collapsed:: true\n\n[[_TOC_]]\n\n{:toc}\n"
    )
    said = " ".join(note.text[block.start : block.end] for block in note.blocks)
    assert note.title == "Lamp" and "amber" in said
    assert not any(mark in said for mark in ("TOC", "toc", "64f0", "collapsed"))
    assert "id:: 7" in read("The field id:: 7 is a number.").text


def test_code_between_tags_of_jekyll_is_code():
    note = read("{% highlight python %}\nx = 1\n{% endhighlight %}\n\nAfter.\n")
    assert [block.kind for block in note.blocks] == ["code", "text"]


def test_headings_in_html_and_with_odd_signs():
    note = read('<h1 align="center">The <b>Lamp</b></h1>\n\nOne.\n\n<h2>Oil</h2>\n\nTwo.\n')
    assert note.title == "The Lamp"
    assert [block.headings for block in note.blocks] == [("The Lamp",), ("The Lamp", "Oil")]
    for mark in ("#\u00a0", "＃ ", "＃"):
        assert read(f"{mark}灯塔\n\n灯是橙色的。\n").title == "灯塔"


def test_front_matter_in_braces():
    matter = json.dumps({"title": "Lamp", "tags": ["sea"]}, indent=1)
    note = read(f"{matter}\n\nThe lamp is amber.\n")
    assert note.title == "Lamp" and note.meta["tags"] == ["sea"]
    assert [note.text[b.start : b.end] for b in note.blocks] == ["The lamp is amber."]
    assert "lamps" in " ".join(kinds(read('{"lamps": 3}\n\nThe lamp.\n')))


def test_the_number_of_a_page_of_notion_is_no_title():
    name = "Lamp 1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d.md"
    assert read("The lamp is amber.", name).title == "Lamp"


def test_pictures_that_nothing_describes_are_counted():
    note = read(
        "![](a.png) ![image](b.png) ![the lens](c.png) `![](code.png)` ![[d.png|300]] ![[note]]\n\n"
        '<img src="e.png"> <img alt="a lamp" src="f.png">\n\n```\n![](g.png)\n```\n'
    )
    assert note.gaps[0].startswith("4 pictures")
    assert read("The lamp! [x](y)").gaps == ()


def test_code_that_nothing_ends_is_said():
    note = read("First.\n\n```python\nx = 1\n\n## Oil\n\nThe oil is blue.\n")
    assert "line 3" in note.gaps[0] and "The oil is blue." in note.text
    for text in (
        "```\nx\n```",
        "~~~~\nx\n~~~~\n\n",
        "> ```\n> x\n> ```",
        "A.\n\n```\nx\n```\n\nB.",
    ):
        assert read(text).gaps == ()
