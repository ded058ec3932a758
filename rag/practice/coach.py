"""The practice engine that CLI and UI share: choose, hint, grade, rate, look back."""

from collections.abc import Container, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from langchain_core.documents import Document

from rag.embedding.embedder import Embedder
from rag.errors import CorpusError, UsageError
from rag.index.opened import Index
from rag.llm.fair_queue import QUEUE_NEWS_S
from rag.llm.model import LanguageModel
from rag.llm.waiting import Waiting
from rag.notes.note_key import note_key
from rag.notes.topic import DIFFICULTIES, FREE, NoteQuestion, Topic, find_topic
from rag.practice.grades import Grade
from rag.practice.grading import Exercise, grade
from rag.practice.history import Attempt, History, check_profile
from rag.practice.points import KeyPoint, drawn_points, stated_points
from rag.practice.schedule import RATINGS, Rating, due_of, rating_for, review
from rag.search.hybrid import HybridRetriever
from rag.text.language import Language
from rag.text.words import content_words

LONGEST_EXPLANATION = 20_000
FEWEST_POINTS = 2  # of a typed topic
_GENERATED = {
    "zh": "请解释“{title}”：它是什么、原理如何、有哪些优缺点？",
    "en": "Explain {title}: what it is, how it works, and its strengths and limits.",
}


@dataclass(frozen=True, slots=True)
class Graded:
    """A stored grade: the attempt's id and the rating that its score suggests."""

    grade: Grade
    attempt: int
    suggested: Rating


