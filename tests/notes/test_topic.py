"""What a note and its English twin teach, in the new form and in the old."""

from rag.notes.topic import original_of, topic_of, twin_of
from rag.readers.formats.markdown import read_markdown

LORA = """---
title: LoRA
key_points:
  - {id: init, text: B 取零, section: 初始化, weight: must}
  - {id: merge, text: 可以合并, section: 推理, weight: good}
questions:
  - {text: 怎么初始化, points: [init]}
  - {text: 讲讲 LoRA, points: [merge, init, gone]}
---
# LoRA
"""
TWIN = """---
title: LoRA (Low-Rank Adaptation)
key_points:
  - {id: merge, text: It can be merged, section: Inference}
  - {id: init, text: B starts at zero, section: Initialisation}
questions:
  - {text: "How is it initialised?", points: [init]}
---
# LoRA (Low-Rank Adaptation)
"""
OLD = """---
key_points: [一, 二]
key_points_en: [one, two]
questions: [问什么]
---
# Old
"""


def read(name, text):
    return read_markdown(name, text.encode())


def test_points_meet_their_english_by_id_whatever_the_order():
    topic = topic_of(read("a/lora.md", LORA), read("a/lora.en.md", TWIN))
    assert [(p.id, p.text, p.text_en, p.section_en) for p in topic.points] == [
        ("init", "B 取零", "B starts at zero", "Initialisation"),
        ("merge", "可以合并", "It can be merged", "Inference"),
    ]
    assert [p.weight for p in topic.points] == ["must", "good"]
    assert topic.twin == "a/lora.en.md" and topic.title_en == "LoRA (Low-Rank Adaptation)"


def test_a_question_is_answered_by_its_own_points_in_its_order():
    topic = topic_of(read("lora.md", LORA), read("lora.en.md", TWIN))
    one, two = topic.questions_in("zh")
    assert [p.id for p in topic.points_of(one)] == ["init"]
    assert [p.id for p in topic.points_of(two)] == ["merge", "init"]  # an unknown id is passed over
    assert [q.text for q in topic.questions_in("en")] == ["How is it initialised?"]


def test_notes_of_the_old_form_are_read_too():
    topic = topic_of(read("old.md", OLD))
    assert topic.key_points == ("一", "二") and topic.key_points_en == ("one", "two")
    assert topic.points_of(topic.asked[0]) == topic.points


def test_the_names_of_twins():
    assert twin_of("a/b.md") == "a/b.en.md" and original_of("a/b.en.md") == "a/b.md"
    assert twin_of("a/b.en.md") == twin_of("a/b.pdf") == original_of("a/b.md") == ""
