"""What the commands share: their options, opening the assistant, printing JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.index.build_report import BuildReport
    from rag.library.accounts import Accounts

Corpus = Annotated[
    Path | None, typer.Option("--corpus", help="Folder of notes (default: ours). 笔记文件夹")
]
Chosen = Annotated[
    list[str] | None,
    typer.Option("--collection", help="Named set of notes; may be repeated. 笔记集，可多选"),
]
Llm = Annotated[
    str | None,
    typer.Option("--llm", help="local | none | gguf:PATH | openai:MODEL | ollama:MODEL | …"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON only. 只输出 JSON")]


def open_assistant(
    corpus: Path | None = None,
    llm: str | None = None,
    collections: Sequence[str] | None = None,
    log_level: str = "warning",
) -> "Assistant":
    """The assistant for the command line's options; logs and traces flow, nothing is loaded yet.

    Raises:
        UsageError: there is no such collection.
    """
    from rag.assistant import Assistant
    from rag.settings import load_settings
    from rag.telemetry import logs, traces

    settings = load_settings(corpus=corpus, llm=llm)
    logs.configure(settings, log_level)
    traces.configure(settings)
    assistant = Assistant(settings, collections or ())
    for name in assistant.chosen:
        assistant.collection(name)
    return assistant


def accounts() -> "Accounts":
    """The logins of this data folder."""
    from rag.library.accounts import Accounts
    from rag.settings import load_settings

    return Accounts(load_settings().data_dir / "users.json")


def ready(assistant: "Assistant") -> "Assistant":
    """Index what was chosen first if that was never done to the end.

    Where that fails and a part was read before, it is answered from that.

    Raises:
        BeingIndexed: another process does so, and has read nothing yet.
        RagError: it fails, and nothing was read yet.
    """
    from rag.cli.progress_lines import say
    from rag.errors import BeingIndexed, RagError

    for name in assistant.chosen:
        try:
            finish(assistant, name)
        except RagError as error:
            if not assistant.has_index(name):
                raise
            if not isinstance(error, BeingIndexed):
                say(f"not all notes are read 笔记未读完： {error}")
    return assistant


def finish_all(assistant: "Assistant") -> None:
    """Index what was chosen if that was never done to the end.

    Raises:
        BeingIndexed: another process is at it; what it leaves is indexed.
        RagError: it fails.
    """
    from rag.errors import BeingIndexed

    elsewhere: BeingIndexed | None = None
    for name in assistant.chosen:
        try:
            finish(assistant, name)
        except BeingIndexed as error:
            elsewhere = error
    if elsewhere is not None:
        raise elsewhere


def finish(assistant: "Assistant", name: str) -> None:
    """Index a collection if that was never done to the end. Errors as in `Library.build`."""
    if not assistant.library.is_whole(assistant.collection(name)):
        build(assistant, name)


def build(assistant: "Assistant", name: str | None = None) -> "BuildReport":
    """Index a collection with a progress bar, naming what was skipped."""
    from rag.cli.progress_bars import console, index_progress

    with index_progress() as progress:
        report = assistant.build(progress, name)
    for item in (item for item in report.skipped if not item.by_choice):
        console.print(f"skipped 跳过： {item.path}: {item.reason}", markup=False)
    for part in report.partial:
        console.print(f"in part 部分： {part.path}: {' '.join(part.gaps)}", markup=False)
    for warning in report.warnings:
        console.print(f"note 注意： {warning}", markup=False)
    return report


def load_model(assistant: "Assistant", writes: bool = True) -> None:
    """Load the LLM with a progress bar while its weights are joined.

    Args:
        writes: False where a local model would not be asked for a word.
    """
    from rag.cli.progress_bars import weights_progress
    from rag.errors import ModelError

    model = assistant.model()
    if model is not None and model.spec.startswith("gguf:"):
        path = Path(model.spec.partition(":")[2]).expanduser()
        if not path.is_file():  # said now, not when practice first asks it
            raise ModelError(f"The model file {path} cannot be read; check the path.")
    if model is not None and not model.loaded and (writes or not model.local):
        with weights_progress() as progress:
            model.chat(progress)


def print_json(data: Any) -> None:
    """One JSON document on stdout."""
    import json

    print(json.dumps(data, ensure_ascii=False), flush=True)


def print_table(rows: list[list[str]]) -> None:
    """Rows of cells in columns; the first row is the heading."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = [f"{text:>{width}}" for text, width in zip(row[1:], widths[1:], strict=True)]
        print(f"{row[0]:{widths[0]}}  " + "  ".join(cells))
