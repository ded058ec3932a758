"""Quick recall: a short question, a moment to think, what answers it with its sources, a rating.

A rating counts as one after an explanation does: the same schedule, the same daily limits.
"""

from datetime import UTC, datetime

from rag.notes.topic import NoteQuestion, Topic
from rag.practice.cards.gaps import with_gap
from rag.practice.coach import Coach
from rag.practice.exercise import Exercise
from rag.practice.grades import Grade, PointGrade
from rag.practice.history import check_profile
from rag.practice.kept.attempts import Attempt
from rag.practice.own.drafted_topic import with_draft
from rag.text.language import Language, detect_language

MOST_POINTS = 3  # of an answer that is recalled at a glance


def recall_card(coach: Coach, topic: Topic, language: Language, profile: str = "") -> Exercise:
    """A card of a topic; its cards come in turn, whoever was asked one gets the next.

    Raises:
        CorpusError: the note says too little.
    """
    topic = with_draft(topic, coach.index)
    cards = cards_of(topic, language)
    past = coach.history.attempts(profile, topic.key) if profile else []
    turn = sum(1 for item in past if not item.explanation)
    return coach.exercise_on(topic, language, cards[turn % len(cards)] if cards else None)


def cards_of(topic: Topic, language: Language) -> list[NoteQuestion]:
    """What a topic asks in a language that has a short answer: its points' own questions, its
    questions with few points, its points with a gap. Where all ask for more, all its questions."""
    asked = topic.questions_in(language)
    points = [point for point in topic.points if point.id]
    found = [NoteQuestion(point.recall, (point.id,)) for point in points if point.recall]
    found += [item for item in asked if len(topic.points_of(item)) <= MOST_POINTS]
    for point in points:
        text = point.text_en if language == "en" and point.text_en else point.text
        if not point.recall and (gap := with_gap(text)):
            found.append(NoteQuestion(gap, (point.id,)))
    return [item for item in found if detect_language(item.text) == language] or asked


def rate_recall(
    coach: Coach, card: Exercise, profile: str, rating: str, now: datetime | None = None
) -> datetime:
    """Keep that a card was recalled and schedule its topic by the rating; gives when it is due.

    Raises:
        UsageError: there is no such rating, or the profile has no name.
    """
    now = now or datetime.now(UTC)
    attempt = coach.history.save_attempt(
        Attempt(
            0, check_profile(profile), card.topic, card.title, card.question, "",
            unjudged(card).to_dict(), None, None, 0, now.isoformat(),
        )
    )  # fmt: skip
    return coach.rate(profile, attempt, card.topic, rating, now)


def unjudged(card: Exercise) -> Grade:
    """A card's points as those of a grade: nobody has judged them."""
    points = tuple(
        PointGrade(
            point.in_language(card.language), "not found", 0.0, None, point.source, "", point.id,
            point.weight,
        )
        for point in card.points
    )  # fmt: skip
    return Grade(
        card.topic, card.title, card.question, card.language, points, (), None, "", "", "none",
        collection=card.collection, self_assessed=True,
    )  # fmt: skip
