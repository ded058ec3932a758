"""Reading speed of each format: files a second, from files that are written for the purpose."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag.errors import CorpusError
from rag.evaluation.samples import WRITERS, Section
from rag.limits import DEFAULT_LIMITS
from rag.notes.note import Content, Note
from rag.readers import read_bytes
from rag.readers.corpus import contents_of, read_file

# About three printed pages a file, Chinese and English, as a note of an interview candidate.
_PARAGRAPHS = (
    "LoRA 冻结预训练权重，只训练两个低秩矩阵 A 和 B；秩 r 通常取 8 到 64，合并后推理没有额外开销。"
    * 4,
    "LoRA freezes the pretrained weight and trains two low-rank matrices, so that optimizer states "
    "shrink by orders of magnitude while quality stays close to full fine-tuning. " * 3,
    "键值缓存保存已生成 token 的 Key 和 Value，显存占用随序列长度线性增长。" * 4,
)
SECTIONS = 6


@dataclass(frozen=True, slots=True)
class FormatSpeed:
    """Reading `files` files of one format, the library already imported."""

    format: str
    files: int
    bytes: int
    chars: int
    seconds: float  # as `rag index` reads them, parsed by another process
    cpu_s: float  # of parsing them in this one; on a busy machine the steadier figure

    @property
    def files_per_s(self) -> float:
        return self.files / self.seconds

    @property
    def mb_per_s(self) -> float:
        return self.bytes / 1e6 / self.seconds


def measure_formats(
    files: int = 20, progress: Callable[[str, int, int], None] = lambda stage, done, total: None
) -> list[FormatSpeed]:
    """Write and read `files` different files of each format.

    Raises:
        CorpusError: a file that was just written cannot be read.
    """
    speeds = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, (suffix, write)) in enumerate(WRITERS.items()):
            progress("read", number, len(WRITERS))
            paths = []
            for copy in range(files + 1):
                path = Path(folder) / f"{number}-{copy}{suffix}"
                path.write_bytes(write([_section(copy, part) for part in range(SECTIONS)]))
                paths.append(path)
            _read(paths[0])  # imports the library
            began = time.perf_counter()
            chars = sum(_read(path) for path in paths[1:])
            seconds = time.perf_counter() - began
            _parse(paths[0])
            began = time.process_time()
            for path in paths[1:]:
                _parse(path)
            cpu = time.process_time() - began
            size = sum(path.stat().st_size for path in paths[1:])
            speeds.append(FormatSpeed(name, files, size, chars, seconds, cpu))
    progress("read", len(WRITERS), len(WRITERS))
    return speeds


def _section(copy: int, part: int) -> Section:
    return Section(f"第 {part} 节 Part {part} of {copy}", _PARAGRAPHS)


def _parse(path: Path) -> None:
    for content in contents_of(path, path.name, DEFAULT_LIMITS):
        if isinstance(content, Content):
            read_bytes(content.path, content.data, DEFAULT_LIMITS)


def _read(path: Path) -> int:
    """Characters of the notes in a file."""
    chars = 0
    for entry in read_file(path, path.name):
        if not isinstance(entry, Note):
            raise CorpusError(entry.reason)
        chars += len(entry.text)
    return chars
