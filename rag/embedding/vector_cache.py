"""Vectors by content hash in SQLite: no text is embedded twice by the same model.

It also makes a killed `rag index` cheap to repeat: what was embedded stays embedded.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from random import Random

import numpy as np

from rag.embedding.embedder import BATCH, Embedder
from rag.embedding.shipped_vectors import shipped
from rag.errors import RagError, os_reason
from rag.storage.sqlite import open_journalled


def embed_cached(
    texts: Sequence[str],
    embedder: Embedder,
    cache: Path,
    progress: Callable[[int], None] = lambda done: None,
    optional: bool = False,
    queries: bool = False,
) -> tuple[np.ndarray, int]:
    """Vectors of `texts`, shape `(len(texts), dimension)`, and how many were really embedded.

    Args:
        progress: called with the number of texts done since the last call.
        optional: do without a cache that cannot be used (a read-only or full disk, a damaged file).
        queries: the texts are questions (E5 and its kin embed these otherwise than passages).

    Raises:
        RagError: the cache cannot be written (disk full).
        ModelError: the embedding model fails.
    """
    keys = [content_key(text, queries) for text in texts]
    embed = embedder.embed_queries if queries else embedder.embed_documents
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with closing(open_journalled(cache)) as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (model TEXT, text BLOB, vector BLOB, "
                "PRIMARY KEY (model, text)) WITHOUT ROWID"
            )
            known = _known(database, embedder.model_id, keys)
            absent = [key for key in keys if key not in known]
            ours = shipped(embedder.model_id, absent)
            known.update((key, vector.tobytes()) for key, vector in ours.items())
            progress(sum(1 for key in keys if key in known))
            missing = list(
                {
                    key: text for key, text in zip(keys, texts, strict=True) if key not in known
                }.items()
            )
            missing.sort(key=lambda item: len(item[1]))  # batches of like lengths
            starts = list(range(0, len(missing), BATCH))
            Random(0).shuffle(starts)  # else the time left is guessed from the short ones
            for start in starts:
                batch = missing[start : start + BATCH]
                vectors = embed([text for _, text in batch])
                rows = [
                    (embedder.model_id, key, np.asarray(vector, np.float32).tobytes())
                    for (key, _), vector in zip(batch, vectors, strict=True)
                ]
                with database:
                    database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
                known.update((key, vector) for _, key, vector in rows)
                progress(len(batch))
            embedded = len(missing) + _same_size(known, keys, texts, embedder, embed, database)
    except (sqlite3.Error, OSError) as error:
        if optional:
            return np.asarray(embed(list(texts)), np.float32), len(texts)
        raise RagError(f"The embedding cache {cache} cannot be used: {_reason(error)}.") from error
    matrix = [np.frombuffer(known[key], np.float32) for key in keys]
    return (np.stack(matrix) if matrix else np.zeros((0, 0), np.float32)), embedded


def content_key(text: str, query: bool = False) -> bytes:
    """What a text's vector is kept under; a question's is another than the same words' as text."""
    told = f"query\0{text}" if query else text
    return sha256(told.encode("utf-8", "surrogatepass")).digest()


def _same_size(
    known: dict[bytes, bytes],
    keys: list[bytes],
    texts: Sequence[str],
    embedder: Embedder,
    embed: Callable[[list[str]], list[list[float]]],
    database: sqlite3.Connection,
) -> int:
    """Embed again what an earlier model of the same name left in another dimension; how many."""
    wanted = embedder.dimension() if keys else None
    if wanted is None and len({len(known[key]) for key in keys}) < 2:
        return 0
    size = 4 * (wanted or len(embedder.embed_query("size")))
    stale = {k: t for k, t in zip(keys, texts, strict=True) if len(known[k]) != size}
    if not stale:
        return 0
    vectors = embed(list(stale.values()))
    rows = [
        (embedder.model_id, key, np.asarray(vector, np.float32).tobytes())
        for key, vector in zip(stale, vectors, strict=True)
    ]
    with database:
        database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
    known.update((key, vector) for _, key, vector in rows)
    return len(rows)


def _reason(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        return os_reason(error, "set RAG_DATA_DIR to another folder")
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return f"{error}; free some space"
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return f"{error}; delete it, it is made again"
    return f"{error}; correct its permissions, or delete it"


def _known(database: sqlite3.Connection, model: str, keys: list[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        marks = ",".join("?" * len(part))
        query = f"SELECT text, vector FROM vectors WHERE model = ? AND text IN ({marks})"
        found.update(database.execute(query, [model, *part]).fetchall())
    return found
