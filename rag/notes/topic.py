"""What a note teaches, as its front matter says: the topic, its key points and its questions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from rag.notes.note import Note
from rag.notes.note_key import DEFAULT, note_key, split_note_key
from rag.text.language import Language, detect_language

DIFFICULTIES = ("easy", "medium", "hard")
ALSO = "also_asked"
FREE = "topic:"  # prefix of the key of a topic that no note is about: the learner typed it


Weight = Literal["must", "good"]
TWIN = ".en.md"  # `lora.en.md` is the English twin of `lora.md`


@dataclass(frozen=True, slots=True)
class TaughtPoint:
    """One fact that a note teaches and an interviewer listens for.

    Attributes:
        text, section: in the note's own language; the section is the heading it is taught under.
        text_en, section_en: the same in the English twin; "" where there is none.
        id: survives editing; "" where the note gives none.
        weight: `must` where an answer without it is incomplete.
        recall: a short question whose whole answer is this point; "" where nobody wrote one.
    """

    text: str
    text_en: str = ""
    id: str = ""
    section: str = ""
    section_en: str = ""
    weight: Weight = "must"
    recall: str = ""


@dataclass(frozen=True, slots=True)
class NoteQuestion:
    """A question that a note answers, and the ids of the points that answer it (() for all)."""

    text: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """A note's front matter, typed. A learner's own note may leave anything out.

    Attributes:
        also_asked: further ways to ask, by which the note is found; nobody is examined by them.
        draft: nobody has looked through its points and questions yet.
        twin: path of the note that tells the same in English; "" where there is none.
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
    points: tuple[TaughtPoint, ...] = ()
    asked: tuple[NoteQuestion, ...] = ()
    also_asked: tuple[NoteQuestion, ...] = ()
    twin: str = ""
    collection: str = ""
    id: str = ""  # by its front matter: survives a rename
    draft: bool = False

    @property
    def key_points(self) -> tuple[str, ...]:
        return tuple(point.text for point in self.points)

    @property
    def key_points_en(self) -> tuple[str, ...]:
        """In the order of `key_points`; () where not every one is there in English."""
        found = tuple(point.text_en for point in self.points)
        return found if all(found) else ()

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(question.text for question in self.asked)

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
        return note_key(self.origin, note)

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

    def questions_in(self, language: Language) -> list[NoteQuestion]:
        return [asked for asked in self.asked if detect_language(asked.text) == language]

    def points_of(self, question: NoteQuestion) -> tuple[TaughtPoint, ...]:
        """The points that answer a question, in the order of telling; all where it names none."""
        known = {point.id: point for point in self.points if point.id}
        return tuple(known[name] for name in question.points if name in known) or self.points


def twin_of(path: str) -> str:
    """Where the English twin of a note would be; "" for what is no Markdown or is one itself."""
    if not path.endswith(".md") or path.endswith(TWIN):
        return ""
    return path.removesuffix(".md") + TWIN


def original_of(path: str) -> str:
    """The note that `path` is the English twin of, if that is there; "" for any other path."""
    return path.removesuffix(TWIN) + ".md" if path.endswith(TWIN) else ""


def topic_of(note: Note, twin: Note | None = None) -> Topic:
    """The topic of a note and its English twin; what the front matter lacks, or has in another
    form, is left empty."""
    meta = note.meta
    sources = meta.get("sources")
    return Topic(
        note=note.path,
        title=note.title,
        title_en=str(meta.get("title_en") or (twin.title if twin else "")),
        aliases=_texts(meta.get("aliases")),
        tags=_texts(meta.get("tags")),
        difficulty=str(meta.get("difficulty") or ""),
        prerequisites=_texts(meta.get("prerequisites")),
        sources=tuple(item for item in sources if isinstance(item, Mapping))
        if isinstance(sources, list)
        else (),
        points=tuple(_points(meta, twin.meta if twin else {})),
        asked=(*_asked(meta), *(_asked(twin.meta) if twin else ())),
        also_asked=(*_asked(meta, ALSO), *(_asked(twin.meta, ALSO) if twin else ())),
        twin=twin.path if twin else "",
        id=str(meta.get("id") or "").strip(),
    )


def taught_by(topic: Topic, meta: Mapping[str, Any]) -> Topic:
    """The topic with the key points and questions of another mapping, in the form of a front
    matter; what the note says itself stays."""
    return replace(
        topic,
        points=topic.points or tuple(_points(meta, {})),
        asked=topic.asked or _asked(meta),
        draft=meta.get("draft") is True,
    )


def _points(meta: Mapping[str, Any], twin: Mapping[str, Any]) -> Iterable[TaughtPoint]:
    """The key points of a note, each with its English wording: by id, in older notes by place."""
    english = {item["id"]: item for item in _mappings(twin.get("key_points")) if "id" in item}
    by_place = _texts(meta.get("key_points_en"))
    for place, item in enumerate(_items(meta.get("key_points"))):
        if isinstance(item, Mapping):
            other = english.get(item.get("id"), {})
            yield TaughtPoint(
                str(item["text"]).strip(),
                str(other.get("text") or "").strip(),
                str(item.get("id") or ""),
                str(item.get("section") or ""),
                str(other.get("section") or ""),
                "good" if item.get("weight") == "good" else "must",
                str(item.get("recall") or "").strip(),
            )
        else:
            yield TaughtPoint(item, by_place[place] if place < len(by_place) else "")


def _asked(meta: Mapping[str, Any], name: str = "questions") -> tuple[NoteQuestion, ...]:
    return tuple(
        NoteQuestion(str(item["text"]).strip(), _texts(item.get("points")))
        if isinstance(item, Mapping)
        else NoteQuestion(item)
        for item in _items(meta.get(name))
    )


def _items(value: Any) -> Sequence[str | Mapping[str, Any]]:
    """Texts, and mappings that have a `text`."""
    if not isinstance(value, list):
        return _texts(value)
    return [
        item if isinstance(item, Mapping) else str(item).strip()
        for item in value
        if isinstance(item, str | int | float) or (isinstance(item, Mapping) and item.get("text"))
    ]


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in _items(value) if isinstance(item, Mapping)]


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
    return None if key.startswith(FREE) else split_note_key(key)[0]


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return ()
    return tuple(str(item).strip() for item in value if isinstance(item, str | int | float))
