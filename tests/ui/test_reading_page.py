"""The library in a real browser: it stands still, shows where one is, and speaks one language."""

import pytest

from tests.live import start_server

pytestmark = pytest.mark.browser

NOTE = """---
title: 主题{n}
---
# 主题{n}

## 对照

| 方法 | 内容 |
|---|---|
| 甲 | 第{n}种 |

## 代价
显存占用随长度线性增长。
"""


@pytest.fixture
def address(assistant, corpus):
    """A folder of more notes than a screen shows."""
    folder = corpus / "06-inference"
    folder.mkdir()
    for n in range(10, 50):
        (folder / f"n{n}.md").write_text(NOTE.format(n=n), encoding="utf-8")
    assistant.build()
    return start_server(assistant)


def test_the_shelf_stands_still_and_shows_the_open_note(page, address):
    page.set_viewport_size({"width": 1600, "height": 800})
    page.goto(f"{address}/?tab=read")
    page.wait_for_selector(".shelf-folder")
    before = page.locator("#shelf-column").bounding_box()
    page.goto(f"{address}/?tab=read&note=06-inference/n48.md")
    page.wait_for_selector("#article table")
    assert page.locator("#shelf-column").bounding_box() == before
    page.wait_for_function(
        """() => {
          const open = document.querySelector(".shelf .topic.open")?.getBoundingClientRect();
          return open && open.top > 56 && open.bottom < innerHeight;
        }"""
    )
    edges = "(one) => getComputedStyle(one).borderLeftWidth + getComputedStyle(one).borderTopWidth"
    for part in ("table", "thead", "tbody", "tr", "td"):
        assert page.eval_on_selector(f"#article {part}", edges) == "0px0px", part


def test_the_notes_page_speaks_the_chosen_language(page, address):
    page.goto(f"{address}/?tab=notes")
    page.wait_for_selector("#own-note:has-text('点击上表')")
    page.click("#language label:has-text('English')")
    page.wait_for_selector("#own-note:has-text('Click a note')")
    page.click("#notes-table [role=gridcell]:has-text('n10.md')")
    page.wait_for_selector("#own-note h1:has-text('主题10')")
    page.click("#language label:has-text('中文')")
    page.wait_for_selector("#notes-add h2:has-text('添加笔记')")
    assert "主题10" in page.inner_text("#own-note")  # what is read stays
