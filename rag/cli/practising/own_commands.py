"""`rag practice points`: key points of your own notes, drafted, corrected, kept beside them."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.common import Chosen, Corpus, Json, open_assistant, print_json, ready
from rag.cli.practising.learner import Profile

if TYPE_CHECKING:
    from rag.practice.own.drafted_points import DraftedPoints


def add_to(app: typer.Typer) -> None:
    """Make this command part of `rag practice`."""
    app.command()(points)


def points(
    note: Annotated[str, typer.Argument(help="A note's path or title. 笔记")],
    drop: Annotated[
        list[int] | None, typer.Option(help="Leave this point out; may be repeated. 删去")
    ] = None,
    correct: Annotated[
        list[str] | None, typer.Option(help="'2: new wording'; may be repeated. 修改")
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Keep them beside the note without asking. 直接保存")
    ] = False,
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    json_: Json = False,
) -> None:
    """Draft the key points and questions of a note that names none; you correct and keep them.

    They are kept in NOTE.points.yaml beside the note, which itself is never changed.
    """
    from rag.errors import UsageError
    from rag.notes.note_key import DEFAULT
    from rag.notes.topic import find_topic
    from rag.practice.own.drafted_points import drafted
    from rag.practice.own.kept_beside import corrected, kept_beside, save_beside
    from rag.practice.topic_points import points_of

    assistant = ready(open_assistant(corpus, "none", collection))
    coach = assistant.coach()
    topic = find_topic(coach.topics, note)
    if topic is None:
        raise UsageError(f"There is no note '{note}'. 没有这篇笔记。")
    folder = assistant.collection(topic.origin or DEFAULT).folder
    if topic.points and not kept_beside(folder, topic.note):
        raise UsageError(f"{topic.note} names its key points itself. 笔记已有要点。")
    draft = drafted(topic, points_of(coach.index, topic)[0])
    draft = corrected(draft, drop or (), _wordings(correct or ()))
    if json_:
        print_json(_told(draft))
    else:
        for number, point in enumerate(draft.points, 1):
            print(f"{number}. [{point.section}] {point.text}")
        for question in draft.questions:
            print(f"?  {question.text}")
        if not save and sys.stdin.isatty():
            draft, save = _asked(draft)
    if save:
        path = save_beside(folder, draft)
        print(f"Kept in {path}. 已保存。", file=sys.stderr)


def _asked(draft: "DraftedPoints") -> "tuple[DraftedPoints, bool]":
    """The draft as the learner corrects it at the terminal, and whether to keep it."""
    from rag.cli.terminal import ask_text
    from rag.errors import UsageError
    from rag.practice.own.kept_beside import corrected

    while True:
        try:
            given = ask_text(
                "Numbers to drop (1 3), `2: new wording`, Enter to keep, q to leave. "
                "输入编号删去，`2: 新说法` 修改，回车保存，q 放弃： "
            ).strip()
        except EOFError:
            return draft, False
        if not given:
            return draft, True
        if given.lower() == "q":
            return draft, False
        try:
            if ":" in given or "：" in given:
                draft = corrected(draft, (), _wordings([given]))
            else:
                draft = corrected(draft, [int(part) for part in given.split()])
        except (UsageError, ValueError) as error:
            print(error, file=sys.stderr)
            continue
        for number, point in enumerate(draft.points, 1):
            print(f"{number}. [{point.section}] {point.text}")


def _wordings(given: list[str] | tuple[str, ...]) -> dict[int, str]:
    from rag.errors import UsageError

    found = {}
    for item in given:
        number, _, text = item.replace("：", ":", 1).partition(":")
        if not number.strip().isdigit():
            raise UsageError(f"'{item}' names no point; write '2: new wording'. 格式有误。")
        found[int(number)] = text.strip()
    return found


def _told(draft: "DraftedPoints") -> dict[str, object]:
    return {
        "note": draft.note,
        "title": draft.title,
        "points": [
            {"id": p.id, "text": p.text, "section": p.section, "weight": p.weight}
            for p in draft.points
        ],
        "questions": [{"text": q.text, "points": list(q.points)} for q in draft.questions],
    }
