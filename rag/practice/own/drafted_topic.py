"""A learner's own note that names neither key points nor questions, with drafts of both."""

import threading
from dataclasses import replace
from weakref import WeakKeyDictionary

from rag.errors import CorpusError
from rag.index.opened import Index
from rag.notes.note_key import note_key
from rag.notes.topic import Topic
from rag.practice.own.drafted_points import DraftedPoints, drafted

_lock = threading.Lock()
# A note that is indexed anew is drafted anew: its index is another one.
_drafted: WeakKeyDictionary[Index, dict[tuple[str, ...], DraftedPoints | None]] = (
    WeakKeyDictionary()
)


def with_draft(topic: Topic, index: Index) -> Topic:
    """The topic with points and questions drafted from its sections; as it is where it has its
    own, was typed, or says too little. What was drafted once is kept as long as the index."""
    if topic.free or topic.points or topic.asked:
        return topic
    names = (topic.collection, topic.note, topic.title, topic.twin, topic.name("en"))
    with _lock:
        known = _drafted.setdefault(index, {})
        found, missing = known.get(names), names not in known
    if missing:
        try:
            found = drafted_by_sections(topic, index)
        except CorpusError:
            found = None
        with _lock:
            known[names] = found
    if found is None:
        return topic
    return replace(topic, points=found.points, asked=found.questions, draft=True)


def drafted_by_sections(topic: Topic, index: Index) -> DraftedPoints:
    """A draft from what the note says, and from what its twin says in English: who is asked in a
    language is asked for what the note says in it.

    Raises:
        CorpusError: neither holds a sentence that says something by itself.
    """
    found: list[DraftedPoints] = []
    failed: CorpusError | None = None
    for note, title in ((topic.note, topic.title), (topic.twin, topic.name("en"))):
        if not note:
            continue
        try:
            told = replace(topic, title=title)
            found.append(drafted(told, index.store.of_notes([note_key(topic.collection, note)])))
        except CorpusError as error:
            failed = failed or error
    if not found:
        assert failed is not None
        raise failed
    return joined(found)


def joined(drafts: list[DraftedPoints]) -> DraftedPoints:
    """Drafts of one note in several languages as one: the first tells whose it is."""
    first = drafts[0]
    points = {point.id: point for draft in drafts for point in draft.points}
    asked = {question.text: question for draft in drafts for question in draft.questions}
    quotes = {name: text for draft in drafts for name, text in draft.quotes.items()}
    return replace(
        first, points=tuple(points.values()), questions=tuple(asked.values()), quotes=quotes
    )
