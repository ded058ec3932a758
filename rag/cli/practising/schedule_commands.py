"""`rag practice …`: today's portion, what is due, the plan, topics put aside, ratings undone."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.common import Chosen, Corpus, Json, open_assistant, print_json, ready
from rag.cli.practising.learner import Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.notes.topic import Topic
    from rag.practice.plan.timetable import Timetable

Named = Annotated[str, typer.Argument(help="A topic's title, alias or path. 主题")]


def add_to(app: typer.Typer) -> None:
    """Make these commands part of `rag practice`."""
    for command in (today, due, stats, tick, undo, plan, fit, bury, suspend, resume):
        app.command()(command)


def ticks_of(text: str) -> tuple[list[int], list[int]]:
    """Numbers of points said and said in part, as `--said` gives them.

    Raises:
        UsageError: it holds something else.
    """
    from rag.cli.practising.asking import parse_ticks
    from rag.errors import UsageError

    found = parse_ticks(text)
    if found is None:
        raise UsageError(f"'{text}' are no numbers of points; write '1 3 ~4'. 请输入要点编号。")
    return found


def today(
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    json_: Json = False,
) -> None:
    """Today's portion: what is due and what is new, within the daily limits. 今天的练习"""
    found = _timetable(corpus, collection).day(profile)
    if json_:
        print_json(found.to_dict())
        return
    for name, topics in (("review 复习", found.reviews), ("new 新主题", found.new)):
        for topic in topics:
            print(f"{name}: {topic.title} ({topic.key})")
    print(
        f"done today 今天完成: {found.reviewed} reviews 复习, {found.started} new 新主题; "
        f"waiting 顺延: {found.waiting}; unseen 未练: {found.unseen}",
        file=sys.stderr,
    )
    if found.interview_in is not None:
        print(
            f"interview in {found.interview_in} days: {found.new_needed} new topics a day to see "
            f"all of them. 距面试 {found.interview_in} 天，每天需新学 {found.new_needed} 个主题。",
            file=sys.stderr,
        )


def due(
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    json_: Json = False,
) -> None:
    """List all topics that are due, also those beyond today's portion. 待复习的主题"""
    topics = _timetable(corpus, collection).due(profile)
    if json_:
        print_json(
            [
                {"topic": topic.key, "title": topic.title}
                | ({"collection": topic.collection} if topic.collection else {})
                for topic in topics
            ]
        )
        return
    for topic in topics:
        print(f"{topic.title} ({topic.key})")
    if not topics:
        print("Nothing is due. 没有到期的主题。", file=sys.stderr)


def stats(
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    json_: Json = False,
) -> None:
    """Show progress: due and learned topics, scores, retention, weakest points. 学习进度"""
    from rag.practice.stats import progress

    coach = ready(open_assistant(corpus, "none", collection)).coach()
    found = progress(
        coach.history, coach.topics, profile, datetime.now(UTC), day_starts=coach.day_starts
    )
    if json_:
        print_json(found.to_dict())
    else:
        from rag.cli.render import print_progress

        print_progress(found)


def tick(
    attempt: Annotated[int, typer.Argument(help="Number of the attempt. 练习编号")],
    said: Annotated[str, typer.Option(help="Points that were said, ~ in part: '1 3 ~4'.")],
    rating: Annotated[
        str | None, typer.Option(help="again | hard | good | easy; else the ticks decide.")
    ] = None,
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    json_: Json = False,
) -> None:
    """Score an explanation that no model judged by what you said, and schedule it. 自评"""
    ticks = ticks_of(said)
    coach = ready(open_assistant(corpus, "none", collection)).coach()
    done = coach.assess(profile, attempt, *ticks)
    decided = rating or done.suggested
    assert decided is not None  # ticks give a score
    when = coach.rate(profile, attempt, done.grade.topic, decided)
    if json_:
        told = {"attempt": attempt, "rating": decided, "due": when.isoformat()}
        print_json({**done.grade.to_dict(), **told})
        return
    print(f"{done.grade.score}/100  {done.grade.summary}")
    print(f"rating 评级: {decided}; due 下次复习: {when.astimezone():%Y-%m-%d %H:%M}")


