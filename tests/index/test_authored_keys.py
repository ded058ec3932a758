"""Questions and key points of notes as further keys of the index."""

import numpy as np
import pytest

from rag.index.authored_keys import AuthoredKeys, KeyCollector, joined_keys, stating_span
from rag.notes.topic import topic_of
from rag.readers.formats.markdown import read_markdown
from rag.search.hybrid import HybridRetriever

NOTE = """---
title: LoRA
aliases: [低秩适配]
key_points:
  - {id: init, text: A 随机、B 取零，使训练开始时更新量为零, section: 初始化, weight: must}
  - {id: gone, text: 这一点正文里完全没有讲到任何内容, section: 初始化, weight: good}
questions:
  - {text: 矩阵怎么初始化, points: [init, gone]}
---
# LoRA

LoRA 冻结权重。

## 初始化

先看两个矩阵。A 用随机初始化、B 取零，于是训练开始时更新量为零。

## 代价

训练仍要保存激活值。
"""


@pytest.fixture
def note():
    return read_markdown("lora.md", NOTE.encode())


def test_a_point_knows_the_sentence_that_states_it(note):
    point, unsaid = topic_of(note).points
    span = stating_span(note, point)
    assert span is not None
    assert note.text[slice(*span)] == "A 用随机初始化、B 取零，于是训练开始时更新量为零。"
    assert stating_span(note, unsaid) is None


def test_keys_are_kept_and_joined(note, tmp_path):
    collector = KeyCollector()
    collector.add(note)
    keys = collector.keys(*[lambda texts: np.eye(len(texts), 4)] * 2)
    assert [key.points for key in keys.questions] == [(0,)]  # what no sentence states is no key
    keys.save(tmp_path)
    again = AuthoredKeys.load(tmp_path)
    assert again.points == keys.points and again.names == keys.names
    both = joined_keys({"one": again, "two": again})
    assert [key.note for key in both.questions] == ["one//lora.md", "two//lora.md"]
    assert [key.points for key in both.questions] == [(0,), (1,)]
    assert np.allclose(both.question_cosines(np.array([1, 0, 0, 0])), [1, 1])


def test_a_like_question_brings_the_section_that_answers_it(assistant, corpus):
    (corpus / "lora.md").write_text(NOTE, encoding="utf-8")
    assistant.build()
    first = HybridRetriever.over(assistant.index()).search("两个矩阵初始化怎么做", 3)[0]
    assert first.document.metadata["headings"][-1] == "初始化" and first.asked > 0.3


def test_further_ways_to_ask_are_searched_and_nobody_is_examined_by_them():
    asked = NOTE.replace(
        "---\n# LoRA",
        'also_asked:\n  - {text: "lora 为啥一开始不影响输出", points: [init]}\n---\n# LoRA',
    )
    note = read_markdown("lora.md", asked.encode())
    collector = KeyCollector()
    collector.add(note)
    assert collector.question_texts == ["矩阵怎么初始化", "lora 为啥一开始不影响输出"]
    assert topic_of(note).questions == ("矩阵怎么初始化",)
