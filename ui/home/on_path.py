"""Where a learner stands on the study path, and when the interview is."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from rag.assistant import Assistant
from rag.errors import RagError
from rag.notes.study_path import StudyDay, StudyPlan
from rag.notes.topic import Topic
from rag.permissions import readable
from rag.practice.plan.days import local_day
from rag.practice.plan.learner_plan import Plans


@dataclass(frozen=True, slots=True)
class OnPath:
    """A learner's study path and plan.

    Attributes:
        plan: None where no collection has a path.
        learned: keys of the topics that were practised and rated.
        follows: new topics come in the order of the path.
        interview: its day (ISO); "" where none is set.
        days_left: until the interview; negative after it; None where none is set.
    """

    plan: StudyPlan | None
    learned: Collection[str]
    follows: bool = False
    interview: str = ""
    days_left: int | None = None

    @property
    def days(self) -> tuple[StudyDay, ...]:
        return self.plan.path.days if self.plan else ()

    @property
    def today(self) -> range:
        """Numbers of the days of the path that today is for."""
        return self.plan.today(self.learned, self.days_left) if self.plan else range(0)

    @property
    def following(self) -> Topic | None:
        """The next topic of the path."""
        return next((topic for topic in self.all if topic.key not in self.learned), None)

    @property
    def all(self) -> list[Topic]:
        """The topics of the whole path, in its order."""
        return [topic for number in range(1, len(self.days) + 1) for topic in self.topics(number)]

    def topics(self, number: int) -> list[Topic]:
        """The topics of a day, which is counted from 1."""
        return self.plan.topics_of(self.plan.path.days[number - 1]) if self.plan else []

    def done(self, number: int) -> int:
        """How many topics of a day are learned."""
        return sum(topic.key in self.learned for topic in self.topics(number))


def on_path(assistant: Assistant, user: str, profile: str) -> OnPath:
    """Where the learner stands on the first path among what this login may read.

    Raises:
        RagError: the history cannot be read.
    """
    history = assistant.history()
    wished = Plans(history.database).load(profile)
    today = local_day(datetime.now(UTC), wished.starts(assistant.settings.day_starts))
    left = (wished.interview_day - today).days if wished.interview_day else None
    plan = None
    for item in readable(assistant, user):
        if plan is None and assistant.has_index(item.name):
            with suppress(RagError):  # a path that cannot be read: `rag corpus check` tells why
                plan = assistant.study_plan(item.name)
    return OnPath(plan, history.cards(profile).keys(), wished.path, wished.interview, left)
