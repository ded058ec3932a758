"""A question finds the text in its language."""

import gc
import weakref

from langchain_core.documents import Document

from rag.answer.retrieved import retrieve
from rag.answer.understanding.resolving import Understood
from rag.search.hybrid import HybridRetriever
from rag.search.twin_sections import with_twins
from rag.search.twins import is_other_language

EN = """---
title: LoRA
---
# LoRA

LoRA freezes the pretrained weights and trains two low-rank matrices. The rank is usually 8 to 64.
"""


def test_of_two_twins_the_questions_language_is_found(assistant, corpus):
    (corpus / "lora.en.md").write_text(EN, encoding="utf-8")
    assistant.build()
    retriever = HybridRetriever.over(assistant.index())
    for question, note, other in (
        ("LoRA 的秩取多少", "lora.md", "lora.en.md"),
        ("What rank does LoRA use?", "lora.en.md", "lora.md"),
    ):
        found = [hit.document.metadata["note"] for hit in retriever.search(question, 6)]
        assert note in found and other not in found


def test_a_note_without_a_twin_is_found_in_any_language():
    notes = {"a.md", "a.en.md", "b.md", "c.en.md"}
    assert is_other_language("a.md", notes, "en") and is_other_language("a.en.md", notes, "zh")
    assert not is_other_language("b.md", notes, "en")
    assert not is_other_language("c.en.md", notes, "zh")
    assert is_other_language("mine//a.md", {"mine//a.md", "mine//a.en.md"}, "en")


SPIKES = """---
title: 损失尖峰
title_en: Loss Spikes
---
# 损失尖峰

训练中损失会突然升高。

## 怎么缓解

跳过那几批数据，从更早的检查点继续。

## 还会怎样

有时几百步以后自己恢复。
"""
SPIKES_EN = """---
title: Loss Spikes
---
# Loss Spikes

The loss may rise suddenly in training.

## What helps

Skip the batches and restart from an earlier checkpoint: that is the usual rollback.

## What else happens

Sometimes it recovers by itself after some hundred steps.
"""
ALONE = """# 检查点

检查点保存参数和优化器状态，训练中断以后从检查点继续。
"""


def test_a_section_is_found_by_a_word_of_its_other_language(assistant, corpus):
    (corpus / "spikes.md").write_text(SPIKES, "utf-8")
    (corpus / "spikes.en.md").write_text(SPIKES_EN, "utf-8")
    (corpus / "alone.md").write_text(ALONE, "utf-8")
    assistant.build()
    index = assistant.index()
    word = next(iter(index.lexical.top(["rollback"], 5)))  # stands in English alone
    assert index.store.fetch([word[0]])[word[0]].metadata["note"] == "spikes.en.md"
    found = with_twins(dict([word]), index.store, index.notes, "zh")
    other = [row for row in found if row != word[0]]
    [section] = index.store.fetch(other).values()
    assert (section.metadata["note"], section.metadata["headings"][-1]) == ("spikes.md", "怎么缓解")
    assert 0 < found[other[0]] < word[1]
    hits = HybridRetriever.over(index).search("rollback 怎么做", 2)  # by meaning “检查点”, too
    places = [
        (hit.document.metadata["note"], hit.document.metadata["headings"][-1]) for hit in hits
    ]
    assert ("spikes.md", "怎么缓解") in places


def test_sections_that_are_not_parallel_lend_nothing(assistant, corpus):
    (corpus / "spikes.md").write_text(SPIKES.split("## 还会")[0], "utf-8")
    (corpus / "spikes.en.md").write_text(SPIKES_EN, "utf-8")
    assistant.build()
    index = assistant.index()
    [word] = index.lexical.top(["rollback"], 5)
    assert with_twins(dict([word]), index.store, index.notes, "zh") == dict([word])


def test_a_part_that_is_but_a_name_is_looked_up_in_the_questions_language(assistant, corpus):
    (corpus / "lora.en.md").write_text(EN, encoding="utf-8")
    assistant.build()
    asked = Understood("LoRA 和 KV cache 都是什么", parts=("LoRA", "KV cache"))
    found = retrieve(asked, assistant.index(), 6).apart["LoRA"]
    notes = [hit.document.metadata["note"] for hit in found]
    assert "lora.md" in notes and "lora.en.md" not in notes


class Store:
    """One note in two languages, a section each."""

    rows = ("a.md", "a.en.md")

    def fetch(self, rows):
        return {
            row: Document("x", metadata={"note": self.rows[row], "headings": ["h"], "start": 0})
            for row in rows
        }

    def rows_of(self, notes):
        return [row for row, note in enumerate(self.rows) if note in notes]


def test_an_index_that_is_closed_is_let_go():
    store = Store()
    assert with_twins({1: 2.0}, store, set(Store.rows), "zh") == {1: 2.0, 0: 1.4}
    seen = weakref.ref(store)
    del store
    gc.collect()
    assert seen() is None
