"""The cards as an Anki package (.apkg): a deck and a card type of its own. Importing it again
brings what is there up to date and doubles nothing."""

import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.practice.cards.anki import DECK, AnkiCard

_MODEL = 1_763_902_117  # of our card type; another number would be another type in Anki
_CSS = """.card { font-family: sans-serif; font-size: 18px; text-align: left; }
pre, code { font-family: monospace; font-size: 15px; white-space: pre-wrap; }
small { color: #777; }"""


def anki_package(cards: Sequence[AnkiCard], deck: str = DECK) -> bytes:
    """The bytes of the package.

    Raises:
        UsageError: the deck has no name.
    """
    import genanki  # here: Anki's own format is asked for seldom

    name = " ".join(deck.split())
    if not name:
        raise UsageError("Give the deck a name. 请给牌组命名。")
    model = genanki.Model(
        _MODEL,
        "Interview notes",
        fields=[{"name": "Front"}, {"name": "Back"}, {"name": "Source"}],
        templates=[
            {
                "name": "Card 1",
                "qfmt": "{{Front}}",
                "afmt": "{{FrontSide}}<hr id=answer>{{Back}}{{Source}}",
            }
        ],
        css=_CSS,
    )
    made: Any = genanki.Deck(_number(name), name)
    for card in cards:
        made.add_note(
            genanki.Note(
                model=model,
                fields=[card.front, card.back, card.source],
                tags=card.tags.split(),
                guid=card.guid,
            )
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cards.apkg"
        genanki.Package(made).write_to_file(str(path))
        return path.read_bytes()


def _number(name: str) -> int:
    """A deck's number: the same for the same name."""
    return int.from_bytes(sha256(name.encode()).digest()[:4], "big") // 2 + 1
