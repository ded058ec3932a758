"""The practice engine that CLI and UI share: choose, hint, grade, tick, rate, look back."""

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from rag.embedding.embedder import Embedder
from rag.errors import CorpusError, UsageError
from rag.index.opened import Index
from rag.last_event import last
from rag.llm.fair_queue import QUEUE_NEWS_S
from rag.llm.model import LanguageModel
from rag.llm.waiting import Waiting
from rag.notes.topic import FREE, NoteQuestion, Topic, find_topic
from rag.practice.after.self_assessment import assessed, opened
from rag.practice.exercise import Exercise
from rag.practice.grades import Grade, score_of
from rag.practice.grading import grading
from rag.practice.history import History, check_profile
from rag.practice.judging import Judging
from rag.practice.kept.attempts import Attempt
from rag.practice.own.drafted_topic import with_draft
from rag.practice.plan.days import DAY_STARTS
from rag.practice.plan.timetable import Timetable
from rag.practice.points import KeyPoint
from rag.practice.schedule import Rating, rating_for
from rag.practice.topic_points import FEWEST_POINTS, points_of, practisable
from rag.text.language import Language

LONGEST_EXPLANATION = 20_000
_GENERATED = {
    "zh": "请解释“{title}”：它是什么、原理如何、有哪些优缺点？",
    "en": "Explain {title}: what it is, how it works, and its strengths and limits.",
}


@dataclass(frozen=True, slots=True)
class Graded:
    """A stored grade: the attempt's id and the rating that its score suggests; no rating where
    neither a model nor the learner has judged it."""

    grade: Grade
    attempt: int
    suggested: Rating | None


