"""The topics of collections, read when practice first asks: every note's front matter for it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from rag.errors import CorpusError
from rag.index import Index
from rag.notes import Note
from rag.topics import Topic, topic_of

_FRONT_MATTER = {".md", ".markdown"}  # only notes of these formats are opened


class Catalogue:
    """Topics by collection, kept until its index changes. Safe to share between threads.

    Args:
        read: one note, by collection and path; raises `CorpusError` where it is gone.
    """

    def __init__(self, read: Callable[[str, str], Note]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, tuple[Topic, ...]]] = {}  # generation, topics

    def of(self, collection: str, index: Index, named: bool) -> list[Topic]:
        """The topics of one collection's own index, in order of path.

        Args:
            named: the topics tell their collection, as citations do in the company of others.
        """
        with self._lock:
            generation, found = self._known.get(collection, ("", ()))
            if generation != index.generation:
                found = tuple(self._topics(collection, index))
                self._known[collection] = index.generation, found
        return [replace(topic, collection=collection) if named else topic for topic in found]

    def _topics(self, collection: str, index: Index) -> Iterator[Topic]:
        for path in sorted(index.notes):
            if PurePosixPath(path).suffix.lower() in _FRONT_MATTER:
                try:
                    yield topic_of(self._read(collection, path))
                except CorpusError:  # gone since it was indexed
                    continue
            elif chunks := index.store.of_notes([path]):
                yield Topic(path, str(chunks[0].metadata["title"]))
