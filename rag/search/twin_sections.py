"""The same section in a note's two languages: what tells of one tells of the other.

Both are written section by section in parallel, so the n-th section of a note is its twin's n-th.
Chinese questions are full of English terms (rollout, loss spike) that only the English text has.
"""

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

from rag.index.documents import place_of
from rag.index.opened import ChunkStore
from rag.search.twins import told_in
from rag.text.language import Language

SHARE = 0.7  # of what the words of a question score in a section's other language
LOOKED_AT = 48  # of the best rows by words


class TwinSections:
    """Rows of the same section in the other language; a note's are looked up once."""

    def __init__(self) -> None:
        self._other: dict[Any, list[Any]] = {}
        self._seen: set[str] = set()

    def learn(self, pairs: Mapping[str, str], store: ChunkStore) -> None:
        """Look up the sections of notes, each with its twin, that are not known yet."""
        new = {note: twin for note, twin in pairs.items() if note not in self._seen}
        if not new:
            return
        rows = store.rows_of(new.keys() | set(new.values()))
        found = sorted(store.fetch(rows).items(), key=lambda item: int(item[1].metadata["start"]))
        sections: dict[str, dict[tuple[str, ...], list[Any]]] = {}
        for row, document in found:
            headings = tuple(document.metadata.get("headings") or [])
            sections.setdefault(place_of(document), {}).setdefault(headings, []).append(row)
        for note, twin in new.items():
            own, other = (list(sections.get(each, {}).values()) for each in (note, twin))
            if len(own) == len(other):  # else which is which is not known
                for left, right in zip(own, other, strict=True):
                    self._other |= dict.fromkeys(left, right)
            self._seen.add(note)

    def of(self, row: Any) -> list[Any]:
        return self._other.get(row, [])


# A store that nobody else has is let go: nothing here may hold it.
_known: WeakKeyDictionary[ChunkStore, TwinSections] = WeakKeyDictionary()


def with_twins(
    scores: Mapping[Any, float], store: ChunkStore, notes: Collection[str], language: Language
) -> dict[Any, float]:
    """Scores by row, best first: a section has at least `SHARE` of what its twin has.

    Args:
        scores: by the words of a question, best first.
        notes: all that are indexed.
        language: that is wanted.
    """
    best = dict(islice(scores.items(), LOOKED_AT))
    foreign: dict[Any, tuple[str, str]] = {}  # row → its note, and what tells that in `language`
    for row, document in store.fetch(list(best)).items():
        place = place_of(document)
        if twin := told_in(language, place, notes):
            foreign[row] = place, twin
    if not foreign:
        return dict(scores)
    sections = _known.setdefault(store, TwinSections())
    sections.learn(dict(foreign.values()), store)
    found = dict(scores)
    for row in foreign:
        for other in sections.of(row):
            found[other] = max(found.get(other, 0.0), SHARE * best[row])
    return dict(sorted(found.items(), key=lambda item: -item[1]))
