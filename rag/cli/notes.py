"""`rag corpus …`: is the corpus sound? `rag path`: in what order to learn it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.common import Corpus, Json, open_assistant, print_json, ready
from rag.cli.practising.learner import Profile

if TYPE_CHECKING:
    from rag.notes.study_path import StudyPlan
    from rag.text.language import Language

app = typer.Typer(help="Look after a folder of notes. 笔记库检查", no_args_is_help=True)


@app.callback()
def corpus_group() -> None:
    """Look after a folder of notes. 笔记库检查"""


@app.command()
def check(
    corpus: Corpus = None,
    questions: Annotated[
        bool, typer.Option("--questions/--no-questions", help="Also search each note's questions.")
    ] = True,
    least: Annotated[
        float, typer.Option(min=0, max=1, help="Share of questions that must find their note.")
    ] = 0.85,
    json_: Json = False,
) -> None:
    """Check front matter, links, names, key points, lengths, values told twice, the order of study,
    and that questions find their note."""
    from collections.abc import Sequence
    from dataclasses import asdict

    import numpy as np

    from rag.cli.progress_bars import index_progress
    from rag.embedding.vector_cache import embed_cached
    from rag.errors import CorpusError
    from rag.evaluation.corpus.corpus_check import (
        NEAR,
        check_notes,
        check_path,
        rank_questions,
    )
    from rag.evaluation.corpus.note_parts import chinese_characters, parts_of
    from rag.notes.note import Note, Skipped
    from rag.notes.study_path import FILE
    from rag.notes.topic import TWIN
    from rag.readers.corpus import read_corpus

    assistant = open_assistant(corpus, "none")
    folder = assistant.settings.corpus.expanduser()
    entries = list(read_corpus(folder, assistant.settings.read_limits, assistant.runtime.readers))
    notes = [entry for entry in entries if isinstance(entry, Note)]

    def embed(texts: Sequence[str]) -> np.ndarray:
        cache = assistant.settings.embedding_cache
        return embed_cached(texts, assistant.embedder, cache, optional=True)[0]

    problems = [asdict(problem) for problem in check_notes(notes, embed)]
    if (folder / FILE).is_file():
        problems += [asdict(item) for item in check_path(assistant.note(FILE), notes)]
    problems += [
        {"note": e.path, "text": e.reason}
        for e in entries
        if isinstance(e, Skipped) and not e.by_choice
    ]
    ranks = []
    if questions:
        assistant.build()
        retriever = ready(assistant).retriever(10)
        with index_progress() as progress:
            ranks = rank_questions(notes, retriever.search, progress)
    shares = {}
    for language in ("zh", "en"):
        own = [item.rank for item in ranks if item.language == language]
        for name, most in (("rank_1", 1), (f"top_{NEAR}", NEAR)):
            shares[f"{language}_{name}"] = (
                round(sum(1 for r in own if r and r <= most) / len(own), 4) if own else None
            )
    lost = [asdict(item) for item in ranks if not item.rank or item.rank > NEAR]
    bodies = {note.path: parts_of(note) for note in notes}
    characters = sum(chinese_characters(parts.body) for parts in bodies.values())
    english = sum(len(p.body) for path, p in bodies.items() if path.endswith(TWIN))
    if json_:
        report = {
            "notes": len(notes),
            "chinese_characters": characters,
            "english_characters": english,
            "code_blocks_run": sum(
                block.info == "python" for parts in bodies.values() for block in parts.code
            ),
            "problems": problems,
        }
        print_json({**report, "questions": len(ranks), **shares, "lost": lost})
    else:
        for item in problems:
            print(f"{item['note']}: {item['text']}")
        for item in lost:
            print(f"{item['note']}: found at rank {item['rank'] or '>10'} by: {item['question']}")
        print(f"{len(notes)} notes, {characters} Chinese characters, {len(problems)} problems")
        if ranks:
            print(f"{len(ranks)} questions; " + ", ".join(f"{k} {v}" for k, v in shares.items()))
    found = 1 - len(lost) / len(ranks) if ranks else 1.0
    if problems or found < least:
        raise CorpusError(
            f"The corpus has {len(problems)} problems and {found:.0%} of its questions find their "
            "note; repair what is listed above."
        )


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
