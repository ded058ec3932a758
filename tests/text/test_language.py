import pytest

from rag.answer.abstention.signals import is_open
from rag.text.words import content_words


@pytest.mark.parametrize(
    "formula", ["√dk", "根号dk", "sqrt(d_k)", r"$\sqrt{d_k}$", r"\sqrt{d_{k}}"]
)
def test_a_formula_is_found_however_it_is_written(formula):
    assert content_words(f"除以{formula}") == ["除以", "sqrt", "dk"]


def test_names_with_underscores_keep_their_parts():
    assert content_words("max_len top_p") == ["max", "len", "top", "p"]


def test_what_the_segmenter_guesses_from_particles_is_no_word():
    assert content_words("SFT数据要多少条才够") == ["sft", "数据", "条", "才", "够"]
    assert "苏剑林" in content_words("苏剑林提出 RoPE")


@pytest.mark.parametrize(
    ("question", "opened"),
    [
        ("lora rank 选多大合适", True),
        ("切块要不要重叠", True),
        ("bf16和fp16该用哪个", True),
        ("when is speculative decoding not worth it", True),
        ("deepseek公司有多少员工", False),
        ("LoRA 是哪一年提出的", False),
        ("How many GPUs trained GPT-4?", False),
    ],
)
def test_what_asks_for_advice_is_told_from_what_asks_for_a_fact(question, opened):
    assert is_open(question) is opened
