"""`rag practice points`: key points of your own notes, drafted, corrected, kept beside them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.common import Chosen, Corpus, Json, load_model, open_assistant, print_json, ready
from rag.cli.practising.learner import Profile
from rag.cli.practising.reading import text_of

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.notes.topic import Topic
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
    text: Annotated[
        str | None,
        typer.Option(help="File with all of it corrected, in the form printed; - = stdin. 全文"),
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Keep them beside the note without asking. 直接保存")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Draft anew, also where points are kept. 重新起草")
    ] = False,
    profile: Profile = "me",
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Annotated[
        str, typer.Option(help="A model behind an API drafts them; none: headings and sentences.")
    ] = "none",
    json_: Json = False,
) -> None:
    """Draft the key points and questions of a note that names none; you correct and keep them.

    They are kept in NOTE.points.yaml beside the note, which itself is never changed. What was kept
    before is shown again. Kept unseen (--save alone) they stay marked as a draft.
    """
    from rag.practice.own.kept_beside import corrected, save_beside
    from rag.practice.own.points_text import as_text, from_text

    given = text_of(text) if text is not None else None
    assistant = ready(open_assistant(corpus, llm, collection))
    topic, folder = _own(assistant, note)
    draft = _drafted(assistant, topic, folder, llm, again)
    draft = corrected(draft, drop or (), _wordings(correct or ()))
    if given is not None:
        draft = from_text(draft, given)
    seen = bool(drop or correct or given)
    if json_:
        print_json(_told(draft))
    else:
        print(as_text(draft))
        _remarks(draft)
        if not save and given is None and sys.stdin.isatty():
            draft, save = _asked(draft)
            seen = save
    if save or given is not None:
        path = save_beside(folder, draft, looked_through=seen)
        print(f"Kept in {path}. 已保存。", file=sys.stderr)
    elif not json_:
        print("Not kept; --save keeps them. 未保存，--save 可保存。", file=sys.stderr)


def _own(assistant: "Assistant", note: str) -> "tuple[Topic, Path]":
    """A note of the learner's own, and the folder that it lies in."""
    from rag.errors import UsageError
    from rag.notes.note_key import DEFAULT
    from rag.notes.topic import find_topic
    from rag.practice.own.kept_beside import kept_beside

    topic = find_topic(assistant.coach("none").topics, note)
    if topic is None:
        raise UsageError(f"There is no note '{note}'. 没有这篇笔记。")
    folder = assistant.collection(topic.origin or DEFAULT).folder
    if topic.points and not kept_beside(folder, topic.note):
        raise UsageError(f"{topic.note} names its key points itself. 笔记已有要点。")
    return topic, folder


def _drafted(
    assistant: "Assistant", topic: "Topic", folder: Path, llm: str, again: bool
) -> "DraftedPoints":
    """What is kept beside the note, else a draft."""
    from rag.practice.own.kept_beside import kept_points
    from rag.practice.own.note_draft import draft_of

    kept = None if again or llm != "none" else kept_points(topic, folder)
    if kept is not None:
        return kept
    load_model(assistant)
    return draft_of(assistant.coach(llm), topic)


def _remarks(draft: "DraftedPoints") -> None:
    """What of the note or of the model's words is not in the draft."""
    if draft.left_out:
        print(
            f"{draft.left_out} of what {draft.by} wrote did not rest on the note and was left out. "
            f"模型写的 {draft.left_out} 条在笔记里找不到依据，已去掉。",
            file=sys.stderr,
        )
    if draft.unread:
        print(
            f"The last {draft.unread} characters of the note were too many for one call. "
            f"笔记最后 {draft.unread} 个字符太长，没有读。",
            file=sys.stderr,
        )


def _asked(draft: "DraftedPoints") -> "tuple[DraftedPoints, bool]":
    """The draft as the learner corrects it at the terminal, and whether to keep it."""
    from rag.cli.terminal import ask_text
    from rag.errors import UsageError
    from rag.practice.own.kept_beside import corrected
    from rag.practice.own.points_text import as_text

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
        print(as_text(draft))


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
        "drafted_by": draft.by,
        "left_out": draft.left_out,
        "points": [
            {
                "id": p.id, "text": p.text, "section": p.section, "weight": p.weight,
                "recall": p.recall, "quote": draft.quotes.get(p.id, ""),
            }
            for p in draft.points
        ],
        "questions": [{"text": q.text, "points": list(q.points)} for q in draft.questions],
    }  # fmt: skip
