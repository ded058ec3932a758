"""A question is answered from the text in its language where a note is told in two."""

from collections.abc import Collection

from rag.notes.note_key import note_key, split_note_key
from rag.notes.topic import original_of, twin_of
from rag.text.language import Language


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