@dataclass(frozen=True, slots=True)
class Coach:
    """Practice over one index; the topics are those of its notes.

    Attributes:
        asker: who is graded, for the fair queue before the one local engine; "" is a newcomer.
        day_starts: hour at which a learner's day begins where their plan says nothing else.
        zone: whose days; None is this machine's.
    """

    index: Index
    topics: Sequence[Topic]
    embedder: Embedder
    model: LanguageModel | None
    history: History
    asker: str = ""
    day_starts: int = DAY_STARTS
    zone: tzinfo | None = None

    @property
    def timetable(self) -> Timetable:
        """The learners' schedule over these topics."""
        return Timetable(self.history, self.topics, self.day_starts, self.zone)

    def due(self, profile: str, now: datetime | None = None) -> list[Topic]:
        """Topics to come back to, the most overdue first; see `Timetable.due`."""
        return self.timetable.due(profile, now)

    def next_topic(
        self,
        profile: str,
        tag: str = "",
        difficulty: str = "",
        now: datetime | None = None,
        path: Sequence[str] = (),
        but: Sequence[str] = (),
    ) -> Topic:
        """What is due today, else a topic never practised (its prerequisites and easy ones first),
        both within the daily limits; whoever goes on gets what waits, what is new, and at last
        what is due soonest. A topic that the notes say too little of is passed over.

        Args:
            path: keys of topics that come before all that is not due, in their order.
            but: keys of topics that are left out as long as there is another, then come by their
                last place here: what was left out longest ago first.

        Raises:
            UsageError: no topic has this tag and difficulty.
            CorpusError: there is no topic, or the notes say too little of any.
        """

        def fits(topic: Topic) -> bool:
            return (not tag or tag in topic.tags) and (
                not difficulty or topic.difficulty == difficulty
            )

        if not self.topics:
            raise CorpusError(
                "There are no notes to practise here; choose other collections or add notes. "
                "这里没有可以练习的笔记，请换一个笔记集或添加笔记。"
            )
        in_order = self.in_turn(profile, now, path)
        if not any(fits(topic) for topic in self.topics):
            raise UsageError(
                f"No topic has the tag '{tag}' and the difficulty '{difficulty or 'any'}'; "
                "choose others. 没有符合条件的主题，请换一个标签或难度。"
            )
        left_out = {key: place for place, key in enumerate(but)}
        for topic in sorted(in_order, key=lambda topic: left_out.get(topic.key, -1)):
            if fits(topic) and practisable(self.index, topic):
                return topic
        raise CorpusError(
            "The notes say too little to practise them, or all of them were put aside; choose "
            "other collections or add notes. 笔记内容太少或都已搁置，无法练习。"
        )

    def in_turn(
        self, profile: str, now: datetime | None = None, path: Sequence[str] = ()
    ) -> list[Topic]:
        """All topics in the order in which to practise them: what is due today, what the path
        names, then as `Timetable.in_order`."""
        in_order = self.timetable.in_order(profile, now)
        if not path:
            return in_order
        due = [topic.key for topic in self.timetable.day(profile, now).reviews]
        place = {key: n for n, key in enumerate(dict.fromkeys([*due, *path]))}
        return sorted(in_order, key=lambda topic: place.get(topic.key, len(place)))

    def exercise(self, topic: str | Topic, language: Language, profile: str = "") -> Exercise:
        """An exercise on a topic of the notes, or on whatever the learner typed; a topic's
        questions come in turn.

        Raises:
            UsageError: the topic is empty.
            CorpusError: the notes say nothing about it.
        """
        if isinstance(topic, str):
            typed = topic.removeprefix(FREE).strip()
            if not any(char.isalnum() for char in typed):
                raise UsageError("Name a topic to practise. 请给出要练习的主题。")
            topic = find_topic(self.topics, typed) or Topic(FREE + typed, typed)
        topic = with_draft(topic, self.index)
        past = self.history.attempts(profile, topic.key) if profile else []
        # A recalled card explains nothing: cards have a turn of their own.
        tried = sum(1 for item in past if item.part_of is None and item.explanation)
        questions = topic.questions_in(language)
        return self.exercise_on(
            topic, language, questions[tried % len(questions)] if questions else None
        )

    def exercise_on(
        self, topic: Topic, language: Language, asked: NoteQuestion | None = None
    ) -> Exercise:
        """An exercise on one question of a topic; None: on all of it. Errors as in `exercise`."""
        topic = with_draft(topic, self.index)
        documents, points = points_of(self.index, topic, language, asked)
        if topic.free and len(points) < FEWEST_POINTS:
            raise CorpusError(
                f"The notes say too little about '{topic.title}' to practise it; choose another "
                "topic. 笔记里关于这个主题的内容太少。"
            )
        if not points:
            raise CorpusError(
                f"The note {topic.note} holds too little to practise; choose another. "
                "这篇笔记内容太少，请换一个。"
            )
        question = asked.text if asked else _GENERATED[language].format(title=topic.name(language))
        return Exercise(
            topic.key, topic.name(language), question, language, tuple(points), tuple(documents),
            topic.collection, topic.draft,
        )  # fmt: skip

    def points(
        self, topic: Topic, language: Language, asked: NoteQuestion | None = None
    ) -> list[KeyPoint]:
        """The key points of a topic, each with its source; those of one question, if given."""
        return points_of(self.index, topic, language, asked)[1]

    def grade(
        self,
        exercise: Exercise,
        explanation: str,
        profile: str,
        hints: int = 0,
        now: datetime | None = None,
        part_of: int | None = None,
    ) -> Graded:
        """Grade an explanation and store the attempt. Arguments and errors as in `grading`."""
        return last(self.grading(exercise, explanation, profile, hints, now, part_of), Graded)

    def grading(
        self,
        exercise: Exercise,
        explanation: str,
        profile: str,
        hints: int = 0,
        now: datetime | None = None,
        part_of: int | None = None,
    ) -> Generator[Waiting | Judging | Graded]:
        """How many are ahead of the learner at the one local engine; then the points that a model
        has judged; last, the stored grade. Who may go away in between has it carried on by a
        thread: what is closed before its end keeps nothing.

        Without a model the grade tells what was found and has no score: see `assess`.

        Args:
            part_of: the attempt whose follow-up this answers.

        Raises:
            UsageError: nothing was said (that is no attempt), the explanation is far too long, or
                the profile has no name.
            ModelError: the LLM failed or too many wait for it; the draft is kept.
        """
        profile = check_profile(profile)
        if not any(char.isalnum() for char in explanation):
            raise UsageError(
                "Nothing was said, so nothing is graded or kept. 没有内容，不评分也不记录。"
            )
        if len(explanation) > LONGEST_EXPLANATION:
            raise UsageError(
                f"The explanation has {len(explanation)} characters; shorten it to "
                f"{LONGEST_EXPLANATION}. 解释太长，请缩短。"
            )
        model, lexical = self.model, self.index.lexical
        if model is None or model.queue is None:
            result = yield from grading(exercise, explanation, self.embedder, lexical, model)
        else:
            # One turn for all that the grade asks of the model, as an answer has one.
            with model.queue.place(self.asker) as place:
                for ahead in place.waits(every_s=QUEUE_NEWS_S):
                    yield Waiting(ahead)
                result = yield from grading(
                    exercise, explanation, self.embedder, lexical, model.without_queue()
                )
        result = _weighed(result, exercise)
        if model is None:
            result = opened(result)
        now = now or datetime.now(UTC)
        number = self.history.save_attempt(
            Attempt(
                0, profile, exercise.topic, exercise.title, exercise.question, explanation,
                result.to_dict(), result.score, None, hints, now.isoformat(), part_of,
            )
        )  # fmt: skip
        yield Graded(result, number, _suggested(result, hints))

    def assess(
        self, profile: str, attempt: int, said: Collection[int], partly: Collection[int] = ()
    ) -> Graded:
        """Give an attempt that no model judged the score of the learner's own ticks.

        Args:
            said, partly: numbers of the points, counted from 1.

        Raises:
            UsageError: there is no such attempt or point, or a model has judged it.
        """
        kept = self.history.attempt(check_profile(profile), attempt)
        ticked = assessed(Grade.from_dict(kept.grade), said, partly)
        self.history.regrade(kept.profile, attempt, ticked.to_dict(), ticked.score)
        return Graded(ticked, attempt, _suggested(ticked, kept.hints))

    def rate(
        self, profile: str, attempt: int, topic: str, rating: str, now: datetime | None = None
    ) -> datetime:
        """Schedule the topic by an attempt's rating; see `Timetable.rate`."""
        return self.timetable.rate(profile, attempt, topic, rating, now)


def hint(exercise: Exercise, taken: int) -> KeyPoint | None:
    """The key point whose heading the next hint reveals; None when all were revealed."""
    return exercise.points[taken] if taken < len(exercise.points) else None


def _suggested(result: Grade, hints: int) -> Rating | None:
    return None if result.score is None else rating_for(result.score, hints)


def _weighed(result: Grade, exercise: Exercise) -> Grade:
    """The grade with its points' names and weights, as the note gives them."""
    points = tuple(
        replace(graded, id=point.id, weight=point.weight)
        for graded, point in zip(result.points, exercise.points, strict=True)
    )
    return result if points == result.points else replace(
        result, points=points, score=score_of(points)
    )  # fmt: skip
