"""A learner's own note that names neither key points nor questions, with drafts of both."""

from dataclasses import replace

from rag.errors import CorpusError
from rag.index.opened import Index
from rag.notes.note_key import note_key
from rag.notes.topic import Topic
from rag.practice.own.drafted_points import drafted


def with_draft(topic: Topic, index: Index) -> Topic:
    """The topic with points and questions drafted from its sections; as it is where it has its
    own, was typed, or says too little."""
    if topic.free or topic.points or topic.asked:
        return topic
    try:
        draft = drafted(topic, index.store.of_notes([note_key(topic.collection, topic.note)]))
    except CorpusError:
        return topic
    return replace(topic, points=draft.points, asked=draft.questions, draft=True)
