"""A question finds the text in its language."""

from rag.search.hybrid import HybridRetriever
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
