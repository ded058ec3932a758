"""What a note teaches, as its front matter says: the topic, its key points and its questions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rag.notes.note import Note
from rag.notes.note_key import DEFAULT, placed, taken_apart
from rag.text.language import Language, detect_language

DIFFICULTIES = ("easy", "medium", "hard")
FREE = "topic:"  # prefix of the key of a topic that no note is about: the learner typed it


@dataclass(frozen=True, slots=True)
class Topic:
    """A note's front matter, typed. A learner's own note may leave anything out.

    `key_points_en[i]` says in English what `key_points[i]` says; it may be empty.

    Attributes:
        collection: as citations have it: "" where only the default one is read.
    """

    note: str
    title: str
    title_en: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    difficulty: str = ""
    prerequisites: tuple[str, ...] = ()
    sources: tuple[Mapping[str, Any], ...] = ()
    key_points: tuple[str, ...] = ()
    key_points_en: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    collection: str = ""

    @property
    def origin(self) -> str:
        """The named collection it is of; "" for the default one, in whatever company."""
        return "" if self.collection == DEFAULT else self.collection

    @property
    def key(self) -> str:
        """What a learner's history knows it by."""
        return self.key_of(self.note)

    def key_of(self, note: str) -> str:
        """The key of another note of its collection."""
        return placed(self.origin, note)

    @property
    def free(self) -> bool:
        """It is no note's: the learner typed it."""
        return self.note.startswith(FREE)

    @property
    def folder(self) -> str:
        top = self.note.split("/")[0] if "/" in self.note else ""
        return "/".join(part for part in (self.origin, top) if part)

    @property
    def names(self) -> tuple[str, ...]:
        """Title, English title and aliases."""
        return tuple(name for name in (self.title, self.title_en, *self.aliases) if name)

    def name(self, language: Language) -> str:
        return self.title_en if language == "en" and self.title_en else self.title

    def questions_in(self, language: Language) -> list[str]:
        return [text for text in self.questions if detect_language(text) == language]


def topic_of(note: Note) -> Topic:
    """The topic of a note; what its front matter lacks, or has in another form, is left empty."""
    meta = note.meta
    sources = meta.get("sources")
    return Topic(
        note=note.path,
        title=note.title,
        title_en=str(meta.get("title_en") or ""),
        aliases=_texts(meta.get("aliases")),
        tags=_texts(meta.get("tags")),
        difficulty=str(meta.get("difficulty") or ""),
        prerequisites=_texts(meta.get("prerequisites")),
        sources=tuple(item for item in sources if isinstance(item, Mapping))
        if isinstance(sources, list)
        else (),
        key_points=_texts(meta.get("key_points")),
        key_points_en=_texts(meta.get("key_points_en")),
        questions=_texts(meta.get("questions")),
    )


def find_topic(topics: Iterable[Topic], name: str) -> Topic | None:
    """The topic whose key is `name`, else whose path, title or alias, in whatever case."""
    wanted = name.strip()
    topics = list(topics)
    for topic in topics:
        if topic.key == wanted:
            return topic
    wanted = wanted.lower()
    for topic in topics:
        if wanted in {topic.note.lower(), *(each.lower() for each in topic.names)}:
            return topic
    return None


def origin_of(key: str) -> str | None:
    """The `Topic.origin` that a key names; None for a typed topic, which is of no collection."""
    return None if key.startswith(FREE) else taken_apart(key)[0]


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return ()
    return tuple(str(item).strip() for item in value if isinstance(item, str | int | float))
