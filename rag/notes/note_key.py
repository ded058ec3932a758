"""A note of a named collection in one string."""

DEFAULT = "default"  # the name of the corpus that the settings name


def note_key(collection: str, note: str) -> str:
    """A note of a named collection in one string; without a collection it is the note's path."""
    return f"{collection}//{note}" if collection else note


def split_note_key(place: str) -> tuple[str, str]:
    """Collection ("" for none) and note of a `note_key` one; no note's path holds `//`."""
    collection, _, note = place.rpartition("//")
    return collection, note
