"""`rag chat` keeps its conversation; `rag chats …` lists, shows, exports, renames and deletes."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.common import Chosen, Corpus, Json, Llm, load_model, open_assistant, print_json, ready

if TYPE_CHECKING:
    from rag.answer.answer import Answer
    from rag.chats.chat_store import Chats

app = typer.Typer(help="Conversations kept here and in the page. 对话记录", no_args_is_help=True)
User = Annotated[
    str, typer.Option("--user", help="Whose; default: those made without a login. 登录名")
]
LARGEST = 2**63 - 1  # SQLite's
Id = Annotated[
    int, typer.Argument(min=1, max=LARGEST, help="Number of the conversation; see `list`. 编号")
]


def chat(
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Llm = None,
    resume: Annotated[
        int | None,
        typer.Option("--resume", min=1, max=LARGEST, help="Go on with a kept one. 继续对话"),
    ] = None,
    user: User = "",
) -> None:
    """Talk with the notes; follow-up questions are understood. 多轮对话"""
    from rag.chats.saved_answer import earlier_turns
    from rag.cli.render import print_answer, stream_answer
    from rag.cli.terminal import ask_text
    from rag.errors import ModelError, RagError, UsageError

    assistant = open_assistant(corpus, llm, collection)
    chats = assistant.chats()
    answers: list[Answer] = []
    if resume is not None:
        kept = chats.load(user, resume)
        answers = [turn.answer for turn in kept.turns]
        print(f"# {kept.head.title}", file=sys.stderr)
        for answer in answers[-1:]:
            print(f"> {answer.question}")
            print_answer(answer)
    ready(assistant)
    load_model(assistant, assistant.settings.local_llm_writes)
    print("Ask; an empty line ends. 请提问，空行结束。", file=sys.stderr)
    saved = len(answers)
    while True:
        try:
            question = ask_text("> ").strip()
        except EOFError:
            question = ""
        if not question:
            break
        try:
            answers.append(stream_answer(assistant.ask(question, earlier_turns(answers))))
        except (UsageError, ModelError) as error:  # the conversation goes on
            print(f"rag: {error}", file=sys.stderr)
            continue
        try:
            resume, _ = chats.add(user, resume, answers[saved:])
            saved = len(answers)
        except RagError as error:  # kept with the next answer
            print(f"rag: {error}", file=sys.stderr)
    if saved:
        print(f"Kept; go on with 已保存，继续： rag chat --resume {resume}", file=sys.stderr)


@app.command("list")
def list_(user: User = "", json_: Json = False) -> None:
    """List the conversations, the last used first. 列出对话"""
    from dataclasses import asdict

    heads = _chats().heads(user)
    if json_:
        print_json([asdict(head) for head in heads])
        return
    for head in heads:
        print(f"{head.id:>5}  {head.updated[:16].replace('T', ' ')}  {head.turns:>3}  {head.title}")
    if not heads:
        print("No conversation is kept. 没有保存的对话。", file=sys.stderr)


@app.command()
def show(id_: Id, user: User = "", json_: Json = False) -> None:
    """Show a conversation with its citations. 查看对话"""
    from dataclasses import asdict

    from rag.chats.saved_answer import answer_to_json
    from rag.cli.render import print_answer

    kept = _chats().load(user, id_)
    if json_:
        turns = [
            {
                "id": turn.id,
                "at": turn.at,
                "answer": answer_to_json(turn.answer),
                "feedback": asdict(turn.feedback) if turn.feedback else None,
            }
            for turn in kept.turns
        ]
        print_json({**asdict(kept.head), "turns": turns})
        return
    print(f"# {kept.head.title}")
    for turn in kept.turns:
        print(f"\n> {turn.answer.question}")
        print_answer(turn.answer)


@app.command()
def export(
    id_: Id,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write; default: stdout. 输出文件")
    ] = None,
    user: User = "",
) -> None:
    """Write a conversation as Markdown, its citations as footnotes. 导出为 Markdown"""
    from rag.chats.chat_markdown import chat_markdown
    from rag.storage.atomic import write_atomic

    text = chat_markdown(_chats().load(user, id_))
    if out is None:
        sys.stdout.write(text)
    else:
        write_atomic(out, text.encode())


@app.command()
def rename(
    id_: Id, title: Annotated[str, typer.Argument(help="The new title. 新标题")], user: User = ""
) -> None:
    """Give a conversation another title. 重命名"""
    print(_chats().rename(user, id_, title))


@app.command()
def delete(
    id_: Id,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. 不再确认")] = False,
    user: User = "",
) -> None:
    """Delete a conversation with its feedback. 删除对话及其评价"""
    chats = _chats()
    head = chats.load(user, id_).head
    if not yes and not typer.confirm(f"Delete 删除 “{head.title}” ({head.turns})?"):
        return
    chats.delete(user, id_)
    print(f"{id_}: deleted 已删除")


@app.command()
def feedback(
    user: User = "",
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help="Questions for `rag eval answers`, one a line. 评测题目"),
    ] = False,
    json_: Json = False,
) -> None:
    """List the verdicts on answers, or export them to be evaluated. 查看或导出评价"""
    from rag.chats.feedback import eval_questions, feedback_rows

    chats = _chats().judged(user)
    rows = list(feedback_rows(chats))
    if jsonl:
        questions = list(eval_questions(chats))
        for question in questions:
            print_json(question)
        if left := len(rows) - len(questions):
            print(
                f"{left} verdicts do not tell whether the notes hold the answer; left out. "
                f"{left} 条评价看不出笔记是否有答案，未导出。",
                file=sys.stderr,
            )
    elif json_:
        print_json(rows)
    else:
        for row in rows:
            mark = "+" if row["verdict"] == "up" else "-"
            print(f"{mark} {row['question']}  {row['reason']}".rstrip())


def _chats() -> "Chats":
    from rag.chats.chat_store import Chats
    from rag.settings import load_settings

    return Chats(load_settings().data_dir / "chats.sqlite")
