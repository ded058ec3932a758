"""A cheap guess at what `mentions` finds, which misses nothing of it."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rag.search.names import mention_guess, mentions

OURS = Path("rag/evaluation/fit/data/natural_questions.jsonl")
NAMES = ["LoRA", "Llama 3", "llama-3", "GPT-4", "C++", "F1", "normalization", "Normalisation",
         "键值缓存", "KV 缓存", "tokenizers", "RAG", "全参数微调", "Ｌｏｒａ"]  # fmt: skip


def test_questions_of_ours():
    for question in OURS.read_text("utf-8").splitlines():
        may = mention_guess(question)
        for name in NAMES:
            assert may(name, name.lower()) or not mentions(question, name)


@given(st.text(max_size=12), st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_written(name, before, after):
    name = name.strip()
    for told in (f"{before} {name} {after}", before + name.upper() + after, after):
        if name and mentions(told, name):
            assert mention_guess(told)(name, name.lower())
