"""A question is embedded by one thread, whatever the others do."""

import numpy as np
import pytest

from rag.embedding import e5
from rag.openmp import one_thread


class Counting:
    """A library with OpenMP's two calls."""

    def __init__(self):
        self.threads, self.seen = 4, []

    def omp_get_max_threads(self):
        return self.threads

    def omp_set_num_threads(self, count):
        self.threads = count
        self.seen.append(count)


def test_the_threads_come_back_even_after_a_failure():
    library = Counting()
    with pytest.raises(ValueError, match="broken"), one_thread(library):
        assert library.threads == 1
        raise ValueError("broken")
    assert library.seen == [1, 4]


def test_a_library_without_openmp_stays_as_it_is():
    with one_thread(object()):
        pass


def test_a_question_by_one_thread_and_many_texts_by_all(monkeypatch):
    seen = []
    library = e5.engine()._lib

    class Seen:
        _lib = library

        def encode(self, texts, is_query):
            seen.append(library.omp_get_max_threads())
            return np.zeros((len(texts), 384), np.float32)

    monkeypatch.setattr(e5, "_engine", Seen())
    before = library.omp_get_max_threads()
    library.omp_set_num_threads(3)
    try:
        e5.encode(["LoRA 的秩怎么选？"], is_query=True)
        e5.encode(["a text " * 100], is_query=False)
        assert seen == [1, 3]
        assert library.omp_get_max_threads() == 3
    finally:
        library.omp_set_num_threads(before)


def test_the_vectors_are_the_same(monkeypatch):
    texts = ["LoRA 的秩怎么选？", "How does PagedAttention work?"]
    alone = e5.encode(texts, is_query=True)
    monkeypatch.setattr(e5, "FEW_CHARS", 0)
    assert np.array_equal(alone, e5.encode(texts, is_query=True))
