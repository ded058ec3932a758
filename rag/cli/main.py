"""The `rag` command: thin; every import that costs time waits until it is needed."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from rag.cli import ask, chat, collection, evaluate, index_notes, service, users
from rag.cli import notes as corpus
from rag.cli.practising import interview_command, practise

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

app.command()(index_notes.index)
app.command()(ask.ask)
app.command()(ask.search)
app.command()(service.serve)
app.command()(chat.chat)
app.add_typer(chat.app, name="chats")
app.add_typer(practise.app, name="practice")
app.add_typer(interview_command.app, name="interview")
app.command(name="path")(corpus.study_path)
app.add_typer(collection.app, name="collections")
app.add_typer(corpus.app, name="corpus")
app.add_typer(evaluate.app, name="eval")
app.add_typer(users.app, name="user")
app.command()(service.doctor)
app.command()(evaluate.bench)
app.command()(service.mcp)


@app.callback()
def options(
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Settings file (also RAG_CONFIG). 设置文件"),
    ] = None,
) -> None:
    """Cited answers and graded practice over study notes. 基于笔记的带引用问答与练习。"""
    if config is not None:
        from rag.settings_sources import use_file

        use_file(config)


def main() -> None:
    """Run the command; an error ends in one sentence and its exit code."""
    from rag.errors import RagError, os_reason

    _speak_unicode()
    try:
        app()
    except RagError as error:
        from rag.telemetry.logs import redact

        _fail(redact(str(error)), error.exit_code)
    except KeyboardInterrupt:
        _fail("Stopped. 已中断。", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        place = f" {error.filename}:" if error.filename else ""
        _fail(f"The system refused{place} {os_reason(error)}.", 1)
    finally:
        if traces := sys.modules.get("rag.telemetry.traces"):  # `--help` does without it
            traces.finish()


def _speak_unicode() -> None:
    """Chinese goes out as UTF-8 into files and pipes whatever the locale says; a terminal of
    another encoding gets marks in place of what it cannot show."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if not hasattr(stream, "reconfigure"):
            continue
        if (stream.encoding or "").lower().replace("-", "") == "utf8":
            if stream is not sys.stdin:
                stream.reconfigure(errors="backslashreplace")  # a file name that is no text
        elif stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _fail(sentence: str, code: int) -> NoReturn:
    print(f"rag: {' '.join(sentence.split())}", file=sys.stderr)
    sys.exit(code)
