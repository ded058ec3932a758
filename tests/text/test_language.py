import pytest

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


@pytest.mark.parametrize("size", "大高快远宽早")
def test_how_large_carries_no_content_however_it_is_segmented(size):
    assert content_words(f"灯塔的词表有多{size}？") == ["灯塔", "词表"]
    assert "大" in content_words("大模型比小模型多一大截")
