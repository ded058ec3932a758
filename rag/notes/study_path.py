"""The order in which to learn a collection: days of topics, and what each rests on.

Its author writes it as front matter of `STUDY_PATH.md`, which is itself no note (`index: false`).
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.notes.note import Note
from rag.notes.topic import Topic
from rag.text.language import Language

FILE = "STUDY_PATH.md"
FIELD = "study_path"
TOPICS = (8, 12)  # a day
MOST_HOURS = 4.0


@dataclass(frozen=True, slots=True)
class StudyDay:
    """One day of the path.

    Attributes:
        hours: how long its topics take, about.
        notes: paths of the notes, in the order of learning.
    """

    title: str
    title_en: str
    hours: float
    notes: tuple[str, ...]

    def name(self, language: Language) -> str:
        return self.title_en if language == "en" and self.title_en else self.title


@dataclass(frozen=True, slots=True)
class StudyPath:
    """The days as their author wrote them; notes that do not exist are among them."""

    title: str
    title_en: str
    days: tuple[StudyDay, ...]

    def name(self, language: Language) -> str:
        return self.title_en if language == "en" and self.title_en else self.title


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """A path over the topics that are there.

    Attributes:
        topics: by note; every topic of the collection, on the path or not.
    """

    path: StudyPath
    topics: Mapping[str, Topic]

    def topics_of(self, day: StudyDay) -> list[Topic]:
        """The topics of a day, in order; a note that is gone is left out."""
        return [self.topics[note] for note in day.notes if note in self.topics]

    @property
    def graph(self) -> dict[str, tuple[str, ...]]:
        """Every topic's note and the notes to know first that are there."""
        return {
            note: tuple(before for before in topic.prerequisites if before in self.topics)
            for note, topic in self.topics.items()
        }

    def next_topics(self, learned: Container[str], most: int = 3) -> list[Topic]:
        """What to learn now: the first topics on the path that are not learned, and whose
        prerequisites are.

        Args:
            learned: keys of topics (`Topic.key`).
        """
        found: list[Topic] = []
        graph = self.graph
        for day in self.path.days:
            for topic in self.topics_of(day):
                ready = all(self.topics[note].key in learned for note in graph[topic.note])
                if ready and topic.key not in learned:
                    found.append(topic)
        return found[:most]

    def today(self, learned: Container[str], days_left: int | None = None) -> range:
        """The days of the path to do today, counted from 1; an empty range after the last one.

        It is the first day with something left; before an interview the days that are left share
        what is left of the path, and the path is through on the eve.

        Args:
            learned: keys of topics (`Topic.key`).
            days_left: until the interview; None where its day is not set.
        """
        open_days = [
            number
            for number, day in enumerate(self.path.days, 1)
            if any(topic.key not in learned for topic in self.topics_of(day))
        ]
        if not open_days:
            return range(0)
        share = -(-len(open_days) // days_left) if days_left and days_left > 0 else 1
        return range(open_days[0], open_days[share - 1] + 1)

    def ahead(self, learned: Container[str]) -> list[str]:
        """Keys of the topics that are not learned, in the order of the path."""
        on_path = [topic.key for day in self.path.days for topic in self.topics_of(day)]
        return [key for key in dict.fromkeys(on_path) if key not in learned]


def study_path_of(note: Note) -> StudyPath:
    """The path in a note's front matter.

    Raises:
        ValueError: what is wrong with it, as a sentence.
    """
    data = note.meta.get(FIELD)
    if not isinstance(data, Mapping) or not isinstance(data.get("days"), list):
        raise ValueError(f"{note.path} has no `{FIELD}` with `days`.")
    days = tuple(_day(number, item) for number, item in enumerate(data["days"], 1))
    return StudyPath(str(data.get("title") or note.title), str(data.get("title_en") or ""), days)


def _day(number: int, item: Any) -> StudyDay:
    if not isinstance(item, Mapping):
        raise ValueError(f"Day {number} is no mapping of title, hours and notes.")
    hours, notes = item.get("hours"), item.get("notes")
    if not isinstance(hours, int | float) or isinstance(hours, bool):
        raise ValueError(f"The `hours` of day {number} are no number.")
    if not isinstance(notes, list) or not all(isinstance(note, str) for note in notes):
        raise ValueError(f"The `notes` of day {number} are no list of paths.")
    title, title_en = str(item.get("title") or ""), str(item.get("title_en") or "")
    return StudyDay(title, title_en, float(hours), tuple(notes))


def path_faults(path: StudyPath, topics: Iterable[Topic]) -> Iterator[str]:
    """What is wrong with a path: unknown notes, one twice, a prerequisite that comes later or
    never, a day without its titles or with too much or too little."""
    known = {topic.note: topic for topic in topics}
    place: dict[str, int] = {}
    for number, day in enumerate(path.days, 1):
        if not day.title or not day.title_en:
            yield f"day {number} lacks `title` or `title_en`"
        if not TOPICS[0] <= len(day.notes) <= TOPICS[1]:
            yield f"day {number} has {len(day.notes)} notes, {TOPICS[0]} to {TOPICS[1]} are wanted"
        if not 0 < day.hours <= MOST_HOURS:
            yield f"day {number} takes {day.hours:g} hours, up to {MOST_HOURS:g} are wanted"
        yield from _order_faults(number, day.notes, known, place)


def _order_faults(
    number: int, notes: Sequence[str], known: Mapping[str, Topic], place: dict[str, int]
) -> Iterator[str]:
    for note in notes:
        if note not in known:
            yield f"day {number} names {note}, which is no note"
            continue
        if note in place:
            yield f"{note} stands on day {place[note]} and on day {number}"
        place.setdefault(note, number)
        for before in known[note].prerequisites:
            if before not in place:
                yield f"{note} on day {number} wants {before}, which is not before it"
