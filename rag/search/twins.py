"""A question is answered from the text in its language where a note is told in two."""

from collections.abc import Collection

from rag.notes.note_key import placed, taken_apart
from rag.notes.topic import original_of, twin_of
from rag.text.language import Language


def twin_of_place(place: str) -> str:
    """The English twin of a note, both as `placed` gives them; the note itself without one."""
    collection, note = taken_apart(place)
    return placed(collection, twin_of(note) or note)


def is_other_language(place: str, notes: Collection[str], language: Language) -> bool:
    """A note that is told in `language` too, by its twin.

    Args:
        place: of a note, as `placed` gives it.
        notes: all that are indexed, in the same form.
    """
    collection, note = taken_apart(place)
    other = original_of(note) if language == "zh" else twin_of(note)
    return bool(other) and placed(collection, other) in notes
