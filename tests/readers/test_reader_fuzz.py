"""Damaged files never break a run, and whatever is read keeps its spans."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.evaluation.samples import WRITERS, Section
from rag.index.chunking import chunk_note
from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes
from tests.benchmarks.fuzz_readers import fuzz

# Words without Markdown's or HTML's marks, so that each must come out as it went in.
WORD = st.text("abcdefgh0123456789注意力机制大模型训练缓存", min_size=1, max_size=8)
SENTENCE = st.lists(WORD, min_size=1, max_size=8).map(lambda words: "x " + " ".join(words) + "。")
SECTIONS = st.lists(
    st.builds(
        Section,
        heading=WORD.map(lambda word: f"题 {word}"),
        paragraphs=st.lists(SENTENCE, max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=4,
)
FORMATS = {name: pair for name, pair in WRITERS.items() if name not in {"zip", "web page"}}


@pytest.mark.slow
def test_200_damaged_files():
    tally = fuzz(200, seed=7)
    assert sum(tally.tried.values()) == 200
    # Some of every format are still good enough to read; otherwise nothing was tried.
    assert set(tally.read) == set(WRITERS)
    assert sum(tally.refused.values()) > 20


@settings(max_examples=15, deadline=None)
@given(SECTIONS)
@example([Section("题 0", ())] * 3)  # the same on every page, yet no running header
def test_what_goes_in_comes_out_as_exact_spans(sections):
    for name, (suffix, write) in FORMATS.items():
        data = write(sections)
        note = read_bytes(f"n{suffix}", data, DEFAULT_LIMITS)
        assert read_bytes(f"n{suffix}", data, DEFAULT_LIMITS) == note
        chunks = chunk_note(note, len, 60)
        for chunk in chunks:
            meta = chunk.metadata
            assert note.text[meta["start"] : meta["end"]] == chunk.page_content != ""
        said = " ".join(
            " ".join([*chunk.metadata["headings"], chunk.page_content]) for chunk in chunks
        )
        for section in sections:
            for word in " ".join((section.heading, *section.paragraphs)).split():
                assert squeezed(word) in squeezed(said), (name, word)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([suffix for suffix, _ in FORMATS.values()]))
def test_any_bytes_are_read_or_refused(data, suffix):
    from rag.errors import CorpusError

    try:
        note = read_bytes(f"n{suffix}", data, DEFAULT_LIMITS)
    except CorpusError as error:
        assert str(error).endswith((".", "OCR on it, for example ocrmypdf."))
    else:
        assert all(note.text[block.start : block.end].strip() for block in note.blocks)


def squeezed(text: str) -> str:
    """Without spaces: a PDF has lines, not spaces, and may break a word over two."""
    return "".join(text.split())
