"""A draft of a note's key points: by the coach's model, else from headings and sentences."""

from dataclasses import replace

from rag.errors import CorpusError
from rag.notes.note_key import note_key
from rag.notes.topic import Topic
from rag.practice.coach import Coach
from rag.practice.own.drafted_points import DraftedPoints, drafted
from rag.practice.own.drafted_topic import drafted_by_sections, joined
from rag.practice.own.model_draft import drafted_by
from rag.text.language import Language


def draft_of(coach: Coach, topic: Topic, language: Language = "zh") -> DraftedPoints:
    """Draft the key points and questions of a topic's note. Errors as in the two ways.

    Args:
        language: a model drafts from the note in this language, where it has a twin; what the
            other one says comes from its headings and sentences.
    """
    if coach.model is None:
        return drafted_by_sections(topic, coach.index)
    notes = [topic.note, topic.twin] if topic.twin else [topic.note]
    asked = topic.twin if language == "en" and topic.twin else topic.note
    found = []
    for note in sorted(notes, key=lambda note: note != asked):
        documents = coach.index.store.of_notes([note_key(topic.collection, note)])
        told = replace(topic, title=topic.name("en" if note == topic.twin else "zh"))
        if note == asked:
            found.append(drafted_by(coach.model, told, documents))
        else:
            try:
                found.append(drafted(told, documents))
            except CorpusError:  # the one that is asked in says enough
                continue
    return joined(found)
