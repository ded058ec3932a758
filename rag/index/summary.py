"""What is known of an index without loading it: its notes, and the last look at their folder."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexUnusable
from rag.index.generations import current_generation, read_manifest, read_so_far
from rag.notes.note import Skipped
from rag.storage.atomic import write_atomic

LOOK = "look.json"  # when the notes were last looked at, and what could not be read


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """What is known of an index without loading it.

    Attributes:
        built: when the notes were last looked at, in seconds since 1970.
        so_far: how many notes are in it, of how many, while it is built for the first time.
    """

    notes: dict[str, str]  # path → content hash
    skipped: tuple[Skipped, ...]
    chunks: int | None
    built: float
    so_far: tuple[int, int] | None = None


def summarise(folder: Path) -> IndexSummary | None:
    """What is indexed in `folder`; None where nothing is, or it is damaged."""
    try:
        manifest = read_manifest(folder / current_generation(folder))
        began, skipped = last_look(folder)
        if began is None:
            return None
        return IndexSummary(manifest["notes"], skipped, manifest.get("chunks"), began,
                            read_so_far(manifest))  # fmt: skip
    except (IndexUnusable, KeyError, TypeError):
        return None


def last_look(folder: Path) -> tuple[float | None, tuple[Skipped, ...]]:
    """When the notes were last looked at (None: not known), and what could not be read then."""
    try:
        look = json.loads((folder / LOOK).read_text(encoding="utf-8"))
        chosen = set(look.get("by_choice", ()))
        skipped = tuple(
            Skipped(path, reason, path in chosen) for path, reason in look["skipped"].items()
        )
        return float(look["began"]), skipped
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, ()


def remember_look(folder: Path, began: float, skipped: Iterable[Skipped]) -> None:
    """Kept beside the generations: a build that finds nothing changed makes no new one."""
    skipped = tuple(skipped)
    look = {
        "began": began,
        "skipped": {item.path: item.reason for item in skipped},
        "by_choice": [item.path for item in skipped if item.by_choice],
    }
    write_atomic(folder / LOOK, json.dumps(look, ensure_ascii=False, indent=1).encode())
