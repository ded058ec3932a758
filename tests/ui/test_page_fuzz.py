"""Odd text in notes and in the page's fields: safe HTML, and no handler fails."""

import re

import gradio as gr
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import RagError
from rag.notes.note_key import DEFAULT
from tests.live import small_assistant
from ui import notes_actions
from ui.note_html import inline, note_html

LIVE = re.compile(
    r"<(?:script|img|iframe|svg|object|embed|form|style|link|meta|base)\b|<[^>]* on\w+=|"
    r"<[^>]*(?:href|src)\s*=\s*[\"']?\s*(?:javascript|data):",
    re.IGNORECASE,
)
PIECES = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from([
            "<script>", "</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))",
            "![x](https://e.vil/p)", "<svg onload=a>", "$x$", "$$", "\\(", "\\[", "```",
            "|a|b|\n|-|-|\n",
            "\ue000", "\ue001", "\U000f0000", "\u202e", "\x00", "# ", "- ", "[[x]]", "==a==",
            "\r\n",
            "<a href='data:text/html,x'>", "&lt;script&gt;", "<mark>", "</mark>",
            "---\ntitle: x\n---\n",
        ]),
    ),
    max_size=12,
).map("".join)  # fmt: skip
FUZZ = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(PIECES, st.integers(0, 60), st.integers(0, 60))
@FUZZ
def test_any_note_is_safe_html(text, one, other):
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    assert not LIVE.search(note_html(text, start, end))
    assert not LIVE.search(inline(text))


@pytest.fixture(scope="module")
def small(tmp_path_factory, embedder):
    return small_assistant(tmp_path_factory.mktemp("pagefuzz"), embedder)


@given(PIECES | st.text(max_size=60), st.sampled_from(["zh", "en"]))
@settings(FUZZ, max_examples=25)
def test_odd_names_and_words_on_the_notes_page(small, text, language):
    for run in (
        lambda: notes_actions.collection_view(small, text, language, ""),
        lambda: notes_actions.collection_view(small, DEFAULT, language, text),
        lambda: small.note(text),
        lambda: small.library.registry.get(text),
        lambda: small.answer(text),
        lambda: small.search(text, 3),
    ):
        try:
            run()
        except (RagError, gr.Error) as error:
            assert str(error)
