"""Sentences without their Markdown signs."""

import pytest

from rag.text.markup import without_markup


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("0.75 是试出来的折中。", "0.75 是试出来的折中。"),
        ("1. 先去重。", "先去重。"),
        ("2.先去重。", "先去重。"),
        ("3、再过滤。", "再过滤。"),
        ("1、4-bit 量化。", "4-bit 量化。"),
        ("- 1.5B 的模型。", "1.5B 的模型。"),
    ],
)
def test_a_number_that_begins_a_sentence_is_no_list_mark(text, bare):
    assert without_markup(text) == bare
