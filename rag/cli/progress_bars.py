"""Progress on stderr, for indexing and for joining the LLM's weights: bars (rich), or lines where
stderr is no terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from rag.cli.progress_lines import WORDS, ProgressLines

MEGABYTE = 1_000_000

console = Console(stderr=True)


@contextmanager
def index_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A callback `(stage, done, total)` for `build_index` and the evaluations."""
    if not console.is_terminal:
        yield ProgressLines()
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as bar:
        tasks = {
            stage: bar.add_task(WORDS[stage], total=None, visible=False)
            for stage in ("read", "ocr", "embed", "notes", "ask")
        }

        def update(stage: str, done: int, total: int) -> None:
            bar.update(tasks[stage], completed=done, total=total or None, visible=True)

        yield update


@contextmanager
def weights_progress() -> Iterator[Callable[[int, int], None]]:
    """A callback `(bytes done, bytes in all)` for `LanguageModel.chat`."""
    if not console.is_terminal:
        yield weights_lines()
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task(WORDS["weights"], total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def weights_lines() -> Callable[[int, int], None]:
    """The same as lines, in megabytes."""
    lines = ProgressLines()
    return lambda done, total: lines("weights", done // MEGABYTE, total // MEGABYTE)
