"""The vectors that come with the program are those of its notes."""

from hashlib import sha256

import numpy as np

from rag.embedding import e5
from rag.embedding.shipped_vectors import MODEL, shipped, write
from rag.embedding.vector_cache import content_key, embed_cached
from rag.index.authored_keys import KeyCollector
from rag.index.chunking import chunk_note
from rag.index.documents import embedding_text
from rag.readers.formats.markdown import read_markdown
from rag.settings import load_settings
from tests.places import CORPUS


def digest(text):
    return sha256(text.encode()).digest()


def test_every_section_question_and_point_of_our_notes_has_its_vector():
    collector, texts = KeyCollector(), []
    for path in sorted(CORPUS.rglob("*.md"))[5::25]:
        note = read_markdown(path.relative_to(CORPUS).as_posix(), path.read_bytes())
        collector.add(note)
        tokens = load_settings().chunk_tokens
        texts += [embedding_text(d) for d in chunk_note(note, e5.token_count, tokens)]
    keys = [(content_key(text), text, False) for text in [*texts, *collector.point_texts]]
    keys += [(content_key(text, query=True), text, True) for text in collector.question_texts]
    assert len(keys) > 300
    found = shipped(MODEL, [key for key, _, _ in keys])
    missing = [text[:60] for key, text, _ in keys if key not in found]
    assert missing == [], "run python -m rag.evaluation.corpus.ship_vectors"
    for key, text, query in keys[:: len(keys) // 8]:
        [true] = e5.encode([text], is_query=query)
        assert float(true @ found[key]) > 0.999


def test_another_text_or_model_gets_none():
    assert shipped(MODEL, [digest("not a sentence of our notes, surely")]) == {}
    assert shipped("openai:m", [digest("x")]) == {}


def test_eight_bits_are_enough(tmp_path):
    vectors = np.random.default_rng(0).normal(size=(50, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    write({digest(str(n)): vector for n, vector in enumerate(vectors)}, tmp_path / "v.npz")
    with np.load(tmp_path / "v.npz") as data:
        again = data["values"] * data["scales"][:, None]
    assert (
        np.sum(again * vectors[np.argsort([digest(str(n)) for n in range(50)])], axis=1).min()
        > 0.999
    )


def test_what_is_shipped_is_not_embedded(tmp_path):
    class Never:
        model_id = MODEL

        def embed_documents(self, texts):
            raise AssertionError(texts)

        embed_queries = embed_documents

        def dimension(self):
            return 384

    note = read_markdown("04-finetuning/lora.md", (CORPUS / "04-finetuning/lora.md").read_bytes())
    collector = KeyCollector()
    collector.add(note)
    for texts, queries in ((collector.point_texts, False), (collector.question_texts, True)):
        cache = tmp_path / "cache.sqlite"
        vectors, fresh = embed_cached(texts, Never(), cache, queries=queries)
        assert fresh == 0 and vectors.shape == (len(texts), 384)