def undo(
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
) -> None:
    """Take back the last rating; the schedule is what it was before. 撤销上一次评级"""
    gone = _timetable(corpus, collection).undo(profile)
    print(f"{gone.title}: rating '{gone.rating}' taken back. 已撤销评级。")


def plan(
    new: Annotated[int | None, typer.Option(help="New topics a day. 每日新主题")] = None,
    reviews: Annotated[int | None, typer.Option(help="Reviews a day. 每日复习")] = None,
    retention: Annotated[
        float | None, typer.Option(help="Wished probability of recall, 0.7-0.97. 记忆保持率")
    ] = None,
    interview: Annotated[
        str | None, typer.Option(help="Day of the interview, 2026-12-31; '' for none. 面试日期")
    ] = None,
    day_starts: Annotated[
        int | None, typer.Option(help="Hour at which your day begins. 一天从几点开始")
    ] = None,
    path: Annotated[
        bool | None,
        typer.Option("--path/--no-path", help="New topics as the study path has them. 按学习路线"),
    ] = None,
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    json_: Json = False,
) -> None:
    """Show or change what you wish of the schedule. 学习计划"""
    wished: dict[str, Any] = {
        "new_per_day": new, "reviews_per_day": reviews, "retention": retention,
        "interview": interview, "day_starts": day_starts, "path": path,
    }  # fmt: skip
    changes = {name: value for name, value in wished.items() if value is not None}
    table = _timetable(corpus, collection, indexed=False)
    found = table.change_plan(profile, **changes) if changes else table.plan(profile)
    if json_:
        print_json(found.to_dict())
        return
    starts = found.starts(table.day_starts)
    print(f"new 每日新主题: {found.new_per_day}; reviews 每日复习: {found.reviews_per_day}")
    print(f"retention 记忆保持率: {found.retention:.0%}; day starts 一天开始于: {starts}:00")
    print(f"study path 学习路线: {'followed 遵循' if found.path else '–'}")
    if interview and found.interview_day and found.interview_day < datetime.now().date():
        print(f"{interview} is over already. 这个日期已经过去。", file=sys.stderr)
    print(f"interview 面试: {found.interview or '–'}; fitted on 已拟合: {found.fitted_on} reviews")


def fit(
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
) -> None:
    """Fit the schedule's parameters to your own reviews. 用自己的复习记录拟合参数"""
    found = _timetable(corpus, collection, indexed=False).fit(profile)
    print(f"Fitted on {found.fitted_on} reviews. 已用 {found.fitted_on} 次复习拟合。")


def bury(
    topic: Named,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long. 天数")] = 1,
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
) -> None:
    """Leave a topic out for some days. 暂缓一个主题"""
    table = _timetable(corpus, collection)
    back = table.bury(profile, _key(table.topics, topic), days)
    print(f"{topic}: back on {back}. {back} 再出现。")


def suspend(
    topic: Named, profile: Profile = "me", corpus: Corpus = None, collection: Chosen = None
) -> None:
    """Leave a topic out until `rag practice resume`. 搁置一个主题"""
    table = _timetable(corpus, collection)
    table.suspend(profile, _key(table.topics, topic))
    print(f"{topic}: suspended. 已搁置。")


def resume(
    topic: Named, profile: Profile = "me", corpus: Corpus = None, collection: Chosen = None
) -> None:
    """Take a buried or suspended topic in again. 恢复一个主题"""
    table = _timetable(corpus, collection)
    done = table.resume(profile, _key(table.topics, topic))
    print(f"{topic}: {'back 已恢复' if done else 'was not put aside 未被搁置'}.")


def _key(topics: "Sequence[Topic]", name: str) -> str:
    from rag.errors import UsageError
    from rag.notes.topic import FREE, find_topic

    found = find_topic(topics, name)
    if found is None and not name.startswith(FREE):
        raise UsageError(f"There is no topic '{name}'. 没有这个主题。")
    return found.key if found else name


def _timetable(
    corpus: Path | None, collection: list[str] | None, indexed: bool = True
) -> "Timetable":
    assistant = open_assistant(corpus, "none", collection)
    if indexed:
        return ready(assistant).coach().timetable
    from rag.practice.plan.timetable import Timetable

    return Timetable(assistant.history(), (), assistant.settings.day_starts)
