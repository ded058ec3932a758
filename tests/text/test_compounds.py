"""A hyphened word is one word, and its parts."""

from rag.text.compounds import passage_words, question_words
from rag.text.words import content_words


def test_a_passage_has_both_forms():
    words = passage_words("A cross-encoder re-ranks.")
    assert {"cross", "encod", "crossencod", "rerank"} <= set(words)
    assert passage_words("交叉编码器重排") == content_words("交叉编码器重排")


def test_reranking_and_re_ranking_share_a_word():
    shared = set(passage_words("The re-ranking step")) & set(passage_words("a reranking model"))
    assert "rerank" in shared


def test_a_question_asks_for_a_form_that_is_known():
    assert "crossencod" in question_words("what is a cross-encoder", lambda word: True)
    assert question_words("a cross-encoder", lambda word: False) == content_words("a cross-encoder")
    assert "multiheadattent" not in question_words("multi-head attention", lambda word: True)