@dataclass(frozen=True, slots=True)
class Coach:
    """Practice over one index; the topics are those of its notes.

    Attributes:
        asker: who is graded, for the fair queue before the one local engine; "" is a newcomer.
    """

    index: Index
    topics: Sequence[Topic]
    embedder: Embedder
    model: LanguageModel | None
    history: History
    asker: str = ""

    def due(self, profile: str, now: datetime | None = None) -> list[Topic]:
        """Topics to come back to, the most overdue first."""
        now = now or datetime.now(UTC)
        by_key = {topic.key: topic for topic in self.topics}
        return [
            by_key.get(key) or Topic(key, key.removeprefix(FREE))
            for key, card in self.history.cards(profile).items()
            if due_of(card) <= now and (key in by_key or key.startswith(FREE))
        ]

    def next_topic(
        self,
        profile: str,
        tag: str = "",
        difficulty: str = "",
        now: datetime | None = None,
    ) -> Topic:
        """What is due, else a topic never practised (its prerequisites and easy ones first),
        else what is due soonest. A topic that the notes say too little of is passed over.

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
        for topic in self.due(profile, now):
            if fits(topic) and self._practisable(topic):
                return topic
        fitting = [topic for topic in self.topics if fits(topic)]
        if not fitting:
            raise UsageError(
                f"No topic has the tag '{tag}' and the difficulty '{difficulty or 'any'}'; "
                "choose others. 没有符合条件的主题，请换一个标签或难度。"
            )
        cards = self.history.cards(profile)
        fresh = [topic for topic in fitting if topic.key not in cards]
        known = [topic for topic in fitting if topic.key in cards]
        for topic in (
            *sorted(fresh, key=lambda topic: self._order(topic, cards)),
            *sorted(known, key=lambda topic: str(cards[topic.key]["due"])),
        ):
            if self._practisable(topic):
                return topic
        raise CorpusError(
            "The notes say too little to practise them; choose other collections or add notes. "
            "笔记内容太少，无法练习。"
        )

    def exercise(self, topic: str | Topic, language: Language, profile: str = "") -> Exercise:
        """An exercise on a topic of the notes, or on whatever the learner typed.

        Raises:
            UsageError: the topic is empty.
            CorpusError: the notes say nothing about it.
        """
        if isinstance(topic, str):
            typed = topic.removeprefix(FREE).strip()
            if not any(char.isalnum() for char in typed):
                raise UsageError("Name a topic to practise. 请给出要练习的主题。")
            found = find_topic(self.topics, typed)
            topic = found or Topic(FREE + typed, typed)
        tried = len(self.history.attempts(profile, topic.key)) if profile else 0
        questions = topic.questions_in(language)
        asked = questions[tried % len(questions)] if questions else None
        documents, points = self._points(topic, language, asked)
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
            topic.collection,
        )  # fmt: skip

    def points(
        self, topic: Topic, language: Language, asked: NoteQuestion | None = None
    ) -> list[KeyPoint]:
        """The key points of a topic, each with its source; those of one question, if given."""
        return self._points(topic, language, asked)[1]

    def _practisable(self, topic: Topic) -> bool:
        return len(self._points(topic)[1]) >= (FEWEST_POINTS if topic.free else 1)

    def _points(
        self, topic: Topic, language: Language = "zh", asked: NoteQuestion | None = None
    ) -> tuple[list[Document], list[KeyPoint]]:
        """What the notes say on a topic in a language, and the key points that a question of it
        asks for (None: all)."""
        if topic.free:
            documents = self._near(topic)
            return documents, drawn_points(documents, self.index.lexical)
        english = language == "en" and bool(topic.twin)
        note = topic.twin if english else topic.note
        documents = self.index.store.of_notes([note_key(topic.collection, note)])
        wanted = topic.points_of(asked) if asked else topic.points
        stated = stated_points(wanted, documents, english)
        return documents, stated or drawn_points(documents, self.index.lexical)

    def _near(self, topic: Topic) -> list[Document]:
        retriever = HybridRetriever(
            store=self.index.store, lexical=self.index.lexical, notes=self.index.notes
        )
        hits = retriever.search(topic.title, 6)
        known = set(content_words(topic.title))
        return [
            hit.document
            for hit in hits
            if known
            & set(content_words(f"{hit.document.metadata['title']} {hit.document.page_content}"))
        ]

    def grade(
        self,
        exercise: Exercise,
        explanation: str,
        profile: str,
        hints: int = 0,
        now: datetime | None = None,
    ) -> Graded:
        """Grade an explanation and store the attempt. Errors as in `grading`."""
        for event in self.grading(exercise, explanation, profile, hints, now):
            if isinstance(event, Graded):
                return event
        raise AssertionError("the last event is always Graded")

    def grading(
        self,
        exercise: Exercise,
        explanation: str,
        profile: str,
        hints: int = 0,
        now: datetime | None = None,
    ) -> Generator[Waiting | Graded]:
        """How many are ahead of the learner at the one local engine; last, the stored grade.

        Raises:
            UsageError: the explanation is far too long, or the profile has no name.
            ModelError: the LLM failed or too many wait for it; the draft is kept.
        """
        profile = check_profile(profile)
        if len(explanation) > LONGEST_EXPLANATION:
            raise UsageError(
                f"The explanation has {len(explanation)} characters; shorten it to "
                f"{LONGEST_EXPLANATION}. 解释太长，请缩短。"
            )
        model, lexical = self.model, self.index.lexical
        if model is None or model.queue is None:
            result = grade(exercise, explanation, self.embedder, lexical, model)
        else:
            # One turn for all that the grade asks of the model, as an answer has one.
            with model.queue.place(self.asker) as place:
                for ahead in place.waits(every_s=QUEUE_NEWS_S):
                    yield Waiting(ahead)
                result = grade(exercise, explanation, self.embedder, lexical, model.held())
        now = now or datetime.now(UTC)
        number = self.history.save_attempt(
            Attempt(
                0, profile, exercise.topic, exercise.title, exercise.question, explanation,
                result.to_dict(), result.score, None, hints, now.isoformat(),
            )
        )  # fmt: skip
        yield Graded(result, number, rating_for(result.score, hints))

    def rate(
        self,
        profile: str,
        attempt: int,
        topic: str,
        rating: str,
        now: datetime | None = None,
    ) -> datetime:
        """Schedule the topic by an attempt's rating; returns when it is due (UTC).

        Another rating of the same attempt corrects the first one.

        Raises:
            UsageError: there is no such rating, or no such attempt.
        """
        if rating not in RATINGS:
            raise UsageError(f"'{rating}' is no rating; use {', '.join(RATINGS)}.")
        profile = check_profile(profile)
        when = (now or datetime.now(UTC)).astimezone(UTC)
        return due_of(self.history.rate_attempt(profile, attempt, rating, topic, when, review))

    def _order(self, topic: Topic, practised: Container[str]) -> tuple[int, int, str]:
        missing = any(topic.key_of(path) not in practised for path in topic.prerequisites)
        rank = DIFFICULTIES.index(topic.difficulty) if topic.difficulty in DIFFICULTIES else 1
        return (int(missing), rank, topic.key)


def hint(exercise: Exercise, taken: int) -> KeyPoint | None:
    """The key point whose heading the next hint reveals; None when all were revealed."""
    return exercise.points[taken] if taken < len(exercise.points) else None
