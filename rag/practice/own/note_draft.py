"""A draft of a note's key points: by the coach's model, else from headings and sentences."""

from rag.notes.note_key import note_key
from rag.notes.topic import Topic
from rag.practice.coach import Coach
from rag.practice.own.drafted_points import DraftedPoints, drafted
from rag.practice.own.model_draft import drafted_by


def draft_of(coach: Coach, topic: Topic) -> DraftedPoints:
    """Draft the key points and questions of a topic's note. Errors as in the two ways."""
    documents = coach.index.store.of_notes([note_key(topic.collection, topic.note)])
    if coach.model is not None:
        return drafted_by(coach.model, topic, documents)
    return drafted(topic, documents)
