"""What a learner is asked, and what is expected."""

from dataclasses import dataclass

from langchain_core.documents import Document

from rag.practice.points import KeyPoint
from rag.text.language import Language


@dataclass(frozen=True, slots=True)
class Exercise:
    """What the learner was asked, and what is expected."""

    topic: str  # `Topic.key`
    title: str
    question: str
    language: Language
    points: tuple[KeyPoint, ...]
    documents: tuple[Document, ...]  # all chunks that statements are held against
    collection: str = ""  # of the topic, as citations have it
    draft: bool = False  # nobody has looked through the points yet
