"""The topics of collections, read when practice first asks: every note's front matter for it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from weakref import WeakKeyDictionary

from rag.errors import CorpusError
from rag.index.opened import Index
from rag.notes.note import Note
from rag.notes.topic import Topic, original_of, taught_by, topic_of, twin_of
from rag.readers import suffixes_with_front_matter

_FRONT_MATTER = suffixes_with_front_matter()  # only notes of these formats are opened


class Catalogue:
    """Topics by open index, kept as long as that is open. Safe to share between threads.

    Args:
        read: one note, by collection and path; raises `CorpusError` where it is gone.
        beside: what a learner keeps beside a note, by collection and path; {} where nothing.
    """

    def __init__(
        self, read: Callable[[str, str], Note], beside: Callable[[str, str], Mapping[str, Any]]
    ) -> None:
        self._read = read
        self._beside = beside
        self._lock = threading.Lock()
        self._known: WeakKeyDictionary[Index, tuple[Topic, ...]] = WeakKeyDictionary()

    def topics_of(self, collection: str, index: Index, named: bool) -> list[Topic]:
        """The topics of one collection's own index, in order of path.

        Args:
            named: the topics tell their collection, as citations do in the company of others.
        """
        with self._lock:
            found = self._known.get(index)
            if found is None:
                found = self._known[index] = tuple(self._topics(collection, index))
        # A sidecar may have changed since: it is none of the index's.
        found = tuple(self._with_own(collection, topic) for topic in found)
        return [replace(topic, collection=collection) if named else topic for topic in found]

    def _with_own(self, collection: str, topic: Topic) -> Topic:
        if topic.points:
            return topic
        try:
            kept = self._beside(collection, topic.note)
        except CorpusError:
            return topic
        return taught_by(topic, kept) if kept else topic

    def _topics(self, collection: str, index: Index) -> Iterator[Topic]:
        for path in sorted(index.notes):
            if original_of(path) in index.notes:
                continue  # told in the other language by the note it is the twin of
            if PurePosixPath(path).suffix.lower() in _FRONT_MATTER:
                try:
                    twin = twin_of(path)
                    other = self._read(collection, twin) if twin in index.notes else None
                    yield topic_of(self._read(collection, path), other)
                except CorpusError:  # gone since it was indexed
                    continue
            elif chunks := index.store.of_notes([path]):
                yield Topic(path, str(chunks[0].metadata["title"]))
