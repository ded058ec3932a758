"""What the authors of notes say of them: questions, the points that answer these, and names.

These are further keys to the sections of a note: a learner's question is likest to a question. Each
key point knows the very sentence of its section that states it, found once, when the index is
built. Notes without front matter have none; an index of such notes keeps nothing here.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import IndexUnusable
from rag.notes.note import Block, Note
from rag.notes.note_key import note_key
from rag.notes.topic import TaughtPoint, topic_of
from rag.text.sentences import sentence_spans
from rag.text.words import content_words, words

KEYS = "authored.json"
VECTORS = "authored.npy"
QUESTIONS_REMEMBERED = 8  # a message's parts, and what is perhaps asked too
STATED = 0.5  # share of a point's words that its sentence must hold, else the point is not used

Embed = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True, slots=True)
class PointKey:
    """A key point and the sentence (or table row) that states it: `note_text[start:end]`."""

    note: str
    id: str
    text: str
    must: bool
    section: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class QuestionKey:
    """A question that a note answers; `points` are rows of `AuthoredKeys.points`, as told."""

    note: str
    text: str
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NameKey:
    """A name by which a note's topic goes."""

    note: str
    name: str


@dataclass(frozen=True, eq=False)
class AuthoredKeys:
    """Keys of one index. What a question needs of all of them is remembered: it is asked for
    several times while one question is answered.

    Attributes:
        vectors: unit vectors of the questions, then of the points, shape
            `(len(questions) + len(points), dimension)`; float16 on disk, float32 in memory.
    """

    questions: tuple[QuestionKey, ...] = ()
    points: tuple[PointKey, ...] = ()
    names: tuple[NameKey, ...] = ()
    vectors: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.float16))

    def speak_of(self, note: str) -> bool:
        """A note has key points of its author."""
        return note in self._keyed_notes

    @cached_property
    def row_by_span(self) -> Mapping[tuple[str, int, int], int]:
        """(note, start, end) of a stating sentence → row of its point."""
        return {(key.note, key.start, key.end): row for row, key in enumerate(self.points)}

    @cached_property
    def lower_names(self) -> Sequence[tuple[str, str]]:
        """(name, the same in small letters) of all topics."""
        return [(key.name, key.name.lower()) for key in self.names]

    @cached_property
    def words_of_names(self) -> frozenset[str]:
        """All words that names are made of."""
        return frozenset(word for key in self.names for word in words(key.name))

    def question_cosines(self, vector: np.ndarray) -> np.ndarray:
        """Cosine of a question to every authored one, shape `(len(questions),)`."""
        return self._cosines(vector)[: len(self.questions)]

    def point_cosines(self, vector: np.ndarray) -> np.ndarray:
        """Cosine of a question to every key point, shape `(len(points),)`."""
        return self._cosines(vector)[len(self.questions) :]

    @cached_property
    def _keyed_notes(self) -> frozenset[str]:
        return frozenset(point.note for point in self.points)

    def _cosines(self, vector: np.ndarray) -> np.ndarray:
        if not len(self.vectors):
            return np.zeros(0, np.float32)
        return self._remembered(np.asarray(vector, np.float32).tobytes())

    @cached_property
    def _remembered(self) -> Callable[[bytes], np.ndarray]:
        rows = np.asarray(self.vectors, np.float32)  # no method's cache: that would hold `self`

        @lru_cache(maxsize=QUESTIONS_REMEMBERED)
        def cosines(vector: bytes) -> np.ndarray:
            found: np.ndarray = rows @ np.frombuffer(vector, np.float32)
            found.setflags(write=False)
            return found

        return cosines

    def save(self, folder: Path) -> None:
        """Write both files into a generation."""
        data = {
            "questions": [asdict(key) for key in self.questions],
            "points": [asdict(key) for key in self.points],
            "names": [asdict(key) for key in self.names],
        }
        text = json.dumps(data, ensure_ascii=False)
        (folder / KEYS).write_text(text, encoding="utf-8", errors="surrogatepass")
        np.save(folder / VECTORS, self.vectors.astype(np.float16), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> "AuthoredKeys":
        """
        Raises:
            IndexUnusable: the files are missing or damaged.
        """
        try:
            data = json.loads((folder / KEYS).read_text("utf-8", errors="surrogatepass"))
            made = cls(
                tuple(
                    QuestionKey(key["note"], key["text"], tuple(key["points"]))
                    for key in data["questions"]
                ),
                tuple(PointKey(**key) for key in data["points"]),
                tuple(NameKey(**key) for key in data["names"]),
                np.load(folder / VECTORS, allow_pickle=False).astype(np.float32),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnusable(f"The index in {folder} is damaged; run `rag index`.") from error
        if len(made.vectors) != len(made.questions) + len(made.points):
            raise IndexUnusable(f"The index in {folder} is damaged; run `rag index`.")
        return made


class KeyCollector:
    """Gathers the keys of notes as they pass by on their way into an index."""

    def __init__(self) -> None:
        self._questions: list[QuestionKey] = []
        self._points: list[PointKey] = []
        self._names: list[NameKey] = []

    def add(self, note: Note) -> None:
        topic = topic_of(note)
        rows: dict[str, int] = {}
        for number, point in enumerate(topic.points):
            span = stating_span(note, point)
            if span is None:
                continue
            rows[point.id or str(number)] = len(self._points)
            self._points.append(
                PointKey(note.path, point.id, point.text, point.weight == "must",
                         point.section, *span)
            )  # fmt: skip
        for question in (*topic.asked, *topic.also_asked):
            named = [rows[name] for name in question.points if name in rows]
            points = tuple(named) if question.points else tuple(rows.values())
            self._questions.append(QuestionKey(note.path, question.text, points))
        if topic.points or topic.asked:
            self._names += [NameKey(note.path, name) for name in topic.names]

    @property
    def question_texts(self) -> list[str]:
        return [key.text for key in self._questions]

    @property
    def point_texts(self) -> list[str]:
        return [key.text for key in self._points]

    def keys(self, embed_questions: Embed, embed_points: Embed) -> AuthoredKeys:
        """All keys, embedded.

        Args:
            embed_questions: as a learner's question is embedded: like is compared with like.
            embed_points: as passages are. Both give unit vectors, shape `(n, dimension)`.
        """
        parts = [
            np.asarray(embed(texts), np.float32)
            for embed, texts in (
                (embed_questions, self.question_texts),
                (embed_points, self.point_texts),
            )
            if texts
        ]
        return AuthoredKeys(
            tuple(self._questions),
            tuple(self._points),
            tuple(self._names),
            np.concatenate(parts) if parts else np.zeros((0, 0), np.float32),
        )


def stating_span(note: Note, point: TaughtPoint) -> tuple[int, int] | None:
    """The sentence or table row of the point's section (of the note, where it names none) that
    says most of it; None where none says enough."""
    wanted = set(content_words(point.text))
    best, found = 0.0, None
    for block in note.blocks:
        if point.section and point.section not in block.headings[-1:]:
            continue
        for start, end in _statements(note.text, block):
            said = set(content_words(note.text[start:end]))
            share = len(wanted & said) / (len(wanted) or 1)
            share -= 0.001 * len(said - wanted)  # of two that say it all, the terser
            if share > best:
                best, found = share, (start, end)
    return found if best >= STATED else None


def _statements(text: str, block: Block) -> Iterable[tuple[int, int]]:
    if block.kind in {"code", "math"}:
        return ()
    return sentence_spans(text, block.start, block.end)


def joined_keys(parts: Mapping[str, AuthoredKeys]) -> AuthoredKeys:
    """The keys of several collections as one; notes are named as in the joined index."""
    questions: list[QuestionKey] = []
    points: list[PointKey] = []
    names: list[NameKey] = []
    of_questions: list[np.ndarray] = []
    of_points: list[np.ndarray] = []
    for collection, keys in parts.items():
        shift = len(points)
        for question in keys.questions:
            rows = tuple(row + shift for row in question.points)
            questions.append(QuestionKey(note_key(collection, question.note), question.text, rows))
        points += [_moved(collection, point) for point in keys.points]
        names += [NameKey(note_key(collection, key.note), key.name) for key in keys.names]
        if len(keys.vectors):
            vectors = np.asarray(keys.vectors)
            of_questions.append(vectors[: len(keys.questions)])
            of_points.append(vectors[len(keys.questions) :])
    matrices = [*of_questions, *of_points]
    return AuthoredKeys(
        tuple(questions),
        tuple(points),
        tuple(names),
        np.concatenate(matrices) if matrices else np.zeros((0, 0), np.float16),
    )


def _moved(collection: str, point: PointKey) -> PointKey:
    data: dict[str, Any] = asdict(point)
    return PointKey(**{**data, "note": note_key(collection, point.note)})
