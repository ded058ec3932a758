"""`rag index`: build or update the index of a folder of notes."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.common import Corpus, Json, build, open_assistant, print_json

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.index.build_report import BuildReport


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
    new = False
    if collection is None:
        assistant = open_assistant(path or corpus, "none")
    else:
        if path is not None:
            registry = open_assistant(llm="none").library.registry
            before = {item.name for item in registry.all()}
            new = registry.add(collection, path).name not in before
        assistant = open_assistant(llm="none", collections=[collection])

    def once() -> None:
        _report(build(assistant), json_)

    if watch:
        _watch(assistant, once)
        return
    try:
        once()
    except BaseException:
        if new:  # the name is free again for the folder that was meant
            assistant.library.registry.remove(assistant.chosen[0])
        raise


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
    from rag.library.watch import watch_folder

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
