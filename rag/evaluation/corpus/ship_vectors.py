"""Write the vectors that ship with the program: `python -m rag.evaluation.corpus.ship_vectors`.

Run it after notes were changed; what is cached already is not embedded again.
"""

from collections.abc import Iterator

from rag.answer.abstention.background import reference_texts
from rag.assistant import Assistant
from rag.embedding.shipped_vectors import FILE, write
from rag.embedding.vector_cache import content_key, embed_cached
from rag.index.authored_keys import KeyCollector
from rag.index.chunking import chunk_note
from rag.index.documents import embedding_text
from rag.notes.note import Note
from rag.readers.corpus import read_corpus
from rag.settings import Settings, load_settings


def corpus_texts(
    assistant: Assistant, settings: Settings, collector: KeyCollector
) -> Iterator[str]:
    """All that is embedded as passages for the settings' corpus: sections, key points, and what
    every question is measured against. The questions are left in `collector`."""
    for note in read_corpus(settings.corpus, settings.read_limits):
        if isinstance(note, Note):
            collector.add(note)
            for chunk in chunk_note(note, assistant.embedder.count_tokens, settings.chunk_tokens):
                yield embedding_text(chunk)
    yield from collector.point_texts
    yield from reference_texts()


def main() -> None:
    settings = load_settings(llm="none")
    assistant = Assistant(settings)
    embedder, cache = assistant.embedder, settings.embedding_cache
    collector = KeyCollector()
    texts = list(dict.fromkeys(corpus_texts(assistant, settings, collector)))
    questions = list(dict.fromkeys(collector.question_texts))
    vectors, fresh = embed_cached(texts, embedder, cache)
    asked, fresh_asked = embed_cached(questions, embedder, cache, queries=True)
    fresh += fresh_asked
    keys = [content_key(text) for text in texts]
    keys += [content_key(text, query=True) for text in questions]
    write(dict(zip(keys, [*vectors, *asked], strict=True)))
    print(f"{len(keys)} vectors in {FILE} ({FILE.stat().st_size:,} bytes); {fresh} embedded anew.")


if __name__ == "__main__":
    main()
