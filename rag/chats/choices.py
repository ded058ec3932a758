"""What a person has chosen of the page, kept beside the conversations for any browser."""

from collections.abc import Mapping
from pathlib import Path

from rag.chats.chat_tables import MIGRATIONS
from rag.storage.database import Database

LONGEST = 200  # characters of a choice


class Choices:
    """Every owner's choices (see `Chats` on owners). Safe to share between threads.

    Every method raises `RagError` where the database cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, "chat history", MIGRATIONS)

    def of(self, owner: str) -> dict[str, str]:
        """An owner's choices by their names; who has made none has none."""
        with self._database.open() as database:
            rows = database.execute("SELECT name, value FROM choices WHERE owner = ?", (owner,))
            return {str(name): str(value) for name, value in rows.fetchall()}

    def keep(self, owner: str, chosen: Mapping[str, str]) -> None:
        """Keep some choices; the owner's others stay."""
        with self._database.open() as database:
            database.executemany(
                "INSERT OR REPLACE INTO choices VALUES (?, ?, ?)",
                [(owner, name, value[:LONGEST]) for name, value in chosen.items()],
            )
