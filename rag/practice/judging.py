"""The key points of an explanation judged one after the other, each told as soon as it stands."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from rag.llm.model import LanguageModel
from rag.llm.verdict import Verdict, states
from rag.practice.exercise import Exercise
from rag.practice.explanation import ParsedExplanation, Utterance
from rag.practice.grades import PointGrade
from rag.practice.llm_judge import PointVerdict, api_verdicts, point_log_odds
from rag.practice.matching import Match
from rag.practice.point_status import (
    DOUBTED,
    Status,
    status_by,
    status_of,
    undecided,
)
from rag.practice.points import KeyPoint

CREDIT = {"covered": 1.0, "partly": 0.5, "missed": 0.0, "contradicted": 0.0}


@dataclass(frozen=True, slots=True)
class Judging:
    """A grade on its way.

    Attributes:
        points: those that stand already, in their order.
        of: how many there will be.
    """

    points: tuple[PointGrade, ...]
    of: int

    @property
    def number(self) -> int | None:
        """Which point is judged now, counted from 1; None where all of them stand."""
        return len(self.points) + 1 if len(self.points) < self.of else None


def judged_points(
    exercise: Exercise,
    reading: ParsedExplanation,
    explanation: str,
    matches: Sequence[Match],
    model: LanguageModel | None,
) -> Generator[Judging, None, tuple[list[PointGrade], str]]:
    """The points with their verdicts, and the follow-up question that an API model asked with
    them. On the way whatever stands; without a model nothing is on the way, for nobody judges.

    Raises:
        ModelError: the LLM cannot be loaded or stopped answering.
    """
    count = len(exercise.points)
    verdicts: dict[int, tuple[PointVerdict, Utterance | None]] = {}
    follow_up = ""
    if model is not None:
        yield Judging((), count)
    if model is not None and not model.local and reading.counted:
        verdicts, follow_up = api_verdicts(
            model, exercise.question, exercise.points, _counted_text(explanation, reading)
        )
    graded: list[PointGrade] = []
    for place, (point, match) in enumerate(zip(exercise.points, matches, strict=True)):
        if match.recited and not match.clash:
            # The note's own words, and nothing against them: no judge knows better.
            text = point.in_language(exercise.language)
            graded.append(PointGrade(text, "covered", 1.0, match.recited, point.source))
        elif place in verdicts:
            graded.append(_by_api(exercise, point, *verdicts[place]))
        elif model is not None and model.judges:
            graded.append(_by_verdict(exercise, explanation, point, match, model))
        else:
            graded.append(_by_rules(exercise, reading, point, match, model))
        if model is not None:
            yield Judging(tuple(graded), count)
    return graded, follow_up


def _by_api(
    exercise: Exercise, point: KeyPoint, verdict: PointVerdict, said: Utterance | None
) -> PointGrade:
    reason = "model" if verdict.status == "contradicted" else ""
    return PointGrade(
        point.in_language(exercise.language), verdict.status, CREDIT[verdict.status], said,
        point.source, reason,
    )  # fmt: skip


def _by_verdict(
    exercise: Exercise, explanation: str, point: KeyPoint, match: Match, model: LanguageModel
) -> PointGrade:
    """A point by the embedded LLM's verdicts on all that the learner said."""
    text = point.in_language(exercise.language)
    status: Status = "missed"
    if match.said is not None:  # else nothing was said that counts
        verdict, of_sentence = verdicts_on(point, exercise, explanation, model)
        if verdict is not None:
            status = status_by(verdict, of_sentence)
    said = (match.clashing or match.said) if status == "contradicted" else match.said
    return PointGrade(
        text,
        status,
        CREDIT[status],
        None if status == "missed" else said,
        point.source,
        "model" if status == "contradicted" else "",
    )


def verdicts_on(
    point: KeyPoint, exercise: Exercise, explanation: str, model: LanguageModel
) -> tuple[Verdict | None, Verdict | None]:
    """The verdict on a point and, where it may be told wrongly, on the note's sentence.

    Raises:
        ModelError: the LLM cannot be loaded or stopped answering.
    """

    def on(text: str) -> Verdict | None:
        return states(model, explanation, f"{exercise.title}: {text}", exercise.question)

    verdict = on(point.in_language(exercise.language))
    doubted = verdict is not None and verdict.wrong >= DOUBTED
    return verdict, on(point.source.quote) if doubted else None


def _by_rules(
    exercise: Exercise,
    reading: ParsedExplanation,
    point: KeyPoint,
    match: Match,
    model: LanguageModel | None,
) -> PointGrade:
    """A point by the words that match it, and a local LLM's log-odds where they leave it open."""
    odds = None
    if model is not None and model.local and not match.clash and undecided(match):
        odds = point_log_odds(model, point, reading.counted)
    status, credit = status_of(match, odds)
    said = match.clashing if status == "contradicted" else match.said
    return PointGrade(
        point.in_language(exercise.language),
        status,
        credit,
        None if status == "missed" else said,
        point.source,
        match.clash,
    )


def _counted_text(explanation: str, reading: ParsedExplanation) -> str:
    """The explanation with what does not count blanked out, so that spans stay right."""
    text = explanation
    for said in (*reading.instructions, *reading.keyword_lists):
        text = text[: said.start] + " " * (said.end - said.start) + text[said.end :]
    return text
