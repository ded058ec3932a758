"""`rag practice …`: explain a topic, be graded, come back in time."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.common import Chosen, Corpus, Json, Llm, load_model, open_assistant, print_json, ready

if TYPE_CHECKING:
    from rag.practice.coach import Coach
    from rag.practice.grading import Exercise

app = typer.Typer(help="Explain topics and be graded against the notes. 练习与复习")


def _checked(name: str) -> str:
    from rag.practice.history import check_profile

    return check_profile(name)


Profile = Annotated[
    str, typer.Option("--profile", callback=_checked, help="Whose practice. 学习者")
]


@app.callback(invoke_without_command=True)
def practise(
    context: typer.Context,
    topic: Annotated[
        str | None, typer.Option(help="A note's title or alias, or any topic.")
    ] = None,
    tag: Annotated[str, typer.Option(help="Only topics with this tag. 标签")] = "",
    difficulty: Annotated[str, typer.Option(help="easy | medium | hard")] = "",
    language: Annotated[str, typer.Option("--language", help="zh | en")] = "zh",
    profile: Profile = "me",
    explanation: Annotated[
        str | None, typer.Option(help="File with the explanation, - = stdin; else it is asked for.")
    ] = None,
    rating: Annotated[
        str | None, typer.Option(help="again | hard | good | easy; else the score decides.")
    ] = None,
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Llm = None,
    json_: Json = False,
) -> None:
    """Explain a topic in your own words and see what you covered, missed or got wrong."""
    if context.invoked_subcommand:
        return
    from rag.errors import UsageError
    from rag.practice.schedule import RATINGS

    if language not in {"zh", "en"}:
        raise UsageError(f"'{language}' is no language here; use zh or en.")
    if rating is not None and rating not in RATINGS:
        raise UsageError(f"'{rating}' is no rating; use {', '.join(RATINGS)}.")
    text = _read(explanation) if explanation else None
    assistant = ready(open_assistant(corpus, llm, collection))
    coach = assistant.coach()
    chosen = topic if topic else coach.next_topic(profile, tag, difficulty)
    exercise = coach.exercise(chosen, "en" if language == "en" else "zh", profile)
    hints = 0
    if text is None:
        text, hints = _ask(coach, exercise, profile)
    load_model(assistant)
    graded = coach.grade(exercise, text, profile, hints)
    decided: str = rating or graded.suggested
    if not json_:
        from rag.cli.render import print_grade

        print_grade(graded.grade)
        if rating is None and explanation is None:
            decided = _ask_rating(graded.suggested)
    due = coach.rate(profile, graded.attempt, exercise.topic, decided)
    if json_:
        print_json({**graded.grade.to_dict(), "rating": decided, "due": due.isoformat()})
    else:
        print(f"\nrating 评级: {decided}; due 下次复习: {due.astimezone():%Y-%m-%d %H:%M}")


@app.command()
def due(
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    json_: Json = False,
) -> None:
    """List the topics that are due. 待复习的主题"""
    topics = ready(open_assistant(corpus, "none", collection)).coach().due(profile)
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


@app.command()
def stats(
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    json_: Json = False,
) -> None:
    """Show progress: due and learned topics, scores, retention, weakest points. 学习进度"""
    from rag.practice.stats import progress

    coach = ready(open_assistant(corpus, "none", collection)).coach()
    found = progress(coach.history, coach.topics, profile, datetime.now(UTC))
    if json_:
        print_json(found.to_dict())
    else:
        from rag.cli.render import print_progress

        print_progress(found)


@app.command("export")
def export_(
    file: Annotated[Path, typer.Argument(help="Where to write.")],
    profile: Profile = "me",
    anki: Annotated[
        bool, typer.Option("--anki", help="A CSV of questions and key points for Anki instead.")
    ] = False,
    corpus: Corpus = None,
    collection: Chosen = None,
) -> None:
    """Write attempts and schedule as JSON, or the topics as an Anki CSV. 导出"""
    import json

    from rag.storage.atomic import write_atomic

    assistant = open_assistant(corpus, "none", collection)
    if anki:
        from rag.errors import CorpusError
        from rag.practice.anki import anki_cards, anki_file

        cards = anki_cards(ready(assistant).coach())
        if not cards:
            raise CorpusError(
                "0 cards: no note has questions in its front matter or says enough to make one. "
                "没有可以导出的卡片。"
            )
        data = anki_file(cards)
        print(f"{len(cards)} cards 张卡片", file=sys.stderr)
    else:
        export = assistant.history().export(profile)
        data = json.dumps(export, ensure_ascii=False, indent=1)
    write_atomic(file, data.encode())


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A file that export wrote.")], profile: Profile = "me"
) -> None:
    """Add exported attempts and schedule to a profile. 导入"""
    import json

    from rag.errors import UsageError

    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read as JSON ({error}); give an export.") from error
    count = open_assistant(None, "none").history().restore(profile, data)
    print(f"{count} attempts imported. 已导入 {count} 条。")


def _read(name: str) -> str:
    from rag.errors import UsageError

    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The explanation {name} cannot be read: {error}.") from error


def _ask(coach: "Coach", exercise: "Exercise", profile: str) -> tuple[str, int]:
    """The learner's text, line by line, kept as a draft; and how many hints were taken."""
    from rag.cli.terminal import ask_text
    from rag.practice.coach import hint

    say = sys.stderr
    print(f"\n{exercise.title}\n{exercise.question}\n", file=say)
    print(
        "Explain; `/hint` for a hint, an empty line ends. 请解释；/hint 提示，空行结束。", file=say
    )
    draft = coach.history.draft(profile, exercise.topic)
    lines = draft.split("\n") if draft else []
    if draft:
        print(f"(draft 草稿)\n{draft}", file=say)
    hints = 0
    while True:
        try:
            text = ask_text("> ")  # several lines where they were pasted, empty ones among them
        except EOFError:
            break
        if not text.strip():
            break
        if text.strip() == "/hint":
            point = hint(exercise, hints)
            print(f"  {point.hint}" if point else "  —", file=say)
            hints += point is not None
            continue
        lines.append(text)
        coach.history.save_draft(profile, exercise.topic, "\n".join(lines), datetime.now(UTC))
    return "\n".join(lines), hints


def _ask_rating(suggested: str) -> str:
    from rag.cli.terminal import ask_text
    from rag.practice.schedule import RATINGS

    try:
        given = ask_text(f"Rating 评级 ({'/'.join(RATINGS)}) [{suggested}]: ").strip().lower()
    except EOFError:
        given = ""
    return given if given in RATINGS else suggested
