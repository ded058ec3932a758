import time

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.index.chunking import chunk_note
from rag.index.documents import embedding_text
from rag.readers.formats.markdown import read_markdown
from rag.readers.formats.plain_text import read_text
from tests.conftest import KV, LORA

PIECES = st.lists(
    st.sampled_from(
        ["# 标题\n", "## Part\r\n", "一句话。两句话!", "Plain text. More text. ", "- item\n- b\n",
         "| a | b |\n|---|---|\n| 1 | 2 |\n", "```py\nx = 1\n```\n", "$$\nx^2\n$$\n", "\n\n", "\r",
         "---\n", "<script>x</script>\n", "\0", "\ufeff", "> quote\n", "1. one\n2. two\n"]
    ) | st.text(max_size=40),
    max_size=25,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(PIECES)
@example([" 0000000000", "000000000", "00000000000"])  # a cut after nothing but white space
def test_every_chunk_is_an_exact_span(pieces):
    text = "".join(pieces).replace("\0", "")  # a NUL is refused as binary
    if not text.strip():
        return
    for reader in (read_markdown, read_text):
        note = reader("n.md", text.encode("utf-8", "ignore"))
        for chunk in chunk_note(note, len, 30):
            meta = chunk.metadata
            assert note.text[meta["start"] : meta["end"]] == chunk.page_content != ""


def test_headings_become_a_path_and_title_comes_from_front_matter():
    note = read_markdown("a/lora.md", LORA.encode())
    chunks = chunk_note(note, len, 60)
    assert note.title == "LoRA 低秩适配"
    assert ["LoRA 低秩适配", "缺点"] in [chunk.metadata["headings"] for chunk in chunks]
    assert embedding_text(chunks[-1]).startswith("LoRA 低秩适配 > 缺点\n")


def test_tables_and_code_are_not_cut():
    for text, whole in (
        (LORA, "| LoRA | 约 0.1% |\n| 全参数微调 | 100% |"),
        (KV, "cache = {}\n\ndef"),
    ):
        chunks = chunk_note(read_markdown("n.md", text.encode()), len, 50)
        assert any(whole in chunk.page_content for chunk in chunks)


def test_long_paragraph_is_cut_between_chinese_sentences():
    text = "第一句讲注意力。" * 30
    chunks = chunk_note(read_markdown("n.md", text.encode()), len, 40)
    assert len(chunks) > 3
    assert all(chunk.page_content.endswith("。") for chunk in chunks)
    assert "".join(chunk.page_content for chunk in chunks) == text


def test_a_long_list_of_words_is_cut_and_takes_no_long(embedder):
    """Each word counted as no token once: one chunk for them all, in quadratic time."""
    for word in ("KV", "\u200b"):
        note = read_text("n.txt", f"{word}\n\n".encode() * 5_000)
        began = time.process_time()
        chunks = chunk_note(note, embedder.count_tokens, 220)
        assert time.process_time() - began < 5
        assert 5_000 / 220 <= len(chunks) <= 50
        assert embedder.count_tokens(word) == 1
    note = read_text("n.txt", b"x\n\n" * 40_000)
    began = time.process_time()
    assert len(chunk_note(note, lambda text: 0, 220)) == 1
    assert time.process_time() - began < 5
