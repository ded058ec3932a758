"""`rag practice appeal` and `appeals`: where the grader was wrong."""

from pathlib import Path
from typing import Annotated

import typer

from rag.cli.common import Chosen, Corpus, Json, Llm, load_model, open_assistant, print_json, ready
from rag.cli.practising.learner import Profile


def add_to(app: typer.Typer) -> None:
    """Make these commands part of `rag practice`."""
    app.command()(appeal)
    app.command()(appeals)


def appeal(
    attempt: Annotated[int, typer.Argument(help="Number of the attempt. 练习编号")],
    point: Annotated[int, typer.Argument(help="Number of the point, from 1. 要点编号")],
    said: Annotated[
        str, typer.Option(help="Your words that say it, as they stand in your text. 我说过这句")
    ] = "",
    not_asked: Annotated[
        bool, typer.Option("--not-asked", help="The question does not ask for it. 题目没问")
    ] = False,
    note_wrong: Annotated[
        bool, typer.Option("--note-wrong", help="The note is wrong here. 笔记有误")
    ] = False,
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Llm = None,
    json_: Json = False,
) -> None:
    """Appeal against one point of a grade: once a point. 申诉"""
    from rag.errors import UsageError
    from rag.practice.after.appealing import appeal as appealed
    from rag.practice.kept.appeals import AppealKind

    if sum([bool(said), not_asked, note_wrong]) != 1:
        raise UsageError("Give one of --said WORDS, --not-asked, --note-wrong. 请选择一种申诉。")
    kind: AppealKind = "said" if said else "not asked" if not_asked else "note wrong"
    assistant = ready(open_assistant(corpus, llm, collection))
    load_model(assistant, writes=kind == "said")
    done = appealed(assistant.coach(), profile, attempt, point, kind, said)
    if json_:
        print_json({**done.grade.to_dict(), "attempt": attempt, "suggested": done.suggested})
        return
    found = done.grade.points[point - 1]
    print(f"{point}: {found.status}; {done.grade.score}/100 (suggests 建议评级: {done.suggested})")


def appeals(
    export: Annotated[
        Path | None, typer.Option("--export", help="Write them as JSON lines for evaluation.")
    ] = None,
    profile: Annotated[str, typer.Option(help="Whose; all where none is given. 学习者")] = "",
    json_: Json = False,
) -> None:
    """Count the appeals, or write them as evaluation data. 申诉统计与导出"""
    import json

    from rag.practice.history import check_profile
    from rag.practice.kept.appeals import Appeals
    from rag.storage.atomic import write_atomic

    kept = Appeals(open_assistant(None, "none").history())
    whose = check_profile(profile) if profile else None
    counts = kept.counts(whose)
    if export is not None:
        lines = [json.dumps(item, ensure_ascii=False) + "\n" for item in kept.export(whose)]
        write_atomic(export, "".join(lines).encode())
    if json_:
        print_json(counts)
        return
    for kind, found in counts.items():
        print(f"{kind}: {found['appeals']} ({found['granted']} changed the grade 改判)")
