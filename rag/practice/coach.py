"""The practice engine that CLI and UI share: choose, hint, grade, rate, look back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from langchain_core.documents import Document

from rag.embedding import Embedder
from rag.errors import CorpusError, UsageError
from rag.index import Index
from rag.language import Language, content_words
from rag.models import LanguageModel
from rag.practice.grades import Grade
from rag.practice.grading import Exercise, grade
from rag.practice.history import Attempt, History, check_profile
from rag.practice.points import KeyPoint, drawn_points, stated_points
from rag.practice.schedule import RATINGS, Rating, due_of, rating_for, review
from rag.retrieval import HybridRetriever
from rag.topics import DIFFICULTIES, Topic, find_topic

LONGEST_EXPLANATION = 20_000
FREE = "topic:"  # prefix of the key of a topic that the learner typed
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
    """Practice over one index; the topics are those of its notes."""

    index: Index
    topics: Sequence[Topic]
    embedder: Embedder
    model: LanguageModel | None
    history: History

    def due(self, profile: str, now: datetime | None = None) -> list[Topic]:
        """Topics to come back to, the most overdue first."""
        now = now or datetime.now(UTC)
        by_note = {topic.note: topic for topic in self.topics}
        return [
            by_note.get(key) or Topic(key, key.removeprefix(FREE))
            for key, card in self.history.cards(profile).items()
            if due_of(card) <= now and (key in by_note or key.startswith(FREE))
        ]

    def next_topic(
        self,
        profile: str,
        tag: str = "",
        difficulty: str = "",
        now: datetime | None = None,
    ) -> Topic:
        """What is due, else a topic never practised (its prerequisites and easy ones first),
        else what is due soonest.

        Raises:
            UsageError: no topic has this tag and difficulty.
        """

        def fits(topic: Topic) -> bool:
            return (not tag or tag in topic.tags) and (
                not difficulty or topic.difficulty == difficulty
            )

        for topic in self.due(profile, now):
            if fits(topic):
                return topic
        fitting = [topic for topic in self.topics if fits(topic)]
        if not fitting:
            raise UsageError(
                f"No topic has the tag '{tag}' and the difficulty '{difficulty or 'any'}'; "
                "choose others. 没有符合条件的主题，请换一个标签或难度。"
            )
        cards = self.history.cards(profile)
        fresh = [topic for topic in fitting if topic.note not in cards]
        if fresh:
            return min(fresh, key=lambda topic: self._order(topic, cards))
        return min(fitting, key=lambda topic: str(cards[topic.note]["due"]))

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
        if topic.note.startswith(FREE):
            return self._free_exercise(topic, language)
        documents = self.index.store.of_notes([topic.note])
        points = stated_points(topic, documents) or drawn_points(documents, self.index.lexical)
        if not points:
            raise CorpusError(
                f"The note {topic.note} holds too little to practise; choose another."
            )
        questions = topic.questions_in(language)
        tried = len(self.history.attempts(profile, topic.note)) if profile else 0
        question = (
            questions[tried % len(questions)]
            if questions
            else _GENERATED[language].format(title=topic.name(language))
        )
        return Exercise(
            topic.note, topic.name(language), question, language, tuple(points), tuple(documents)
        )

    def _free_exercise(self, topic: Topic, language: Language) -> Exercise:
        retriever = HybridRetriever(store=self.index.store, lexical=self.index.lexical)
        hits = retriever.search(topic.title, 6)
        known = set(content_words(topic.title))
        documents: list[Document] = [
            hit.document
            for hit in hits
            if known
            & set(content_words(f"{hit.document.metadata['title']} {hit.document.page_content}"))
        ]
        points = drawn_points(documents, self.index.lexical)
        if len(points) < 2:
            raise CorpusError(
                f"The notes say too little about '{topic.title}' to practise it; choose another "
                "topic. 笔记里关于这个主题的内容太少。"
            )
        question = _GENERATED[language].format(title=topic.title)
        return Exercise(
            topic.note, topic.title, question, language, tuple(points), tuple(documents)
        )

    def grade(
        self,
        exercise: Exercise,
        explanation: str,
        profile: str,
        hints: int = 0,
        now: datetime | None = None,
    ) -> Graded:
        """Grade an explanation and store the attempt.

        Raises:
            UsageError: the explanation is far too long, or the profile has no name.
            ModelError: the LLM failed; the draft is kept.
        """
        profile = check_profile(profile)
        if len(explanation) > LONGEST_EXPLANATION:
            raise UsageError(
                f"The explanation has {len(explanation)} characters; shorten it to "
                f"{LONGEST_EXPLANATION}. 解释太长，请缩短。"
            )
        now = now or datetime.now(UTC)
        result = grade(exercise, explanation, self.embedder, self.index.lexical, self.model)
        number = self.history.save_attempt(
            Attempt(
                0, profile, exercise.topic, exercise.title, exercise.question, explanation,
                result.to_dict(), result.score, None, hints, now.isoformat(),
            )
        )  # fmt: skip
        return Graded(result, number, rating_for(result.score, hints))

    def rate(
        self,
        profile: str,
        attempt: int,
        topic: str,
        rating: str,
        now: datetime | None = None,
    ) -> datetime:
        """Schedule the topic by a rating; returns when it is due (UTC).

        Raises:
            UsageError: there is no such rating.
        """
        if rating not in RATINGS:
            raise UsageError(f"'{rating}' is no rating; use {', '.join(RATINGS)}.")
        profile = check_profile(profile)
        before = self.history.card(profile, topic)
        card = review(before, rating, now or datetime.now(UTC))
        self.history.rate(profile, attempt, rating, topic, card)
        return due_of(card)

    def _order(self, topic: Topic, practised: Iterable[str]) -> tuple[int, int, str]:
        known = set(practised)
        missing = sum(1 for path in topic.prerequisites if path not in known)
        rank = DIFFICULTIES.index(topic.difficulty) if topic.difficulty in DIFFICULTIES else 1
        return (min(missing, 1), rank, topic.note)


def hint(exercise: Exercise, taken: int) -> KeyPoint | None:
    """The key point whose heading the next hint reveals; None when all were revealed."""
    return exercise.points[taken] if taken < len(exercise.points) else None
