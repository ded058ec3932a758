"""What the Practice page does with quick recall; each gives the updates that it shows."""

from collections.abc import Callable
from dataclasses import replace

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from rag.notes.topic import Topic, find_topic, origin_of
from rag.permissions import readable_names
from rag.practice.cards.recall import rate_recall, recall_card, unjudged
from rag.practice.coach import Coach
from rag.practice.grades import Grade
from rag.practice.schedule import Rating
from ui.answer_html import escape, inline, quiet
from ui.grade_html import mark
from ui.practising.recall.recall_parts import Recalling, RecallParts
from ui.session import error_html, owner_of, profile_of
from ui.tabs.practice_exercise import PracticeSession
from ui.wiring import Updates, unchanged
from ui.wording import Language, word

PLACE = "p2"  # of the page: an answer's marks are told apart by it


class RecallActions:
    """The handlers over one assistant and the components of one page."""

    def __init__(self, assistant: Assistant, parts: RecallParts, topic: gr.Dropdown) -> None:
        self._assistant, self.parts, self._topic = assistant, parts, topic

    def begin(
        self, now: Recalling, who: str, wanted: str | None, names: list[str], tag: str,
        difficulty: str, interface: Language, request: gr.Request,
    ) -> Updates:  # fmt: skip
        """A card of the chosen topic, else of what is due first."""
        try:
            return self._next(now, who, wanted, names, tag, difficulty, interface, request, "")
        except RagError as error:
            return self._blank(error_html(error))

    def other(
        self, now: Recalling, who: str, wanted: str | None, names: list[str], tag: str,
        difficulty: str, interface: Language, request: gr.Request,
    ) -> Updates:  # fmt: skip
        """Another topic's card; nothing is rated."""
        if now.card is not None:
            now = replace(now, passed=(*now.passed, now.card.topic))
        return self.begin(now, who, wanted, names, tag, difficulty, interface, request)

    def show(self, now: Recalling, interface: Language) -> Updates:
        """What answers the card."""
        if now.card is None:
            return unchanged(self.parts.recalling)
        grade = unjudged(now.card)
        shown = PracticeSession(now.card, now.collections, grade=grade)
        return {
            self.parts.recalling: replace(now, shown=shown),
            self.parts.answer: answer_html(grade, interface),
            self.parts.told: "",
        }

    def rating(self, rating: Rating) -> Callable[..., Updates]:
        """`rate` by one of the four; Gradio reads from a handler's own parameters what it wants."""

        def rates(
            now: Recalling, who: str, wanted: str | None, names: list[str], tag: str,
            difficulty: str, interface: Language, request: gr.Request,
        ) -> Updates:  # fmt: skip
            return self.rate(rating, now, who, wanted, names, tag, difficulty, interface, request)

        return rates

    def rate(
        self, rating: Rating, now: Recalling, who: str, wanted: str | None, names: list[str],
        tag: str, difficulty: str, interface: Language, request: gr.Request,
    ) -> Updates:  # fmt: skip
        """The topic scheduled, and the next card."""
        if now.card is None or now.shown.grade is None:
            return unchanged(self.parts.recalling)
        try:
            coach, profile = self._coach(now.collections, request), profile_of(who, request)
            due = rate_recall(coach, now.card, profile, rating)
        except RagError as error:
            return {self.parts.told: error_html(error)}
        told = word(
            "rc_rated", interface, title=now.card.title, rating=word(rating, interface),
            due=f"{due.astimezone():%Y-%m-%d %H:%M}",
        )  # fmt: skip
        notice = f"<p>{escape(told)}</p>"
        try:
            return self._next(now, who, wanted, names, tag, difficulty, interface, request, notice)
        except RagError as error:
            return self._blank(notice + error_html(error))

    def _next(
        self, now: Recalling, who: str, wanted: str | None, names: list[str], tag: str,
        difficulty: str, interface: Language, request: gr.Request, notice: str,
    ) -> Updates:  # fmt: skip
        assistant = self._assistant
        names = readable_names(assistant, names or assistant.chosen, owner_of(request))
        coach, profile = self._coach(tuple(names), request), profile_of(who, request)
        wanted = (wanted or "").strip()
        topic: Topic | None = find_topic(coach.topics, wanted) if wanted else None
        if wanted and topic is None:
            notice += f"<p>{escape(word('rc_no_topic', interface, topic=wanted))}</p>"
        if topic is None:
            path = assistant.path_ahead(profile, names)
            topic = coach.next_topic(
                profile, tag or "", difficulty or "", path=path, but=now.passed
            )
        card = recall_card(coach, topic, interface, profile)
        place = " · ".join(part for part in (card.title, origin_of(card.topic)) if part)
        return {
            self.parts.recalling: Recalling(card, tuple(names), passed=now.passed),
            self.parts.card: f"{quiet(escape(place))}<h3>{inline(card.question)}</h3>",
            self.parts.answer: "",
            self.parts.told: notice,
            self._topic: None,  # asked for once: the card after it is another
        }

    def _coach(self, names: tuple[str, ...], request: gr.Request) -> Coach:
        return self._assistant.coach(
            "none", readable_names(self._assistant, names, owner_of(request))
        )

    def _blank(self, notice: str) -> Updates:
        part = self.parts
        return {part.recalling: Recalling(), part.card: "", part.answer: "", part.told: notice}


def answer_html(grade: Grade, language: Language) -> str:
    """The points that answer a card, each with its source and where that stands."""
    rows = "".join(
        f"<div class='point told'><div class='note-says'>{inline(point.text)}"
        f"{mark(PLACE, point.source.n)}</div></div>"
        for point in grade.points
    )
    return f"<div class='recalled'>{rows}{quiet(word('rc_rate', language))}</div>"
