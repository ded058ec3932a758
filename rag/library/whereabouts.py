"""Notes that lie elsewhere than when they were last read, known again by their text or their id."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from rag.notes.note import Note

FEW_CHARS = 20  # so short a text is shared by notes that have nothing to do with each other


@dataclass(frozen=True, slots=True)
class NoteMark:
    """By what a note is known wherever it lies: its text's hash ("": too short), and the id in
    its front matter ("": none).
    """

    text: str
    id: str

    @classmethod
    def of(cls, note: Note) -> "NoteMark":
        text = note.text.strip()
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return cls(digest if len(text) >= FEW_CHARS else "", _id(note.meta))


def moved(
    before: Mapping[str, NoteMark], now: Mapping[str, NoteMark], known: Mapping[str, str]
) -> dict[str, str]:
    """Paths that citations may name → where those notes are now.

    Args:
        before: the marks of the notes at the last look.
        now: those of today.
        known: what this gave at the last look.
    """
    new = {path: mark for path, mark in now.items() if path not in before}
    found: dict[str, str] = {}
    for kind in ("text", "id"):
        places: dict[str, list[str]] = defaultdict(list)
        for path, mark in new.items():
            if key := getattr(mark, kind):
                places[key].append(path)
        for path, mark in before.items():
            here = places.get(getattr(mark, kind), [])
            if path not in now and path not in found and len(here) == 1:
                found[path] = here[0]
    for path, place in known.items():  # moved twice: straight to where it is today
        found.setdefault(path, found.get(place, place))
    return {path: place for path, place in found.items() if path not in now and place in now}


def _id(meta: Mapping[str, Any]) -> str:
    value = meta.get("id")
    return str(value)[:200] if isinstance(value, str | int) and not isinstance(value, bool) else ""
