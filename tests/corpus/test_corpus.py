"""The corpus is sound, and every number that it works out is right."""

import importlib
import math
import pkgutil

import numpy as np
import pytest

import tests.corpus.worked_numbers
from rag.evaluation.corpus import quantities
from rag.evaluation.corpus.corpus_check import check_notes, check_path, rank_questions
from rag.notes.note import Note, Skipped
from rag.notes.study_path import FILE, study_path_of
from rag.readers.corpus import find_note, read_corpus
from rag.readers.formats.markdown import read_markdown
from tests.conftest import LORA
from tests.places import CORPUS

CASES = [
    case
    for module in pkgutil.iter_modules(tests.corpus.worked_numbers.__path__)
    for case in importlib.import_module(f"tests.corpus.worked_numbers.{module.name}").CASES
]


@pytest.mark.parametrize(("note", "stated", "computed", "value", "tolerance"), CASES)
def test_worked_numbers(note, stated, computed, value, tolerance):
    assert stated in (CORPUS / note).read_text("utf-8")
    assert math.isclose(computed, value, rel_tol=tolerance or 1e-9)


def test_our_notes_have_no_problem():
    entries = list(read_corpus(CORPUS))
    assert not [e for e in entries if isinstance(e, Skipped) and not e.by_choice]
    notes = [entry for entry in entries if isinstance(entry, Note)]
    assert len(notes) >= 100
    assert check_notes(notes) == []
    path = find_note(CORPUS, FILE)
    assert check_path(path, notes) == []
    assert len(study_path_of(path).days) == 14


HEAD = """---
title: {title}
aliases: [{alias}]
prerequisites: [{before}]
key_points:
  - {{id: one, text: 甲}}
  - {{id: two, text: 乙}}
questions:
  - {{text: 讲讲, points: [one]}}
---
# {title}

批量从 8,16 起试。
"""


def problems_of(files, embed=None):
    notes = [read_markdown(path, text.encode()) for path, text in files.items()]
    return {(item.note, item.text) for item in check_notes(notes, embed)}


def test_a_poor_note_is_told_what_is_wrong():
    problems = problems_of({
        "lora.md": LORA.replace("title:", "aliases: [KV]\ntitle:"),
        "kv.md": HEAD.format(title="KV", alias="键值", before="gone.md, a.md"),
        "a.md": HEAD.format(title="A", alias="a2", before="kv.md"),
    })  # fmt: skip
    assert ("kv.md", "the name 'kv' is also that of lora.md") in problems
    assert ("kv.md", "the prerequisite gone.md does not exist") in problems
    assert ("lora.md", "`key_points` is missing") in problems
    assert ("kv.md", "no question asks for two") in problems
    assert any(n == "kv.md" and "half-width comma between numbers" in t for n, t in problems)
    assert any("depends on it in turn" in text for _, text in problems)


def test_a_note_without_a_heading_is_told():
    assert ("c.md", "the body must begin with its one `# title`") in problems_of({"c.md": "甲。"})


def test_a_twin_out_of_step_is_told():
    chinese = HEAD.format(title="KV", alias="键值", before="")
    english = chinese.replace("甲", "B").replace("乙", "A")
    places = {"甲": 0, "A": 0, "乙": 1, "B": 1}

    def embed(texts):
        return np.eye(2, dtype=np.float32)[[places[text] for text in texts]]

    problems = problems_of({"kv.md": chinese, "kv.en.md": english}, embed)
    assert ("kv.md", "the point one is rather the twin's two") in problems


FIRST = """# H100

H100 的显存带宽是 3.35 TB/s，算力另说。DeepSeek-V3 总参数 671B、每个 token 激活 37B。
LLaMA-3-8B 用 15T token 训练。

| 型号 | 显存 | BF16 |
|---|---|---|
| H200 SXM | 141 GB | 989 TFLOPS |
"""
SECOND = """# Other

H100 SXM 的带宽约 2 TB/s。DeepSeek-V3 每个 token 激活 34B。LLaMA-3-8B 用约 15.6T token 训练。
H100 与 A100 的带宽是 9 TB/s。

| 型号 | 显存 | BF16 |
|---|---|---|
| H200 | 120 GB | 约 990 TFLOPS |
"""


def values_of(files):
    return {item for item in problems_of(files) if " is another in " in item[1]}


def test_one_quantity_has_one_value():
    found = values_of({"a.md": FIRST, "b.md": SECOND})
    assert {note for note, _ in found} == {"b.md"}
    told = sorted(text.split(" is another")[0] for _, text in found)
    assert told == [
        "the active parameters of deepseekv3",
        "the memory bandwidth of h100",
        "the memory of h200",
    ]
    assert values_of({"a.md": FIRST, "b.md": FIRST}) == set()
    # Another language of the same note rounds as it likes; two values in one note are its own.
    assert (
        values_of({"a.md": FIRST, "a.en.md": SECOND, "c.md": "H20 带宽 4 TB/s。H20 带宽 3 TB/s。"})
        == set()
    )


def test_a_named_exception_is_let_pass(monkeypatch):
    monkeypatch.setitem(quantities.ALLOWED, ("h100", "memory bandwidth"), "PCIe and SXM")
    assert not any("h100" in text for _, text in values_of({"a.md": FIRST, "b.md": SECOND}))


def test_a_path_of_unknown_notes_is_told():
    text = "---\nindex: false\nstudy_path:\n  days:\n    - {hours: 2, notes: [gone.md]}\n---\n# P\n"
    path = read_markdown(FILE, text.encode())
    assert any("gone.md, which is no note" in item.text for item in check_path(path, []))
    assert check_path(read_markdown(FILE, b"# P\n"), [])[0].text.endswith("with `days`.")


def test_a_notes_question_is_ranked(assistant):
    text = LORA.replace("title:", "questions: [LoRA 的缺点是什么, PPO 需要几个模型]\ntitle:")
    note = read_markdown("lora.md", text.encode())
    ranks = rank_questions([note], assistant.retriever(10).search)
    assert ranks[0].rank == 1
    assert ranks[1].rank is None or ranks[1].rank > 1
