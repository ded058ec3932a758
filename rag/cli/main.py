"""The `rag` command: thin; every import that costs time waits until it is needed."""

import sys
from typing import NoReturn

import typer

from rag.cli import ask, chat, collection, evaluate, index_notes, practise, serve, service, users
from rag.cli import notes as corpus

app = typer.Typer(
    help="Cited answers and graded practice over study notes. 基于笔记的带引用问答与练习。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

app.command()(index_notes.index)
app.command()(ask.ask)
app.command()(ask.search)
app.command()(serve.serve)
app.command()(chat.chat)
app.add_typer(chat.app, name="chats")
app.add_typer(practise.app, name="practice")
app.add_typer(collection.app, name="collections")
app.add_typer(corpus.app, name="corpus")
app.add_typer(evaluate.app, name="eval")
app.add_typer(users.app, name="user")
app.command()(service.doctor)
app.command()(service.mcp)


def main() -> None:
    """Run the command; a `RagError` ends in one sentence and its exit code."""
    from rag.errors import RagError

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
    finally:
        if tracing := sys.modules.get("rag.telemetry.traces"):  # `--help` does without it
            tracing.finish()


def _fail(sentence: str, code: int) -> NoReturn:
    print(f"rag: {' '.join(sentence.split())}", file=sys.stderr)
    sys.exit(code)
