"""Home, library, exercise and the whole frame in a real browser, as a learner meets them."""

import os
from pathlib import Path

import pytest

from tests.live import start_server

pytestmark = pytest.mark.browser

TOPIC = """---
title: {title}
title_en: {title_en}
difficulty: easy
prerequisites: [{before}]
key_points:
  - id: one
    text: {title}保存已生成内容，避免重复计算 $O(n^2)$
    section: 作用
questions:
  - text: {title}有什么作用？
    points: [one]
---
# {title}

{title}是面试常问的主题。

## 作用
{title}保存已生成内容，避免重复计算 $O(n^2)$。

## 代价
{title}的显存占用随序列长度线性增长。
"""
TWIN = """---
title: {title_en}
---
# {title_en}

{title_en} is often asked about.

## Purpose
{title_en} keeps what was generated, so nothing is computed twice.
"""


@pytest.fixture
def address(assistant, corpus):
    """A library of three topics: two in a folder, one after the other, and one elsewhere."""
    folder = corpus / "06-inference"
    folder.mkdir()
    for name, title, title_en, before in (
        ("cache", "键值缓存甲", "Cache A", ""),
        ("paged", "分页缓存乙", "Paged B", "06-inference/cache.md"),
    ):
        told = {"title": title, "title_en": title_en, "before": before}
        (folder / f"{name}.md").write_text(TOPIC.format(**told), encoding="utf-8")
        (folder / f"{name}.en.md").write_text(TWIN.format(**told), encoding="utf-8")
    assistant.build()
    return start_server(assistant)


def shoot(page, name):
    """Keep a picture where SHOTS says, to be looked at."""
    if os.environ.get("SHOTS"):
        page.screenshot(path=Path(os.environ["SHOTS"]) / f"{name}.png")


def test_a_newcomer_gets_from_a_question_to_a_scheduled_topic(page, address):
    clicks = 0

    def click(selector):
        nonlocal clicks
        clicks += 1
        page.click(selector)

    page.goto(address)
    page.wait_for_selector(".first-steps li:nth-child(3)")
    shoot(page, "path-1-home")
    page.fill(".home-ask input", "LoRA 的缺点是什么?")
    click(".home-ask button")
    page.wait_for_selector("#chat .cite-0_1")
    shoot(page, "path-2-answer")
    click("#chat .cite-0_1")
    page.wait_for_selector("#note mark")
    shoot(page, "path-3-passage")
    click("#chat .practise-this")
    page.wait_for_selector("#practice-question h3:has-text('LoRA')")
    assert not page.is_visible("#rating")  # one thing at a time
    page.fill(
        "#explanation textarea", "LoRA 冻结预训练权重，只训练两个低秩矩阵，表达能力受秩的限制。"
    )
    shoot(page, "path-4-explain")
    click("#grade")
    page.wait_for_selector("#result .point")
    shoot(page, "path-5-result")
    click("#tick")
    page.wait_for_selector("#result .score.given")
    page.wait_for_function(
        "document.querySelector('#result .score.given').getBoundingClientRect().top > 0"
    )
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("3")
    assert page.locator("#rating input").nth(2).is_checked()
    click("#rate")
    page.wait_for_selector("#scheduled:has-text('下次复习')")
    page.get_by_role("tab", name="首页").click()
    page.wait_for_selector(".today:has-text('下次复习')")
    assert page.evaluate("window.scrollY") == 0
    page.wait_for_selector(".map .strip .glyph.learned, .map .strip .glyph.weak")
    shoot(page, "path-6-home")
    assert clicks + 1 <= 12


def test_the_map_leads_to_the_library_and_the_library_to_an_exercise(page, address):
    page.goto(address)
    page.click(".folder:has-text('推理与部署') summary")
    levels = page.locator(".folder[open] .path li")
    assert levels.count() == 2  # what needs another topic comes after it
    assert "键值缓存甲" in levels.nth(0).inner_text()
    page.click(".folder[open] .topic:has-text('分页缓存乙')")
    page.wait_for_selector("#read-head h1:has-text('分页缓存乙')")
    page.wait_for_selector(".shelf .topic.open:has-text('分页缓存乙')")
    page.wait_for_selector("#article .recall")
    assert not page.is_visible("#article .point-fold p")
    page.click("#article .recall > summary")
    page.click("#article .point-fold summary:has-text('作用')")
    page.wait_for_selector("#article .point-fold p .katex")
    assert page.locator(".contents a").count() == 2
    page.click("#read-head button:has-text('Read in English')")
    page.wait_for_selector("#read-head h1:has-text('Paged B')")
    page.click("#read-head .link:has-text('键值缓存甲')")  # what it asks to be read first
    page.wait_for_selector("#read-head h1:has-text('键值缓存甲')")
    page.reload()
    page.wait_for_selector("#read-head h1:has-text('键值缓存甲')")  # the address keeps it
    page.fill(".shelf-find", "paged")
    page.wait_for_selector(".shelf .topic:has-text('键值缓存甲')", state="hidden")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.wait_for_selector("#read-head h1:has-text('分页缓存乙')")
    page.click("#read-head button:has-text('练这个')")
    page.wait_for_selector("#practice-question h3:has-text('分页缓存乙有什么作用')")
    assert not page.is_visible("#own-points")  # its author has said what is asked


