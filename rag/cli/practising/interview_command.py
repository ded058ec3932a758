"""`rag interview`: a mock interview at the terminal, or step by step for other programs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.common import Chosen, Corpus, Json, Llm, load_model, open_assistant, print_json, ready
from rag.cli.practising.learner import Profile
from rag.cli.practising.reading import text_of

if TYPE_CHECKING:
    from rag.practice.coach import Coach
    from rag.practice.interview.mock_interview import MockInterview

app = typer.Typer(help="A mock interview over several topics. 模拟面试")
Number = Annotated[int | None, typer.Argument(help="Which; the last one where none is named.")]


@app.callback(invoke_without_command=True)
def interview(
    context: typer.Context,
    path: Annotated[str, typer.Option(help="Topics of this folder. 文件夹")] = "",
    tag: Annotated[str, typer.Option(help="Topics with this tag. 标签")] = "",
    weak: Annotated[bool, typer.Option("--weak", help="Topics you were weak at. 薄弱主题")] = False,
    text: Annotated[
        str | None,
        typer.Option(help="File with a job advert or questions; - = stdin. 招聘启事或题目"),
    ] = None,
    topics: Annotated[int, typer.Option(min=1, max=12, help="How many. 主题数")] = 6,
    minutes: Annotated[int, typer.Option(min=0, max=240, help="In all; 0: no limit. 时长")] = 0,
    rounds: Annotated[int, typer.Option(min=0, max=3, help="Follow-ups a topic. 追问轮数")] = 2,
    language: Annotated[str, typer.Option("--language", help="zh | en")] = "zh",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the last one. 继续上一场")
    ] = False,
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Llm = None,
    json_: Json = False,
) -> None:
    """Be interviewed: begin, or go on with --resume. Ctrl-C pauses; nothing is lost.

    With --json the first question is printed; `rag interview answer` goes on.
    """
    if context.invoked_subcommand:
        return
    from rag.errors import UsageError
    from rag.practice.interview import topic_choice
    from rag.practice.interview.mock_interview import MockInterview

    if language not in {"zh", "en"}:
        raise UsageError(f"'{language}' is no language here; use zh or en.")
    pasted = text_of(text) if text is not None else None
    assistant = ready(open_assistant(corpus, llm, collection))
    coach = assistant.coach()
    if resume:
        mock = MockInterview.resume(coach, profile)
    else:
        if pasted is not None:
            chosen = topic_choice.by_text(coach, pasted)
        elif weak:
            chosen = topic_choice.by_weakness(coach, profile)
        else:
            chosen = topic_choice.by_folder_or_tag(coach, profile, path, tag)
        mock = MockInterview.begin(
            coach, profile, chosen, "en" if language == "en" else "zh", topics, minutes, rounds
        )
    if mock.state.unmatched:
        print(f"Not in the notes 笔记里没有: {'; '.join(mock.state.unmatched)}", file=sys.stderr)
    if json_:
        print_json(_state(mock))
        return
    load_model(assistant)
    try:
        _run(mock)
    except (KeyboardInterrupt, EOFError):
        mock.pause()
        told = "\nPaused; `rag interview --resume` goes on. 已暂停，可用 --resume 继续。"
        print(told, file=sys.stderr)
        return
    mock.finish()
    _print_report(mock)


def _run(mock: "MockInterview") -> None:
    """Ask until nothing is left to ask."""
    from datetime import UTC, datetime

    from rag.cli.practising.asking import END, ask_ticks
    from rag.cli.practising.live_grade import graded_live
    from rag.cli.render import print_grade
    from rag.cli.terminal import AskedLines

    while (exercise := mock.current()) is not None:
        left = mock.state.left(datetime.now(UTC))
        clock = f" ({round(left / 60)} min left 剩余)" if left is not None else ""
        print(f"\n{exercise.title}{clock}\n{exercise.question}\n", file=sys.stderr)
        print(
            "A line with a single . ends 单独一行 . 结束；/skip 跳过, /pause 暂停, /end 结束面试",
            file=sys.stderr,
        )
        lines: list[str] = []
        for line in AskedLines("> ", END):
            if line.strip() in {"/skip", "/pause", "/end"}:
                lines = [line.strip()]
                break
            lines.append(line)
            mock.seen()
        said = "\n".join(lines)
        if said == "/end":
            return
        if said == "/pause" or not lines:  # the terminal is gone
            raise EOFError
        if said == "/skip" or not any(char.isalnum() for char in said):
            mock.skip()
            continue
        graded = graded_live(mock.answering(said))
        print_grade(graded.grade)
        if graded.grade.score is None and (ticks := ask_ticks(graded.grade)) is not None:
            mock.assess(*ticks)


@app.command()
def answer(
    explanation: Annotated[str, typer.Option(help="File with the answer; - = stdin.")] = "-",
    said: Annotated[
        str | None, typer.Option(help="Without a model: points said, ~ in part: '1 3 ~4'.")
    ] = None,
    skip: Annotated[bool, typer.Option("--skip", help="Leave the question. 跳过")] = False,
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Llm = None,
) -> None:
    """Answer the open question of the last interview; prints grade and next question as JSON."""
    from rag.cli.practising.schedule_commands import ticks_of

    ticks = ticks_of(said) if said is not None else None
    text = "" if skip else text_of(explanation)
    assistant = ready(open_assistant(corpus, llm, collection))
    mock = _last(assistant.coach(), profile)
    grade = None
    if skip:
        mock.skip()
    else:
        load_model(assistant)
        graded = mock.answer(text)
        if ticks is not None and graded.grade.self_assessed:
            graded = mock.assess(*ticks)
        grade = {**graded.grade.to_dict(), "attempt": graded.attempt}
    print_json({"grade": grade, **_state(mock)})


@app.command()
def end(
    profile: Profile = "me", corpus: Corpus = None, collection: Chosen = None, json_: Json = False
) -> None:
    """End the last interview: its topics are scheduled, the report is printed. 结束面试"""
    mock = _last(ready(open_assistant(corpus, "none", collection)).coach(), profile)
    mock.finish()
    _print_report(mock, json_)


@app.command()
def pause(profile: Profile = "me", corpus: Corpus = None, collection: Chosen = None) -> None:
    """Stop the clock of the last interview. 暂停"""
    mock = _last(ready(open_assistant(corpus, "none", collection)).coach(), profile)
    mock.pause()
    print("Paused. 已暂停。")


@app.command()
def report(
    number: Number = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write to a .md or .html file. 写入文件")
    ] = None,
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    json_: Json = False,
) -> None:
    """The report of an interview: errors first, with sources. 面试报告"""
    from rag.practice.interview.interview_report import report_of
    from rag.practice.interview.mock_interview import MockInterview
    from rag.practice.kept.interviews import Interviews
    from rag.storage.atomic import write_atomic

    coach = ready(open_assistant(corpus, "none", collection)).coach()
    kept = Interviews(coach.history)
    past = kept.all(profile)
    found = kept.get(profile, number if number is not None else past[0].id if past else 0)
    mock = MockInterview(coach, found)
    if out is not None:
        made = report_of(mock)
        page = out.suffix.lower() in {".html", ".htm"}
        write_atomic(out, (made.html() if page else made.markdown()).encode())
    if out is None or json_:
        _print_report(mock, json_)


@app.command("list")
def list_(profile: Profile = "me", json_: Json = False) -> None:
    """Your interviews, the latest first. 面试记录"""
    from rag.practice.kept.interviews import Interviews

    found = Interviews(open_assistant(None, "none").history()).all(profile)
    rows = [
        {
            "interview": item.id, "started": item.started, "over": item.over,
            "topics": len(item.topics), "answered": sum(r.attempt is not None for r in item.rounds),
        }
        for item in found
    ]  # fmt: skip
    if json_:
        print_json(rows)
        return
    for row in rows:
        state = "over 已结束" if row["over"] else "open 未结束"
        print(f"{row['interview']}: {row['started']}  {row['answered']} answers 回答, {state}")


def _last(coach: "Coach", profile: str) -> "MockInterview":
    from rag.errors import UsageError
    from rag.practice.interview.mock_interview import MockInterview
    from rag.practice.kept.interviews import Interviews

    found = Interviews(coach.history).open_one(profile)
    if found is None:
        raise UsageError("No interview is open; begin one with `rag interview`. 没有进行中的面试。")
    return MockInterview(coach, found)


def _state(mock: "MockInterview") -> dict[str, Any]:
    exercise = mock.current()
    return {
        "interview": mock.state.id,
        "question": exercise.question if exercise else None,
        "topic": exercise.topic if exercise else None,
        "title": exercise.title if exercise else None,
        "kind": mock.state.rounds[-1].kind if exercise else None,
        "topics": [key for key, _ in mock.state.topics],
        "unmatched": list(mock.state.unmatched),
        "over": mock.state.over,
    }


def _print_report(mock: "MockInterview", json_: bool = False) -> None:
    from rag.practice.interview.interview_report import report_of

    made = report_of(mock)
    if json_:
        print_json(made.to_dict())
    else:
        print(made.markdown(), end="")
