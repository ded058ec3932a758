"""The corpus is sound, and every number that it works out is right."""

import importlib
import math
import pkgutil

import numpy as np
import pytest

import tests.corpus.worked_numbers
from rag.evaluation.corpus.corpus_check import check_notes, rank_questions
from rag.notes.note import Note, Skipped
from rag.readers.corpus import read_corpus
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


def test_a_twin_out_of_step_is_told():
    chinese = HEAD.format(title="KV", alias="键值", before="")
    english = chinese.replace("甲", "B").replace("乙", "A")
    places = {"甲": 0, "A": 0, "乙": 1, "B": 1}

    def embed(texts):
        return np.eye(2, dtype=np.float32)[[places[text] for text in texts]]

    problems = problems_of({"kv.md": chinese, "kv.en.md": english}, embed)
    assert ("kv.md", "the point one is rather the twin's two") in problems


def test_a_notes_question_is_ranked(assistant):
    text = LORA.replace("title:", "questions: [LoRA 的缺点是什么, PPO 需要几个模型]\ntitle:")
    note = read_markdown("lora.md", text.encode())
    ranks = rank_questions([note], assistant.retriever(10).search)
    assert ranks[0].rank == 1
    assert ranks[1].rank is None or ranks[1].rank > 1
