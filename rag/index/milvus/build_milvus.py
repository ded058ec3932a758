"""Notes → Milvus, incrementally: only the chunks of changed notes are deleted, embedded and sent.

Beside the engine one SQLite file is kept in the index folder (`milvus_state.py`). Unlike the
local index there are no generations: whoever asks during a build sees some notes anew and some as
they were, and a killed build is continued by the next one.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from langchain_core.documents import Document

from rag.embedding.embedder import Embedder
from rag.embedding.vector_cache import embed_cached
from rag.errors import IndexUnusable
from rag.index.authored_keys import AuthoredKeys
from rag.index.build_report import BuildProgress, BuildReport
from rag.index.building import Scan, exclusive
from rag.index.chunking import chunk_note
from rag.index.documents import chunk_id, embedding_text
from rag.index.generations import FORMAT as FILES_FORMAT
from rag.index.generations import OTHER_FORMAT
from rag.index.milvus.milvus_state import STATE, MilvusState
from rag.index.milvus.milvus_store import MilvusStore
from rag.index.milvus.milvus_words import MilvusWords, word_counts
from rag.index.opened import Index
from rag.index.summary import remember_look
from rag.notes.note import Note, Skipped
from rag.text.compounds import passage_words

WINDOW = 64  # notes sent at a time; the state is written after each window
# 2: rows have their partition in their key; before, one note set could replace another's rows.
# 3: a Milvus collection of its own for each dimension of vectors.
FORMAT = f"{FILES_FORMAT}.3"


def build_milvus(
    folder: Path,
    store: MilvusStore,
    entries: Iterable[Note | Skipped],
    embedder: Embedder,
    chunk_tokens: int,
    progress: BuildProgress = lambda stage, done, total: None,
    may_be_empty: bool = False,
) -> BuildReport:
    """Bring the store's note set in line with the notes.

    Raises:
        CorpusError: no note could be read, unless that may be.
        IndexUnusable: another process is building this index.
    """
    with exclusive(folder), closing(MilvusState(folder)) as state:
        began = time.time()
        report = _build(
            folder, store, state, entries, embedder, chunk_tokens, progress, may_be_empty
        )
        remember_look(folder, began, report.skipped)
        return report


def _build(
    folder: Path,
    store: MilvusStore,
    state: MilvusState,
    entries: Iterable[Note | Skipped],
    embedder: Embedder,
    chunk_tokens: int,
    progress: BuildProgress,
    may_be_empty: bool,
) -> BuildReport:
    before = state.notes()
    made = f"{embedder.model_id} {embedder.dimension()} {chunk_tokens}"
    kept = before
    if (state.fact("made"), state.fact("format")) != (made, FORMAT):
        store.delete_everywhere()
        state.clear()
        state.set_facts(made=made, format=FORMAT)
        kept = {}
    scan = Scan(entries, kept, progress)
    cache = folder.parent / "embeddings.sqlite"
    embedded = 0
    for window in _windows(scan.changed()):
        embedded += _send(store, state, window, kept, embedder, chunk_tokens, cache)
        progress("embed", len(scan.notes), 0)
    if gone := kept.keys() - scan.notes.keys():
        words = word_counts(store.words_of_notes(gone))
        store.delete_notes(gone)
        state.change(gone, {}, Counter({word: -count for word, count in words.items()}))
    if not state.size() and not may_be_empty:
        raise scan.nothing_found()
    scan.authored(embedder, cache).save(folder)
    state.set_facts(generation=str(int(state.fact("generation") or 0) + 1))
    return scan.report(before, state.size(), embedded)


def _windows(notes: Iterator[Note]) -> Iterator[list[Note]]:
    window: list[Note] = []
    for note in notes:
        window.append(note)
        if len(window) == WINDOW:
            yield window
            window = []
    if window:
        yield window


def _send(
    store: MilvusStore,
    state: MilvusState,
    window: list[Note],
    kept: dict[str, str],
    embedder: Embedder,
    chunk_tokens: int,
    cache: Path,
) -> int:
    """Replace the chunks of some notes; how many texts were really embedded."""
    chunks: list[Document] = []
    new: dict[str, tuple[str, int]] = {}
    for note in window:
        own = chunk_note(note, embedder.count_tokens, chunk_tokens)
        new[note.path] = (note.content_hash, len(own))
        chunks.extend(own)
    texts = [embedding_text(chunk) for chunk in chunks]
    vectors, embedded = embed_cached(texts, embedder, cache)
    replaced = [note.path for note in window if note.path in kept]
    words = word_counts(passage_words(text) for text in texts)
    if replaced:
        words.subtract(word_counts(store.words_of_notes(replaced)))
        store.delete_notes(replaced)
    store.add_vectors(chunks, vectors, [chunk_id(chunk) for chunk in chunks])
    state.change([], new, words)
    return embedded


def milvus_generation(folder: Path) -> str:
    """Changes with every build.

    Raises:
        IndexUnusable: nothing has been sent yet.
    """
    if (folder / STATE).is_file():
        with closing(MilvusState(folder)) as state:
            if number := state.fact("generation"):
                return f"milvus-{number}"
    raise IndexUnusable("These notes are not indexed yet; run `rag index`.")


def load_milvus(folder: Path, store: MilvusStore, embedder: Embedder) -> Index:
    """The note set as an `Index`, for everything that takes one.

    Raises:
        IndexUnusable: nothing has been sent yet, or by another embedding model or version.
    """
    generation = milvus_generation(folder)
    state = MilvusState(folder)
    if state.fact("format") != FORMAT:
        raise IndexUnusable(OTHER_FORMAT)
    model, dimension = [*(state.fact("made") or "").rsplit(" ", 2), "", ""][:2]
    if model != embedder.model_id:
        raise IndexUnusable(
            f"This index was built by the embedding model '{model}', the settings name "
            f"'{embedder.model_id}'; run `rag index` or change the setting."
        )
    if dimension != str(embedder.dimension()):
        raise IndexUnusable(
            f"The embedding model '{model}' gave {dimension} numbers a text when this index was "
            f"built and gives {embedder.dimension()} now; run `rag index`."
        )
    keys = AuthoredKeys.load(folder)
    return Index(store, MilvusWords(store, state), generation, state.notes(), keys)
