"""What the notes say on a topic: its sections, and the key points that a question asks for."""

from collections.abc import Sequence

from langchain_core.documents import Document

from rag.index.opened import Index
from rag.notes.note_key import note_key
from rag.notes.topic import NoteQuestion, TaughtPoint, Topic
from rag.practice.own.point_ids import is_drafted
from rag.practice.points import KeyPoint, drawn_points, stated_points
from rag.search.hybrid import HybridRetriever
from rag.text.language import Language, detect_language
from rag.text.words import content_words

FEWEST_POINTS = 2  # of a typed topic


def points_of(
    index: Index, topic: Topic, language: Language = "zh", asked: NoteQuestion | None = None
) -> tuple[list[Document], list[KeyPoint]]:
    """What the notes say on a topic in a language, and the key points that a question of it
    asks for (None: all)."""
    if topic.free:
        documents = _near(index, topic)
        return documents, drawn_points(documents, index.lexical)
    english = language == "en" and bool(topic.twin)
    note = topic.twin if english else topic.note
    documents = index.store.of_notes([note_key(topic.collection, note)])
    wanted = topic.points_of(asked) if asked else _told_in(topic, language)
    stated = stated_points(wanted, documents, english)
    return documents, stated or drawn_points(documents, index.lexical)


def _told_in(topic: Topic, language: Language) -> Sequence[TaughtPoint]:
    """The points that a note makes in a language, where it and its twin were drafted apart. What
    somebody wrote asks for all of it: a point may be a name, in whatever language."""
    drafted = topic.draft or all(is_drafted(point.id) for point in topic.points)
    if not topic.twin or not drafted or any(point.text_en for point in topic.points):
        return topic.points
    found = [point for point in topic.points if detect_language(point.text) == language]
    return found or topic.points


def practisable(index: Index, topic: Topic) -> bool:
    """The notes say enough of it."""
    return len(points_of(index, topic)[1]) >= (FEWEST_POINTS if topic.free else 1)


def _near(index: Index, topic: Topic) -> list[Document]:
    retriever = HybridRetriever(store=index.store, lexical=index.lexical, notes=index.notes)
    hits = retriever.search(topic.title, 6)
    known = set(content_words(topic.title))
    return [
        hit.document
        for hit in hits
        if known
        & set(content_words(f"{hit.document.metadata['title']} {hit.document.page_content}"))
    ]
