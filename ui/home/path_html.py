"""The study path on the Home page as HTML: today's day, how far it has come, the next topic."""

from html import escape

from ui.answer_html import quiet
from ui.home.home_html import practise_button, topic_button
from ui.home.on_path import OnPath
from ui.home.standing import Standing
from ui.wording import Language, word


def path_html(found: OnPath, now: Standing, language: Language) -> str:
    """The path; "" where no notes have one."""
    if found.plan is None or not found.days:
        return ""
    done = sum(topic.key in found.learned for topic in found.all)
    line = word("path_line", language, done=done, all=len(found.all))
    head = (
        f"<div class='map-head'><h2>{escape(found.plan.path.name(language))}</h2>"
        f"{quiet(line, 'span')}{_date(found, language)}</div>"
    )
    body = _today(found, now, language) if found.follows else _offer(found, language)
    return f"<section class='trail'>{head}{_days(found, language)}{body}</section>"


def _days(found: OnPath, language: Language) -> str:
    """One mark a day, filled as far as its topics are learned."""
    today, marks = found.today, []
    for number in range(1, len(found.days) + 1):
        done, whole = found.done(number), len(found.topics(number))
        share = 100 * done / whole if whole else 0
        told = word("path_day_done", language, n=number, done=done, all=whole)
        here = " class='here' aria-current='step'" if number in today and found.follows else ""
        marks.append(
            f"<li{here} title='{told}'><b>{number}</b><span class='spoken'>{told}</span>"
            f"<i style='width:{share:.0f}%'></i></li>"
        )
    return f"<ol class='trail-days'>{''.join(marks)}</ol>"


def _today(found: OnPath, now: Standing, language: Language) -> str:
    parts: list[str] = []
    for number in found.today:
        day = found.days[number - 1]
        name = word("path_day", language, n=number, name=day.name(language))
        hours = word("path_hours", language, n=f"{day.hours:g}")
        chips = "".join(
            topic_button(topic, now.state(topic), language) for topic in found.topics(number)
        )
        parts.append(  # what an interview adds to today is folded
            f"<details{'' if parts else ' open'}><summary><h3>{escape(name)} "
            f"{quiet(hours, 'span')}</h3></summary>"
            f"<div class='topics'>{chips}</div></details>"
        )
    following = found.following
    if following is not None:
        label = word("path_next", language, topic=following.name(language))
        parts.append(practise_button(following.key, label))
    else:
        parts.append(f"<p>{word('path_done', language)}</p>")
    leave = word("path_leave", language)
    parts.append(f"<button type='button' class='link follow-path' data-follow=''>{leave}</button>")
    return "".join(parts)


def _offer(found: OnPath, language: Language) -> str:
    told = word("path_lead", language, n=len(found.days))
    return (
        f"<div class='trail-offer'>{quiet(told)}<button type='button' class='chip follow-path' "
        f"data-follow='1'>{word('path_follow', language)}</button></div>"
    )


def _date(found: OnPath, language: Language) -> str:
    return (
        f"<label class='interview-day'>{word('interview_day', language)} "
        f"<input type='date' value='{escape(found.interview)}'></label>"
    )