HEARD = """window.SpeechRecognition = window.webkitSpeechRecognition = class {
  start() { setTimeout(() => this.onresult({ resultIndex: 0,
    results: [Object.assign([{ transcript: `${this.lang} 听到的话` }],
      { isFinal: true })] }), 20); }
  stop() { this.onend(); }
};"""


def test_an_own_notes_points_are_corrected_and_its_answer_is_spoken(page, address, corpus):
    page.add_init_script(HEARD)
    page.goto(f"{address}/?tab=practice")
    page.wait_for_selector("#up-next .topic")
    page.click("#practise-settings > button")
    page.fill("#topic input", "ppo.md")
    page.keyboard.press("Enter")
    page.click("#start")
    page.click("#own-points > button")
    page.wait_for_selector("#own-told:has-text('自动起草')")
    assert "1. PPO 在训练时同时需要" in page.input_value("#own-text textarea")
    assert not page.is_visible("#own-model")  # no model behind an API is set
    page.fill("#own-text textarea", "1. 要四个模型\n没有编号")
    page.click("#own-keep")
    page.wait_for_selector("#own-told .error:has-text('编号')")
    assert not (corpus / "ppo.md.points.yaml").exists()
    page.fill("#own-text textarea", "1. 要四个模型\n? 要几个模型？ (1)")
    page.click("#own-keep")
    page.wait_for_selector("#own-told:has-text('已保存')")
    assert "要几个模型？" in (corpus / "ppo.md.points.yaml").read_text("utf-8")
    assert not page.is_visible("#voice-one")  # off until it is switched on
    page.check(".voice-choice input")
    page.click("#voice-one .dictate")
    page.wait_for_function(
        "document.querySelector('#explanation textarea').value === 'zh-CN 听到的话'"
    )
    page.click("#voice-one .dictate[aria-pressed=true]")
    page.wait_for_selector("#voice-one .dictate[aria-pressed=false]")
    page.get_by_label("English").click()
    page.wait_for_selector("#voice-one:has-text('Read aloud')")
    assert page.is_checked(".voice-choice input")


def test_a_selected_paragraph_can_be_asked_about(page, address):
    page.goto(f"{address}/?tab=read&note=06-inference/cache.md")
    page.wait_for_selector("#article h2")
    page.evaluate(
        "() => { const node = [...document.querySelectorAll('#article p')]"
        ".find((p) => p.textContent.includes('显存占用')); "
        "getSelection().selectAllChildren(node); }"
    )
    page.click("#ask-selected")
    page.wait_for_selector("#question textarea")
    page.wait_for_function(
        "document.querySelector('#question textarea').value.includes('显存占用')"
    )


CHINESE_SEEN = """
window.chineseSeen = 0;
const look = () => {
  const tab = document.querySelector('[role=tab]');
  if (tab?.textContent.includes('首页') && getComputedStyle(tab).visibility === 'visible')
    window.chineseSeen += 1;
  requestAnimationFrame(look);
};
look();
"""


def test_keys_theme_and_language_stay(page, address):
    page.goto(address)
    page.wait_for_selector(".folder")
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#keys", state="hidden")
    page.keyboard.press("/")
    page.wait_for_selector("#question textarea:focus")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_selector("#shelf .topic", state="attached")
    assert "tab=read" in page.url
    page.click("#theme")
    page.wait_for_selector("body.dark")
    page.get_by_label("English").click()
    page.wait_for_selector("[role=tab]:has-text('Read')")
    page.add_init_script(CHINESE_SEEN)
    page.reload()
    page.wait_for_selector("[role=tab]:has-text('Read')")
    page.wait_for_selector("body.dark")
    assert page.get_attribute("html", "lang") == "en"
    assert page.evaluate("window.chineseSeen") < 5  # frames; it was half a second


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")])
def test_every_page_fits_and_has_no_serious_fault_of_access(browser, address, theme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-GB"
    ).new_page()
    page.set_default_timeout(60_000)
    alarms = []
    page.on("pageerror", lambda error: alarms.append(str(error)))
    found = {}

    def examine(name):
        page.wait_for_timeout(400)
        shoot(page, f"axe-{name}-{width}-{theme}")
        result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response
        found[name] = [
            (item["id"], [node["target"] for node in item["nodes"]][:4])
            for item in result["violations"]
            if item["impact"] in {"serious", "critical"}
        ]
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 1, name

    page.goto(address)
    page.wait_for_selector(".folder:has-text('Inference')")
    examine("home")
    page.goto(f"{address}/?tab=ask")
    page.fill("#question textarea", "LoRA 的缺点是什么?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .cite-0_1")
    page.click("#chat .cite-0_1")
    page.wait_for_selector("#note mark")
    examine("ask")
    page.goto(f"{address}/?tab=read&note=06-inference/cache.md")
    page.wait_for_selector("#article h2")
    examine("read")
    page.goto(f"{address}/?tab=practice")
    page.click("#start")
    page.wait_for_selector("#practice-question h3")
    page.fill("#explanation textarea", "它避免重复计算。")
    page.click("#grade")
    page.wait_for_selector("#result .point")
    examine("practise")
    page.goto(f"{address}/?tab=notes")
    page.wait_for_selector("#notes-table [role=gridcell]")
    examine("notes")
    page.context.close()
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert not alarms
