"""A mock interview: several topics, each with follow-ups that depend on the answers, one clock.

Every step is kept before the next begins, so that it goes on after a crash where it was.
"""

from collections.abc import Callable, Collection, Generator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from rag.errors import CorpusError, UsageError
from rag.last_event import last
from rag.llm.waiting import Waiting
from rag.notes.topic import NoteQuestion
from rag.practice.coach import Coach, Graded
from rag.practice.exercise import Exercise
from rag.practice.grades import Grade
from rag.practice.history import check_profile
from rag.practice.interview.next_question import name_of, next_question, topic_of_key
from rag.practice.interview.topic_choice import Chosen, enough
from rag.practice.judging import Judging
from rag.practice.kept.interviews import Interview, Interviews, MovedOn, Round
from rag.practice.schedule import rating_for
from rag.text.language import Language, detect_language

MOST_MINUTES = 240


def _now() -> datetime:
    return datetime.now(UTC)


class MockInterview:
    """One interview of one learner. Not to be shared between threads.

    Args:
        interview: its state, as `Interviews` keeps it.
        clock: gives the time.

    Attributes:
        state: the state now; what is kept is always the same.
        moved_on: elsewhere, while an answer was graded: `state` is what it has come to.
    """

    def __init__(
        self, coach: Coach, interview: Interview, clock: Callable[[], datetime] = _now
    ) -> None:
        self.coach = coach
        self.state = interview
        self.moved_on = False
        self._clock = clock
        self._kept = Interviews(coach.history)

    @classmethod
    def begin(
        cls,
        coach: Coach,
        profile: str,
        chosen: Chosen,
        language: Language = "zh",
        topics: int = 6,
        minutes: int = 0,
        follow_ups: int = 2,
        clock: Callable[[], datetime] = _now,
    ) -> "MockInterview":
        """Begin an interview; its clock runs.

        Args:
            topics: how many of the chosen ones at most.
            minutes: for all of it; 0 for no limit.
            follow_ups: questions after the first of each topic, 0 to 3.

        Raises:
            UsageError: a number is out of range.
            CorpusError: the notes say too little about all of the topics.
        """
        if not 0 <= minutes <= MOST_MINUTES or not 0 <= follow_ups <= 3:
            raise UsageError(
                f"An interview takes 0 to {MOST_MINUTES} minutes, with 0 to 3 follow-ups a topic. "
                "时长或追问轮数有误。"
            )
        asked = enough(coach, chosen, topics)
        now = clock().isoformat()
        interview = Interview(
            0, check_profile(profile), language,
            tuple((topic.key, named.text if named else "") for topic, named in asked.asked),
            minutes=minutes, follow_ups=follow_ups, running_since=now, seen_at=now, started=now,
            unmatched=asked.unmatched,
        )  # fmt: skip
        return cls(coach, Interviews(coach.history).add(interview), clock)

    @classmethod
    def resume(
        cls,
        coach: Coach,
        profile: str,
        number: int | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> "MockInterview":
        """Go on with an interview that was paused or cut off; its clock runs again.

        Args:
            number: which; None: the last one that was not ended.

        Raises:
            UsageError: there is none, or it is over.
        """
        kept = Interviews(coach.history)
        found = kept.open_one(profile) if number is None else kept.get(profile, number)
        if found is None or found.over:
            raise UsageError("There is no interview to go on with. 没有可以继续的面试。")
        made = cls(coach, found, clock)
        made.save(found.started_again(clock()))
        return made

    def current(self) -> Exercise | None:
        """The question that stands open, the next one where none does; None when the interview
        has nothing more to ask or its time is up."""
        if self.state.over:
            return None
        if self.state.rounds and not self.state.rounds[-1].done:
            found = self._exercise(self.state.rounds[-1])
            if found is not None:
                return found
            self._close(None, 0.0)  # its note is gone
        if self.state.left(self._clock()) == 0:
            return None
        return self._follow_up() or self._next_topic()

    def answer(self, text: str) -> Graded:
        """Answer the open question. Errors as in `answering`."""
        return last(self.answering(text), Graded)

    def answering(self, text: str) -> Generator[Waiting | Judging | Graded]:
        """How many are ahead at the one local engine, and the points that stand; last, the stored
        grade. The clock stands still while the answer is graded. Where the interview goes on
        elsewhere meanwhile, the attempt is kept and the interview left as it is by then.

        Raises:
            UsageError: no question is open, or nothing was said.
            ModelError: the LLM failed; the question stays open.
        """
        exercise = self.current()
        if exercise is None:
            raise UsageError("The interview has no open question. 面试没有待答的问题。")
        now = self._clock()
        first = next((r for r in self._rounds() if r.attempt is not None), None)
        self.save(self.state.stopped(now))
        try:
            for event in self.coach.grading(
                exercise, text, self.state.profile, now=now,
                part_of=first.attempt if first else None,
            ):  # fmt: skip
                if isinstance(event, Graded):
                    told = sum(item.seconds for item in self.state.rounds)
                    with suppress(MovedOn):
                        self._close(event.attempt, max(0.0, self.state.spent_s - told))
                yield event
        finally:
            if not self.moved_on:
                with suppress(MovedOn):
                    self.save(self.state.started_again(self._clock()))

    def assess(self, said: Collection[int], partly: Collection[int] = ()) -> Graded:
        """Tick what was said in the last answer, where no model judges; before the next question,
        which depends on it. Errors as in `Coach.assess`."""
        answered = [r.attempt for r in self.state.rounds if r.attempt is not None]
        if not answered:
            raise UsageError("Nothing was answered yet. 还没有回答。")
        return self.coach.assess(self.state.profile, answered[-1], said, partly)

    def skip(self) -> None:
        """Leave the open question unanswered; the next topic comes."""
        if self.current() is not None:
            self._close(None, 0.0)

    def seen(self) -> None:
        """A sign of life: after a crash the clock stands at the last one."""
        now = self._clock()
        self._kept.seen(self.state.id, now)
        self.state = replace(self.state, seen_at=now.isoformat())

    def speak(self, language: Language) -> None:
        """Ask in another language from the next topic on; a question that stands open stays."""
        open_ = bool(self.state.rounds) and not self.state.rounds[-1].done
        if not (open_ or self.state.over or self.state.language == language):
            self.save(replace(self.state, language=language))

    def pause(self) -> None:
        """Stop the clock until `resume`; where it has moved on, it runs as it does there."""
        if self.state.running_since is not None and not self.moved_on:
            with suppress(MovedOn):
                self.save(self.state.stopped(self._clock()))

    def finish(self) -> None:
        """End the interview and schedule its topics by what was said of them. Again does no more:
        a topic is rated once."""
        if self.state.over:
            return
        self.save(replace(self.state.stopped(self._clock()), over=True))
        for grades in self.graded().values():
            scores = [grade.score for _, grade in grades if grade.score is not None]
            if scores:
                first, grade = grades[0]
                rating = rating_for(round(sum(scores) / len(scores)))
                self.coach.rate(self.state.profile, first, grade.topic, rating, self._clock())

    def graded(self) -> dict[str, list[tuple[int, Grade]]]:
        """Topic → its attempts with their grades, in the order of the interview."""
        found: dict[str, list[tuple[int, Grade]]] = {}
        for item in self.state.rounds:
            if item.attempt is not None:
                kept = self.coach.history.attempt(self.state.profile, item.attempt)
                found.setdefault(item.topic, []).append((kept.id, Grade.from_dict(kept.grade)))
        return found

    def _rounds(self) -> list[Round]:
        """The rounds on the topic that is asked about."""
        topic = self.state.rounds[-1].topic if self.state.rounds else ""
        return [item for item in self.state.rounds if item.topic == topic]

    def _follow_up(self) -> Exercise | None:
        rounds = self._rounds()
        if not rounds or rounds[-1].attempt is None or len(rounds) > self.state.follow_ups:
            return None
        grades = [grade for _, grade in self.graded()[rounds[-1].topic]]
        found = next_question(self.coach, *grades)
        return self._ask(found.exercise, found.kind) if found else None

    def _next_topic(self) -> Exercise | None:
        begun = {item.topic for item in self.state.rounds}
        language: Language = "en" if self.state.language == "en" else "zh"
        for key, question in self.state.topics:
            if key in begun:
                continue
            topic = topic_of_key(self.coach, key)
            named = next((q for q in topic.asked if q.text == question), None)
            try:
                if question:
                    asked = named or NoteQuestion(question)
                    return self._ask(self.coach.exercise_on(topic, language, asked))
                return self._ask(self.coach.exercise(topic, language, self.state.profile))
            except CorpusError:  # the note is gone
                continue
        return None

    def _ask(self, exercise: Exercise, kind: str = "") -> Exercise:
        """Open a round with a question, and keep it."""
        names = tuple(name_of(point, exercise) for point in exercise.points)
        opened = Round(exercise.topic, exercise.title, exercise.question, kind, names)
        self.save(replace(self.state, rounds=(*self.state.rounds, opened)))
        return exercise

    def _exercise(self, item: Round) -> Exercise | None:
        """The exercise of an open round, as the note has it now."""
        try:
            # The language may have been switched since it was asked.
            language = detect_language(item.question)
            whole = self.coach.exercise_on(topic_of_key(self.coach, item.topic), language)
        except CorpusError:
            return None
        points = tuple(p for p in whole.points if name_of(p, whole) in item.points)
        return replace(whole, question=item.question, points=points or whole.points)

    def _close(self, attempt: int | None, seconds: float) -> None:
        last = replace(self.state.rounds[-1], attempt=attempt, seconds=seconds, done=True)
        self.save(replace(self.state, rounds=(*self.state.rounds[:-1], last)))

    def save(self, state: Interview) -> None:
        """Go on from a state, and keep it.

        Raises:
            MovedOn: it has gone on elsewhere since the state before; that is the state now.
        """
        try:
            self._kept.save(state, self.state)
        except MovedOn:
            self.moved_on, self.state = True, self._kept.get(state.profile, state.id)
            raise
        self.state = state
