"""`rag path`: the order of study, day by day, and what comes next."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.common import Corpus, Json, open_assistant, print_json, ready
from rag.cli.practise import Profile

if TYPE_CHECKING:
    from rag.notes.study_path import StudyPlan
    from rag.text.language import Language


def study_path(
    day: Annotated[int | None, typer.Option(min=1, help="Only this day. 只看某一天")] = None,
    language: Annotated[str, typer.Option("--language", help="zh | en")] = "zh",
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Annotated[
        str | None, typer.Option("--collection", help="Named set of notes. 笔记集")
    ] = None,
    json_: Json = False,
) -> None:
    """Show the order of study: days, topics, what was practised and what comes next. 学习路线"""
    from rag.errors import CorpusError, UsageError
    from rag.notes.study_path import FILE

    if language not in {"zh", "en"}:
        raise UsageError(f"'{language}' is no language here; use zh or en.")
    assistant = ready(open_assistant(corpus, "none", [collection] if collection else None))
    plan = assistant.study_plan()
    if plan is None:
        raise CorpusError(
            f"These notes have no order of study; write one as {FILE} (see corpus/README.md). "
            "这个笔记集没有学习路线。"
        )
    if day is not None and day > len(plan.path.days):
        raise UsageError(f"There is no day {day}; the path has {len(plan.path.days)}.")
    practised = assistant.history().cards(profile)
    days = _days(plan, practised)
    if day is not None:
        days = [days[day - 1]]
    if json_:
        following = [topic.note for topic in plan.next_topics(practised)]
        names = {"title": plan.path.title, "title_en": plan.path.title_en}
        print_json({**names, "days": days, "next": following})
        return
    _show(plan, days, "en" if language == "en" else "zh", practised)


def _days(plan: "StudyPlan", practised: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "day": number,
            "title": day.title,
            "title_en": day.title_en,
            "hours": day.hours,
            "topics": [
                {
                    "note": topic.note,
                    "title": topic.title,
                    "title_en": topic.title_en,
                    "difficulty": topic.difficulty,
                    "prerequisites": list(topic.prerequisites),
                    "practised": topic.key in practised,
                }
                for topic in plan.topics_of(day)
            ],
        }
        for number, day in enumerate(plan.path.days, 1)
    ]


def _show(
    plan: "StudyPlan", days: list[dict[str, Any]], language: "Language", practised: dict[str, Any]
) -> None:
    field = "title_en" if language == "en" else "title"
    print(plan.path.name(language))
    for day in days:
        name = f"Day {day['day']}" if language == "en" else f"第 {day['day']} 天"
        print(f"\n{name}  {day[field] or day['title']}  ({day['hours']:g} h)")
        for topic in day["topics"]:
            mark = "✓" if topic["practised"] else "·"
            print(f"  {mark} {topic[field] or topic['title']}  [{topic['note']}]")
    following = plan.next_topics(practised)
    if following:
        told = "; ".join(topic.name(language) for topic in following)
        print(f"\n{'Next' if language == 'en' else '接下来'}: {told}")
