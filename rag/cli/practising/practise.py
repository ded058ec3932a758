"""`rag practice`: explain a topic, be graded, come back in time."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.common import Chosen, Corpus, Json, Llm, load_model, open_assistant, print_json, ready
from rag.cli.practising import appeal_commands, own_commands, schedule_commands, transfer_commands
from rag.cli.practising.learner import Profile
from rag.cli.practising.reading import text_of

if TYPE_CHECKING:
    from rag.practice.coach import Coach, Graded
    from rag.practice.exercise import Exercise

app = typer.Typer(help="Explain topics and be graded against the notes. 练习与复习")
schedule_commands.add_to(app)
transfer_commands.add_to(app)
appeal_commands.add_to(app)
own_commands.add_to(app)


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
    said: Annotated[
        str | None,
        typer.Option(help="Without a model: points that were said, ~ in part: '1 3 ~4'. 自评"),
    ] = None,
    rating: Annotated[
        str | None, typer.Option(help="again | hard | good | easy; else the score decides.")
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=0, max=3, help="Follow-up questions after the first. 追问轮数")
    ] = 2,
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Llm = None,
    json_: Json = False,
) -> None:
    """Explain a topic in your own words and see what you covered, missed or got wrong.

    Without a model you see what was found in your words and tick what you said yourself.
    """
    if context.invoked_subcommand:
        return
    from rag.errors import UsageError
    from rag.practice.schedule import RATINGS

    if language not in {"zh", "en"}:
        raise UsageError(f"'{language}' is no language here; use zh or en.")
    if rating is not None and rating not in RATINGS:
        raise UsageError(f"'{rating}' is no rating; use {', '.join(RATINGS)}.")
    ticks = schedule_commands.ticks_of(said) if said is not None else None
    text = text_of(explanation) if explanation else None
    assistant = ready(open_assistant(corpus, llm, collection))
    coach = assistant.coach()
    if topic is None and not json_ and coach.timetable.day(profile).finished:
        print(
            "Today's portion is done; this is more. 今天的量已完成，这是额外的。", file=sys.stderr
        )
    chosen = (
        topic
        if topic
        else coach.next_topic(profile, tag, difficulty, path=assistant.path_ahead(profile))
    )
    exercise = coach.exercise(chosen, "en" if language == "en" else "zh", profile)
    asks = text is None and not json_
    hints, patience = 0, None
    if text is None:
        text, hints, patience = _explained(coach, exercise, profile)
    load_model(assistant)
    from rag.cli.practising.live_grade import graded_live

    graded = graded_live(coach.grading(exercise, text, profile, hints))
    if ticks is not None and graded.grade.self_assessed:
        graded = coach.assess(profile, graded.attempt, *ticks)
    if not json_:
        graded = _shown(coach, graded, profile, asks and ticks is None, patience)
        nobody = patience is not None and graded.grade.score is None  # ticked nothing in time
        if asks and rating is None and not nobody:
            from rag.cli.practising.asking import ask_rating

            rating = ask_rating(graded.suggested, patience)
    decided = rating or graded.suggested
    due = coach.rate(profile, graded.attempt, exercise.topic, decided) if decided else None
    if json_:
        print_json(_told(coach, graded, profile, decided, due))
        return
    if due is None:
        print(
            f"\nNot scheduled: rate it with `rag practice tick {graded.attempt} --said '1 3'`. "
            "尚未安排复习：请先自评。"
        )
    else:
        print(f"\nrating 评级: {decided}; due 下次复习: {due.astimezone():%Y-%m-%d %H:%M}")
    if asks and patience is None:
        _go_on(coach, exercise, graded, profile, rounds)


def _explained(coach: "Coach", exercise: "Exercise", profile: str) -> tuple[str, int, float | None]:
    """The learner's text, kept as a draft while it is typed; see `ask_explanation`."""
    from rag.cli.practising.asking import ask_explanation

    print(f"\n{exercise.title}\n{exercise.question}\n", file=sys.stderr)
    return ask_explanation(
        exercise,
        coach.history.draft(profile, exercise.topic),
        lambda text: coach.history.save_draft(profile, exercise.topic, text, datetime.now(UTC)),
    )


def _shown(
    coach: "Coach", graded: "Graded", profile: str, asks: bool, patience: float | None
) -> "Graded":
    """Print a grade; where no model judged and somebody is there, by their ticks."""
    from rag.cli.practising.asking import ask_ticks
    from rag.cli.practising.practice_render import print_after
    from rag.cli.render import print_grade

    print_grade(graded.grade)
    if graded.grade.score is None and asks:
        ticks = ask_ticks(graded.grade, patience)
        if ticks is not None:
            graded = coach.assess(profile, graded.attempt, *ticks)
            print(f"\n{graded.grade.score}/100  {graded.grade.summary}")
    print_after(coach, graded, profile)
    return graded


def _told(
    coach: "Coach", graded: "Graded", profile: str, rating: str | None, due: datetime | None
) -> dict[str, Any]:
    from rag.practice.after.comparison import compared
    from rag.practice.after.model_answer import model_answer
    from rag.practice.interview.next_question import next_question

    difference = compared(coach.history, profile, graded.attempt)
    answer = model_answer(graded.grade, coach.index)
    following = next_question(coach, graded.grade)
    return {
        **graded.grade.to_dict(),
        "attempt": graded.attempt,
        "rating": rating,
        "due": due.isoformat() if due else None,
        "model_answer": answer.to_dict(),
        "difference": difference.to_dict() if difference else None,
        "next_question": following.to_dict() if following else None,
    }


def _go_on(
    coach: "Coach", exercise: "Exercise", graded: "Graded", profile: str, rounds: int
) -> None:
    """The follow-ups: each is answered and graded too, and depends on the answer before."""
    from rag.cli.practising.asking import ask_explanation
    from rag.cli.practising.live_grade import graded_live
    from rag.practice.interview.next_question import next_question

    first, grades = graded.attempt, [graded.grade]
    for _ in range(rounds):
        following = next_question(coach, *grades)
        if following is None:
            return
        print(f"\n→ {following.exercise.question}\n", file=sys.stderr)
        text, hints, patience = ask_explanation(following.exercise, "", lambda text: None)
        if not any(char.isalnum() for char in text):
            return  # nothing said: the learner is done
        grading = coach.grading(following.exercise, text, profile, hints, part_of=first)
        answered = graded_live(grading)
        grades.append(_shown(coach, answered, profile, True, patience).grade)
