"""A mock interview as safe HTML: the question under its clock, what waits, what is past."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rag.practice.interview.interview_report import InterviewReport, overall_score
from rag.practice.kept.interviews import Interview
from ui.answer_html import escape, inline, quiet
from ui.wording import Language, word

_KINDS = {"back": "iv_back", "lead": "iv_lead_kind", "deeper": "iv_deeper"}
_MOST_PAST = 8


def asking_html(state: Interview, now: datetime, language: Language, answered: bool = False) -> str:
    """The last question; after its answer, while that is looked at, the clock stands."""
    last = state.rounds[-1]
    kind = _KINDS.get(last.kind, "")
    chip = f"<span class='chip'>{word(kind, language)}</span>" if kind else ""
    phase = "answered" if answered else "asking"
    return (
        f"<div class='iv {phase}'><div class='iv-line'>{_place(state, language)}"
        f"{_clock(state, now, language)}</div>{_unmatched(state, language)}"
        f"{quiet(f'{escape(last.title)} {chip}')}"
        f"<h3>{inline(last.question, typeset=False)}</h3></div>"
    )


def offer_html(state: Interview | None, now: datetime, language: Language) -> str:
    """The interview that was begun and not ended; "" where there is none."""
    if state is None:
        return ""
    seen = datetime.fromisoformat(state.seen_at or state.started)
    spent = state.spent(seen if state.running_since else now)
    text = word(
        "iv_open", language, day=_day(state.started), n=_answered(state), minutes=round(spent / 60)
    )
    return f"<p class='offer'>{escape(text)}</p>"


def over_html(report: InterviewReport, language: Language) -> str:
    """What leads on from a report."""
    buttons = "".join(
        f"<button type='button' class='go chip' data-go='practise' data-topic='{escape(key)}'>"
        f"{escape(title)}</button>"
        for key, title in report.next_topics
    )
    then = quiet(word("iv_then", language), "span") + buttons if buttons else ""
    return f"<div class='iv over'><div class='chips'>{then}</div></div>"


def past_html(
    interviews: Sequence[Interview], scores: Mapping[int, int | None], language: Language
) -> str:
    """The interviews that are over, the latest first; each opens its report.

    Args:
        scores: of the learner's attempts, by their numbers.
    """
    done = [item for item in interviews if item.over][:_MOST_PAST]
    if not done:
        return ""
    rows = "".join(
        f"<li><button type='button' class='link iv-past' data-interview='{item.id}'>"
        + escape(
            word(
                "iv_past_one", language, day=_day(item.started), topics=len(item.topics),
                answered=_answered(item),
            )
        )
        + f"</button>{_score(overall_score(item, scores))}</li>"
        for item in done
    )  # fmt: skip
    return f"<h4>{word('iv_past', language)}</h4><ul class='iv-list'>{rows}</ul>"


def _score(score: int | None) -> str:
    return "" if score is None else f"<b class='iv-score'>{score}/100</b>"


def _place(state: Interview, language: Language) -> str:
    """Which of the topics it is, as marks and in words."""
    begun = list(dict.fromkeys(item.topic for item in state.rounds))
    at, whole = len(begun), max(len(state.topics), len(begun))
    marks = "".join(
        f"<i class='{'done' if n < at else 'here' if n == at else 'ahead'}'></i>"
        for n in range(1, whole + 1)
    )
    told = word("iv_place", language, n=at, all=whole)
    return f"<span class='iv-marks' aria-hidden='true'>{marks}</span>{quiet(told, 'span')}"


def _clock(state: Interview, now: datetime, language: Language) -> str:
    left, spent = state.left(now), state.spent(now)
    at, told = now.timestamp(), _minutes(spent if left is None else left)
    if state.running_since is None:
        return f"<span class='clock'>{told} · {word('iv_stopped', language)}</span>"
    kind, name, moment = (
        ("stopwatch", "from", at - spent) if left is None else ("countdown", "ends", at + left)
    )
    return f"<span class='clock {kind}' data-{name}='{int(moment * 1000)}'>{told}</span>"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _unmatched(state: Interview, language: Language) -> str:
    if not state.unmatched:
        return ""
    named = "".join(f"<li>{escape(text)}</li>" for text in state.unmatched)
    head = f"{word('iv_unmatched', language)}{len(state.unmatched)}"
    return f"<details class='unmatched' open><summary>{head}</summary><ul>{named}</ul></details>"


def _answered(state: Interview) -> int:
    return sum(item.attempt is not None for item in state.rounds)


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%m-%d %H:%M}"
