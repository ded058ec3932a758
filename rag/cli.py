"""The `rag` command: thin; every import that costs time waits until it is needed."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from rag import (
    cli_chat,
    cli_collections,
    cli_corpus,
    cli_eval,
    cli_practice,
    cli_service,
    cli_user,
)
from rag.cli_common import (
    Chosen,
    Corpus,
    Json,
    Llm,
    accounts,
    build,
    load_model,
    open_assistant,
    print_json,
    ready,
)

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.index_build import BuildReport

app = typer.Typer(
    help="Cited answers and graded practice over study notes. 基于笔记的带引用问答与练习。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

app.command()(cli_chat.chat)
app.add_typer(cli_chat.app, name="chats")
app.add_typer(cli_practice.app, name="practice")
app.add_typer(cli_collections.app, name="collections")
app.add_typer(cli_corpus.app, name="corpus")
app.add_typer(cli_eval.app, name="eval")
app.add_typer(cli_user.app, name="user")
app.command()(cli_service.doctor)
app.command()(cli_service.mcp)


def main() -> None:
    """Run the command; a `RagError` ends in one sentence and its exit code."""
    from rag.errors import RagError

    try:
        app()
    except RagError as error:
        from rag.logs import redact

        _fail(redact(str(error)), error.exit_code)
    except KeyboardInterrupt:
        _fail("Stopped. 已中断。", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    finally:
        if tracing := sys.modules.get("rag.tracing"):  # `--help` does without it
            tracing.finish()


def _fail(sentence: str, code: int) -> NoReturn:
    print(f"rag: {' '.join(sentence.split())}", file=sys.stderr)
    sys.exit(code)


@app.command()
def index(
    path: Annotated[
        Path | None, typer.Argument(help="Folder of notes (default: that of the collection).")
    ] = None,
    corpus: Corpus = None,
    collection: Annotated[
        str | None, typer.Option("--collection", help="Name for this folder. 笔记集名称")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on and index every change; Ctrl-C ends. 持续监视")
    ] = False,
    json_: Json = False,
) -> None:
    """Index the notes; only what changed is embedded again. 建立或更新索引

    A run that was killed is taken up where it stopped.
    """
    from rag.errors import UsageError

    if corpus is not None and (path is not None or collection is not None):
        raise UsageError("Name the folder once: PATH or --corpus PATH. 文件夹只需给出一次。")
    if collection is None:
        assistant = open_assistant(path or corpus, "none")
    else:
        if path is not None:
            open_assistant(llm="none").library.registry.add(collection, path)
        assistant = open_assistant(llm="none", collections=[collection])

    def once() -> None:
        _report(build(assistant), json_)

    if watch:
        _watch(assistant, once)
    else:
        once()


def _report(report: "BuildReport", json_: bool) -> None:
    if json_:
        from dataclasses import asdict

        print_json(asdict(report))
    else:
        print(
            f"{report.notes} notes, {report.chunks} chunks: {report.added} added, "
            f"{report.changed} changed, {report.removed} removed; {report.embedded} embedded.",
            flush=True,
        )


def _watch(assistant: "Assistant", once: Callable[[], None]) -> None:
    from rag.errors import CorpusError, RagError
    from rag.watching import watch_folder

    folder = assistant.collection().folder
    if not folder.is_dir():
        raise CorpusError(f"{folder} is not a folder; name a folder of notes.")

    def index_again() -> None:
        try:
            once()
        except RagError as error:  # an emptied folder, a full disk: it may be better next time
            print(f"rag: {error}", file=sys.stderr, flush=True)

    print(
        f"Watching {folder}; Ctrl-C ends. 正在监视，按 Ctrl-C 结束。", file=sys.stderr, flush=True
    )
    watch_folder(folder, index_again)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question. 问题")] = None,
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Llm = None,
    k: Annotated[int | None, typer.Option("-k", min=1, max=50, help="Passages to read.")] = None,
    batch: Annotated[
        str | None, typer.Option("--batch", help="File with one question a line; - = stdin.")
    ] = None,
    json_: Json = False,
) -> None:
    """Ask a question; every sentence of the answer is cited. 提问，每句话都有出处"""
    from rag.errors import UsageError
    from rag.rendering import print_answer, stream_answer

    if (question is None) == (batch is None):
        raise UsageError("Give a question or --batch FILE. 请给出问题或 --batch 文件。")
    assistant = open_assistant(corpus, llm, collection)
    if batch is not None:
        questions = _batch(batch)
        ready(assistant)
        load_model(assistant)
        for line in questions:
            answer = assistant.answer(line, k=k)
            if json_:
                print_json(answer.to_dict())
            else:
                print_answer(answer)
        return
    from rag.questions import check_question

    assert question is not None
    question = check_question(question)
    assistant.model()  # a wrong spec fails before anything is loaded
    ready(assistant)
    load_model(assistant)
    if json_:
        print_json(assistant.answer(question, k=k).to_dict())
    else:
        stream_answer(assistant.ask(question, k=k))


def _batch(name: str) -> list[str]:
    from rag.errors import UsageError
    from rag.questions import check_question

    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The batch file {name} cannot be read: {error}.") from error
    questions = [line.strip() for line in text.splitlines() if line.strip()]
    if not questions:
        raise UsageError(f"The batch file {name} holds no question.")
    return [check_question(line) for line in questions]


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for. 检索词")],
    corpus: Corpus = None,
    collection: Chosen = None,
    k: Annotated[int | None, typer.Option("-k", min=1, max=200, help="How many passages.")] = None,
    json_: Json = False,
) -> None:
    """Show the passages nearest to a query. 只检索，不作答"""
    from rag.questions import check_question

    check_question(query)
    hits = ready(open_assistant(corpus, "none", collection)).search(query, k)
    if json_:
        print_json([hit.to_dict() for hit in hits])
    else:
        from rag.rendering import print_hits

        print_hits(hits)


@app.command()
def serve(
    corpus: Corpus = None,
    collection: Chosen = None,
    llm: Llm = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    open_browser: Annotated[bool, typer.Option("--open/--no-open")] = False,
    login: Annotated[
        bool, typer.Option("--login", help="Ask for a login here too; see `rag user`.")
    ] = False,
) -> None:
    """Open the web page. 打开网页界面

    An address that other machines reach always asks for a login.
    """
    from importlib import import_module

    from rag.accounts import is_loopback
    from rag.errors import RagError, UsageError

    guarded = login or not is_loopback(host)
    if guarded and not accounts().names():
        raise UsageError(
            "A server that others can reach needs logins; run `rag user add NAME` first. "
            "请先用 rag user add 创建登录账号。"
        )

    assistant = open_assistant(corpus, llm, collection, log_level="info")
    assistant.model()
    _require_free(host, port)
    ready(assistant)
    try:
        face = import_module("ui.app")  # rag knows its faces by name only
    except ImportError as error:
        raise RagError(f"The web page needs the package gradio ({error}); install it.") from error
    face.serve(
        assistant,
        host=host,
        port=port,
        open_browser=open_browser,
        check_login=accounts().check if guarded else None,
        key_owner=accounts().key_owner if guarded else None,
    )


def _require_free(host: str, port: int) -> None:
    import socket

    from rag.errors import RagError

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RagError(
                f"Port {port} on {host} cannot be used ({error.strerror}); "
                "choose another with --port."
            ) from error
