"""Progress bars on stderr (rich), for indexing and for joining the LLM's weights."""

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

console = Console(stderr=True)


@contextmanager
def index_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A callback `(stage, done, total)` for `build_index` and the evaluations."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as bar:
        tasks = {
            "read": bar.add_task("reading notes 读取笔记", total=None, visible=False),
            "ocr": bar.add_task("recognising pages 识别扫描页", total=None, visible=False),
            "embed": bar.add_task("embedding 向量化", total=None, visible=False),
            "ask": bar.add_task("asking 提问", total=None, visible=False),
        }

        def update(stage: str, done: int, total: int) -> None:
            bar.update(tasks[stage], completed=done, total=total or None, visible=True)

        yield update


@contextmanager
def weights_progress() -> Iterator[Callable[[int, int], None]]:
    """A callback `(bytes done, bytes in all)` for `LanguageModel.chat`."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("loading the LLM 加载模型", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
