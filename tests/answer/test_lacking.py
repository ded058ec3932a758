"""What the notes lack is said by name, and only where it is so."""

import pytest


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("什么是 LightLLM？", "笔记里没有提到 LightLLM。"),
        ("How does LightLLM schedule requests?", "The notes do not mention LightLLM."),
    ],
)
def test_a_named_thing_that_no_note_mentions(assistant, question, said):
    answer = assistant.answer(question)
    assert answer.abstained and answer.sentences[0].text == said
    assert answer.nearest and not answer.citations


def test_another_abstention_claims_no_such_thing(assistant):
    answer = assistant.answer("今天北京天气怎么样？")
    assert answer.abstained and "提到" not in answer.text
