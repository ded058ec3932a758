"""What a learner keeps beside a note of their own: its key points and questions, in YAML.

`lora.md.points.yaml` lies beside `lora.md`, whose author's text is never touched.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.errors import CorpusError
from rag.readers.folder_scan import SIDECAR
from rag.readers.parts.front_matter import front_matter

_MOST = 65_536  # bytes


def sidecar_of(corpus: Path, note: str) -> Path:
    """Where a note's sidecar lies or would lie.

    Raises:
        CorpusError: the path leads out of the folder, or the note lies in an archive.
    """
    parts = note.split("/")
    path = corpus.joinpath(*parts)
    if "\0" in note or "\\" in note or any(part in {"", ".", ".."} for part in parts):
        raise CorpusError(f"There is no note '{note[:200]}'.")
    if not path.parent.is_dir():
        raise CorpusError(
            f"{note} lies in an archive, beside which nothing can be kept; unpack it. "
            "压缩包内的笔记无法保存要点。"
        )
    return path.with_name(path.name + SIDECAR)


def read_sidecar(corpus: Path, note: str) -> Mapping[str, Any]:
    """A note's sidecar, in the form of a front matter; {} where there is none.

    Raises:
        CorpusError: it cannot be read.
    """
    try:
        path = sidecar_of(corpus, note)
    except CorpusError:
        return {}
    if path.is_symlink() or not path.is_file():
        return {}
    try:
        with path.open("rb") as handle:
            text = handle.read(_MOST + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path.name} cannot be read: {error}. 要点文件无法读取。") from error
    return front_matter(f"---\n{text[:_MOST]}\n---\n").meta
