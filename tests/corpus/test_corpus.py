"""The corpus is sound, and every number that it works out is right."""

import importlib
import math
import pkgutil

import pytest
from rag.evaluation.corpus_check import check_notes, rank_questions

import tests.corpus.worked_numbers
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
    assert not [entry for entry in entries if isinstance(entry, Skipped)]
    notes = [entry for entry in entries if isinstance(entry, Note)]
    assert len(notes) >= 100
    assert check_notes(notes) == []


def test_a_poor_note_is_told_what_is_wrong():
    one = read_markdown("lora.md", LORA.replace("title:", "aliases: [KV]\ntitle:").encode())
    two = read_markdown("kv.md", b"---\ntitle: KV\nprerequisites: [gone.md]\n---\n# KV\n")
    problems = {(item.note, item.text) for item in check_notes([one, two])}
    assert ("kv.md", "the name 'kv' is also that of lora.md") in problems
    assert ("kv.md", "the prerequisite gone.md does not exist") in problems
    assert ("lora.md", "`key_points` is missing") in problems


def test_a_notes_question_is_ranked(assistant):
    text = LORA.replace("title:", "questions: [LoRA 的缺点是什么, PPO 需要几个模型]\ntitle:")
    note = read_markdown("lora.md", text.encode())
    ranks = rank_questions([note], assistant.retriever(10).search)
    assert ranks[0].rank == 1
    assert ranks[1].rank is None or ranks[1].rank > 1
