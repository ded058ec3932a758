"""Where a learner stands: the state of every topic, what is due, and what comes next."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from rag.assistant import Assistant
from rag.errors import RagError
from rag.notes.topic import Topic
from rag.permissions import readable
from rag.practice.schedule import due_of

State = Literal["fresh", "learned", "due", "weak"]
STATES: tuple[State, ...] = ("learned", "due", "weak", "fresh")
WEAK = 60  # points of 100: below, the last explanation missed more than it should


@dataclass(frozen=True, slots=True)
class Standing:
    """A learner's topics in order of path.

    Attributes:
        states: by `Topic.key`; a topic that is not there was never practised.
        due: the most overdue first.
        upcoming: what to learn next; None where there is nothing.
        next_due: when the next review is due, if none is now.
        begun: something was practised before.
    """

    topics: Sequence[Topic]
    states: Mapping[str, State]
    due: Sequence[Topic] = ()
    upcoming: Topic | None = None
    next_due: datetime | None = None
    begun: bool = False

    def state(self, topic: Topic) -> State:
        return self.states.get(topic.key, "fresh")

    def find(self, key: str) -> Topic | None:
        """The topic of a key, or of its English note's path."""
        for topic in self.topics:
            if key in {topic.key, topic.key_of(topic.twin) if topic.twin else topic.key}:
                return topic
        return None


def standing(assistant: Assistant, user: str, profile: str) -> Standing:
    """Where the learner stands in all that this login may read and that can be asked.

    Raises:
        RagError: the notes or the history cannot be read.
    """
    names = [item.name for item in readable(assistant, user) if assistant.has_index(item.name)]
    if not names:
        return Standing((), {})
    coach = assistant.coach("none", names)
    now = datetime.now(UTC)
    cards = {key: due_of(card) for key, card in coach.history.cards(profile).items()}
    attempts = coach.history.attempts(profile)
    # The oldest first. Neither a recalled card nor what was never ticked says how well it was told.
    last = {item.topic: item.score for item in attempts if item.score is not None}
    states: dict[str, State] = {key: "weak" for key, score in last.items() if score < WEAK}
    for key, due in cards.items():
        if due <= now:
            states[key] = "due"
        else:
            states.setdefault(key, "learned")
    upcoming = None
    with suppress(RagError):  # nothing to practise is no fault here
        upcoming = coach.next_topic(profile, path=assistant.path_ahead(profile, names))
    ahead = [due for due in cards.values() if due > now]
    return Standing(
        coach.topics, states, tuple(coach.due(profile)), upcoming, min(ahead, default=None),
        bool(attempts),
    )  # fmt: skip


def by_folder(topics: Sequence[Topic]) -> dict[str, list[Topic]]:
    """The topics of each folder, in order of path."""
    found: dict[str, list[Topic]] = {}
    for topic in topics:
        found.setdefault(topic.folder, []).append(topic)
    return found


def steps(topics: Sequence[Topic]) -> list[list[Topic]]:
    """The topics of one folder as a path: each step needs only what earlier ones teach."""
    known = {topic.key: topic for topic in topics}
    depth: dict[str, int] = {}

    def depth_of(topic: Topic, on_the_way: frozenset[str]) -> int:
        if topic.key in depth:
            return depth[topic.key]
        before = [known.get(topic.key_of(path)) for path in topic.prerequisites]
        found = [
            depth_of(item, on_the_way | {topic.key}) + 1
            for item in before
            if item is not None and item.key not in on_the_way and item.key != topic.key
        ]
        depth[topic.key] = max(found, default=0)
        return depth[topic.key]

    path: dict[int, list[Topic]] = {}
    for topic in topics:
        path.setdefault(depth_of(topic, frozenset()), []).append(topic)
    return [path[level] for level in sorted(path)]


def folder_name(folder: str) -> str:
    """A folder's own name as a person would write it: no number, no dashes."""
    name = folder.rpartition("/")[2] if "/" in folder else folder
    bare = name.lstrip("0123456789").lstrip("-_. ") or name
    return bare.replace("-", " ").replace("_", " ").strip().capitalize() if bare else folder
