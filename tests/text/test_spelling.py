"""British and American spellings are one word to the search."""

import pytest

from rag.text.words import content_words


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("quantisation", "quantization"),
        ("quantised", "quantized"),
        ("quantising", "quantize"),
        ("normalisation", "normalization"),
        ("optimiser", "optimizer"),
        ("tokenisers", "tokenizers"),
        ("summarise", "summarize"),
        ("randomised", "randomized"),
        ("minimise", "minimize"),
        ("analyse", "analyze"),
        ("behaviour", "behavior"),
        ("labelled", "labeled"),
        ("modelling", "modeling"),
        ("parallelisable", "parallelizable"),
    ],
)
def test_both_spellings_have_one_stem(british: str, american: str) -> None:
    assert content_words(british) == content_words(american)


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("supervised", "supervise"),
        ("supervised", "supervision"),
        ("precise", "precisely"),
        ("revised", "revision"),
        ("raised", "raise"),
        ("promising", "promises"),
        ("comprises", "comprise"),
    ],
)
def test_an_ending_that_belongs_to_the_word_stays(word: str, form: str) -> None:
    assert content_words(word) == content_words(form)
