"""A small library with points, questions and a study path, served for the tests of one file."""

from pathlib import Path
from typing import Any

from rag.assistant import Assistant
from rag.settings import load_settings
from tests.practice.taught import NOTE

OTHER = """---
title: {title}
title_en: {english}
aliases: [{english}]
tags: [{tag}]
key_points:
  - {{id: what, text: "{title}{what} $O(n^2)$", section: 作用}}
  - {{id: cost, text: "{title}的代价是{cost}", section: 代价}}
questions:
  - {{text: {title}有什么作用？, points: [what]}}
  - {{text: {title}的代价是什么？, points: [cost]}}
---
# {title}

## 作用
{title}{what} $O(n^2)$。这样每一步都快得多。

## 代价
{title}的代价是{cost}。序列越长，代价越大。
"""
TWIN = """---
title: {english}
key_points:
  - {{id: what, text: "{english} avoids computing things twice", section: Purpose}}
  - {{id: cost, text: "{english} costs memory", section: Price}}
questions:
  - {{text: "What is {english} for?", points: [what]}}
---
# {english}

## Purpose
{english} avoids computing things twice. Each step is faster for it.

## Price
{english} costs memory. The longer the sequence, the more of it.
"""
TOPICS = (
    ("cache", "键值缓存甲", "Cache A", "避免重复计算", "占用显存"),
    ("paged", "分页缓存乙", "Paged B", "减少显存碎片", "多一层索引"),
    ("prefix", "前缀复用丙", "Prefix C", "复用相同的前缀", "需要保存前缀"),
    ("beam", "束搜索丁", "Beam D", "同时保留多条候选", "计算量成倍增加"),
)
PATH = """---
index: false
study_path:
  title: 三天路线
  title_en: Three days
  days:
    - {title: 缓存, title_en: Caches, hours: 2, notes: [06-inference/paged.md, 06-inference/cache.md]}
    - {title: 解码, title_en: Decoding, hours: 1.5, notes: [06-inference/prefix.md]}
    - {title: 微调, title_en: Tuning, hours: 1, notes: [06-inference/beam.md, lora.md]}
---
"""  # noqa: E501

OWN = """# 投机解码

投机解码是用小模型先猜若干个 token、再由大模型一次并行验证的加速方法。

## 代价
草稿模型要占额外的显存，接受率低时反而变慢。
"""


def taught_assistant(folder: Path, embedder: Any, llm: str = "none") -> Assistant:
    """An assistant over the library, written and indexed under `folder`."""
    notes = folder / "notes"
    (notes / "06-inference").mkdir(parents=True)
    (notes / "lora.md").write_text(NOTE, "utf-8")
    (notes / "STUDY_PATH.md").write_text(PATH, "utf-8")
    for name, title, english, what, cost in TOPICS:
        told = {"title": title, "english": english, "what": what, "cost": cost, "tag": "cache"}
        (notes / "06-inference" / f"{name}.md").write_text(OTHER.format(**told), "utf-8")
        (notes / "06-inference" / f"{name}.en.md").write_text(TWIN.format(**told), "utf-8")
    made = Assistant(load_settings(corpus=notes, data_dir=folder / "data", llm=llm))
    made.embedder = embedder
    made.build()
    return made


def assistant_with_own_note(folder: Path, embedder: Any) -> Assistant:
    """The same with a learner's own note beside, `spec.md`, which has no front matter."""
    made = taught_assistant(folder, embedder)
    (folder / "notes" / "spec.md").write_text(OWN, "utf-8")
    made.build()
    return made
