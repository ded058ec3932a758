"""A grade as safe HTML: points with the learner's words, clickable passages, and ticks."""

from collections.abc import Mapping
from typing import get_args

from rag.practice.after.self_assessment import proposed
from rag.practice.grades import Grade, LeftOut, PointGrade, PointStatus
from rag.practice.judging import Judging
from ui.answer_html import escape, inline
from ui.wording import Language, word

TICKS: tuple[PointStatus, ...] = ("covered", "partly", "missed")


def grade_html(
    grade: Grade, language: Language, place: str = "p0", ticks: Mapping[int, str] | None = None
) -> str:
    """Score, summary, every key point, wrong statements, the follow-up question.

    Where no model judged, every point has ticks; see `practising.ticks`.

    Args:
        place: which part of the page shows it: its marks are told apart by it.
        ticks: number of a point → what the learner has ticked and not yet handed in.
    """
    summary = escape(" ".join(grade.summary.split()))
    parts = [_score(grade, language), f"<p class='summary'>{summary}</p>"]
    parts += [f"<p class='error'>{escape(warning)}</p>" for warning in grade.warnings]
    parts += [
        _point(number, point, language, place, _ticked(number, grade, ticks or {}))
        for number, point in enumerate(grade.points, 1)
    ]
    if grade.statements:
        parts.append(f"<h4>{word('wrong_statements', language)}</h4>")
    for number, statement in enumerate(grade.statements, 1):
        button = mark(place, -number) if statement.source else ""
        parts.append(
            f"<div class='point {'contradicted' if statement.source else 'partly'}'>"
            f"<div class='note-says'><span class='verdict'>{word(statement.kind, language)}</span>"
            f"“{escape(_short(statement.said.text))}” {button}</div></div>"
        )
    # An interview asks it next; whoever still has to tick is not asked on.
    if grade.follow_up and place == "p0" and grade.score is not None:
        parts.append(f"<p><b>{word('follow_up', language)}</b>{escape(grade.follow_up)}</p>")
    return "".join(parts)


def judging_html(judging: Judging, language: Language, place: str = "p0") -> str:
    """The points that stand, in the places that the grade will have them in, and which is next."""
    told = (
        word("judging_done", language)
        if judging.number is None
        else word("judging", language, n=judging.number, all=judging.of)
    )
    done = sum(point.status == "covered" for point in judging.points)
    count = word("points_count", language, done=done, all=judging.of)
    points = "".join(
        _point(number, point, language, place, pending=True)
        for number, point in enumerate(judging.points, 1)
    )
    return (
        f"<div class='judging'><div class='score'>–<small> / 100 · {count}</small></div>"
        f"<p class='summary' role='status'>{told}</p>{points}</div>"
    )


def mark(place: str, number: int, pending: bool = False) -> str:
    """The button that opens a point's passage (n > 0) or a wrong statement's (n < 0)."""
    label = str(number) if number > 0 else "!"
    off = " disabled" if pending else ""
    return f'<button type="button" class="cite mark cite-{place}_{number}"{off}>{label}</button>'


def _score(grade: Grade, language: Language) -> str:
    if grade.score is None:  # without a model nobody scores but the learner
        return f"<h3 class='to-tick'>{word('tick_these', language)}</h3>"
    told = [point for point in grade.points if point.status not in get_args(LeftOut)]
    done = sum(point.status == "covered" for point in told)
    count = word("points_count", language, done=done, all=len(told))
    own = f" · {word('self_assessed', language)}" if grade.self_assessed else ""
    return f"<div class='score given'>{grade.score}<small> / 100 · {count}{own}</small></div>"


def _point(
    number: int, point: PointGrade, language: Language, place: str, ticked: str | None = None,
    pending: bool = False,
) -> str:  # fmt: skip
    """A point's row.

    Args:
        ticked: the tick that it has, "" for none yet; None where there is nothing to tick.
        pending: its source cannot be opened yet.
    """
    said = (
        f"{word('you_said', language)}“{escape(_short(point.said.text))}”"
        if point.said
        else word("not_said", language)
        if point.status == "missed" and ticked is None
        else ""
    )
    said = f"<div class='said'>{said}</div>" if said else ""
    ticks = "" if ticked is None else _ticks(number, ticked, language, place)
    kind = point.status.replace(" ", "-")
    return (
        f"<div class='point {kind}'><div class='note-says'><span class='verdict'>"
        f"{word(point.status, language)}</span>{inline(point.text)}"
        f"{mark(place, point.source.n, pending)}</div>{said}{ticks}</div>"
    )


def _ticked(number: int, grade: Grade, given: Mapping[int, str]) -> str | None:
    """The tick that a point has already; before the learner's own what was found for certain."""
    if not grade.self_assessed or grade.points[number - 1].status in get_args(LeftOut):
        return None
    if number in given:
        return given[number]
    if grade.score is None:
        return "covered" if number in proposed(grade) else ""
    return grade.points[number - 1].status


def _ticks(number: int, chosen: str, language: Language, place: str) -> str:
    options = "".join(
        f"<label><input type='radio' name='tick-{place}-{number}' value='{name}'"
        f"{' checked' if name == chosen else ''}><span>{word(f'tick_{name}', language)}</span>"
        "</label>"
        for name in TICKS
    )
    legend = word("tick_of", language, n=number)
    return f"<fieldset class='ticks'><legend class='spoken'>{legend}</legend>{options}</fieldset>"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 240 else f"{text[:240]}…"
