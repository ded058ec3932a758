"""Ratings and the schedule they make: given, corrected, taken back; all in one transaction."""

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from rag.errors import UsageError
from rag.practice.kept.attempts import COLUMNS, Attempt, attempt_of
from rag.storage.database import Database

Review = Callable[[dict[str, Any] | None, Any, datetime], dict[str, Any]]


def give_rating(
    kept: Database,
    profile: str,
    attempt: int,
    rating: str,
    topic: str,
    when: datetime,
    review: Review,
) -> dict[str, Any]:
    """Schedule a topic by an attempt's rating; gives the new card.

    A second rating of the same attempt takes the first one's place: it starts from the card
    before the attempt, and what was rated after it is scheduled again.

    Raises:
        UsageError: this learner has no such attempt on the topic.
    """
    with kept.open() as database:
        database.execute("BEGIN IMMEDIATE")  # two clicks, one after the other
        row = database.execute(
            "SELECT before, rated_at, rating, at FROM attempts "
            "WHERE id = ? AND profile = ? AND topic = ?",
            (attempt, profile, topic),
        ).fetchone()
        if row is None:
            raise UsageError("This attempt is not kept; explain the topic again. 没有这次练习。")
        before, rated_at, rated, at = row
        if rated_at is None and rated is not None:  # by a version that kept neither
            rated_at = at
            before = json.dumps(_replayed(database, profile, topic, at, attempt, review))
        elif rated_at is None:
            found = database.execute(
                "SELECT card FROM cards WHERE profile = ? AND topic = ?", (profile, topic)
            ).fetchone()
            before, rated_at = (found[0] if found else "null"), when.isoformat()
        first = review(json.loads(before), rating, datetime.fromisoformat(rated_at))
        database.execute(
            "UPDATE attempts SET rating = ?, before = ?, rated_at = ? WHERE id = ?",
            (rating, before, rated_at, attempt),
        )
        card = _rescheduled(database, profile, topic, rated_at, attempt, first, review)
        assert card is not None
        put_card(database, profile, topic, card)
    return card


def take_rating_back(
    kept: Database, profile: str, review_of: Callable[[str], Review], attempt: int | None = None
) -> Attempt:
    """Take a rating back: the schedule is again what it was before; what was rated after it
    on the same topic is scheduled again.

    Args:
        review_of: the review of a topic's card.
        attempt: whose rating; None: the one given last.

    Raises:
        UsageError: there is none that can be taken back.
    """
    chosen = "id = ?" if attempt is not None else "rated_at IS NOT NULL"
    values = (profile, attempt) if attempt is not None else (profile,)
    with kept.open() as database:
        database.execute("BEGIN IMMEDIATE")
        row = database.execute(
            f"SELECT {COLUMNS}, before FROM attempts WHERE profile = ? AND {chosen} "
            "AND rating IS NOT NULL AND before IS NOT NULL ORDER BY rated_at DESC, id DESC "
            "LIMIT 1",
            values,
        ).fetchone()
        if row is None:
            raise UsageError("There is no rating to take back. 没有可以撤销的评级。")
        found, before = attempt_of(row[:-1]), json.loads(row[-1])
        rated_at = str(found.rated_at)
        database.execute(
            "UPDATE attempts SET rating = NULL, rated_at = NULL, before = NULL WHERE id = ?",
            (found.id,),
        )
        review = review_of(found.topic)
        card = _rescheduled(database, profile, found.topic, rated_at, found.id, before, review)
        if card is None:
            database.execute(
                "DELETE FROM cards WHERE profile = ? AND topic = ?", (profile, found.topic)
            )
        else:
            put_card(database, profile, found.topic, card)
    return found


def put_card(database: sqlite3.Connection, profile: str, topic: str, card: dict[str, Any]) -> None:
    """Store a topic's schedule in the place of the one there was."""
    database.execute(
        "INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?)",
        (profile, topic, json.dumps(card), card["due"]),
    )


def _rated(
    database: sqlite3.Connection,
    profile: str,
    topic: str,
    side: Literal["<", ">"],
    moment: str,
    attempt: int,
) -> list[tuple[int, str, str]]:
    """(attempt, rating, moment) of a topic's ratings before or after an attempt's, in order."""
    return database.execute(
        "SELECT id, rating, COALESCE(rated_at, at) FROM attempts "
        "WHERE profile = ? AND topic = ? AND rating IS NOT NULL "
        f"AND (COALESCE(rated_at, at), id) {side} (?, ?) ORDER BY COALESCE(rated_at, at), id",
        (profile, topic, moment, attempt),
    ).fetchall()


def _replayed(
    database: sqlite3.Connection, profile: str, topic: str, at: str, attempt: int, review: Review
) -> dict[str, Any] | None:
    """The card that the ratings before an attempt make."""
    card = None
    for _, rating, moment in _rated(database, profile, topic, "<", at, attempt):
        card = review(card, rating, datetime.fromisoformat(moment))
    return card


def _rescheduled(
    database: sqlite3.Connection,
    profile: str,
    topic: str,
    rated_at: str,
    attempt: int,
    card: dict[str, Any] | None,
    review: Review,
) -> dict[str, Any] | None:
    """The card after the ratings that came after one, each on top of the other."""
    for number, rating, moment in _rated(database, profile, topic, ">", rated_at, attempt):
        database.execute("UPDATE attempts SET before = ? WHERE id = ?", (json.dumps(card), number))
        card = review(card, rating, datetime.fromisoformat(moment))
    return card
