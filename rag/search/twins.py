"""A question is answered from the text in its language where a note is told in two."""

from collections.abc import Collection
from weakref import WeakKeyDictionary

from rag.index.opened import ChunkStore
from rag.notes.note_key import note_key, split_note_key
from rag.notes.topic import original_of, twin_of
from rag.text.language import Language

# A store that nobody else has is let go: nothing here may hold it.
_IN_ONE: WeakKeyDictionary[ChunkStore, frozenset[str]] = WeakKeyDictionary()


def twin_of_place(place: str) -> str:
    """The English twin of a note, both as `note_key` gives them; the note itself without one."""
    collection, note = split_note_key(place)
    return note_key(collection, twin_of(note) or note)


def is_other_language(place: str, notes: Collection[str], language: Language) -> bool:
    """A note that is told in `language` too, by its twin."""
    return bool(told_in(language, place, notes))


def told_in(language: Language, place: str, notes: Collection[str]) -> str:
    """The twin of a note that tells it in `language`; "" where there is none.

    Args:
        place: of a note, as `note_key` gives it.
        notes: all that are indexed, in the same form.
    """
    collection, note = split_note_key(place)
    other = original_of(note) if language == "zh" else twin_of(note)
    twin = note_key(collection, other) if other else ""
    return twin if twin in notes else ""


def in_one_language(notes: Collection[str], store: ChunkStore) -> frozenset[str]:
    """The notes that no twin tells in the other language; found once for a store.

    Args:
        notes: all that the store holds.
    """
    found = _IN_ONE.get(store)
    if found is None:
        found = frozenset(
            note
            for note in notes
            if not told_in("zh", note, notes) and not told_in("en", note, notes)
        )
        _IN_ONE[store] = found
    return found
