"""An exact quote of a note, as answers and grades cite it."""

from dataclasses import dataclass
from typing import Any

from rag.grounding.passage import Passage


@dataclass(frozen=True, slots=True)
class Citation:
    """An exact quote: `note_text[start:end] == quote`."""

    n: int
    note: str
    title: str
    heading: tuple[str, ...]
    quote: str
    start: int
    end: int
    score: float
    page: int | None = None
    collection: str = ""  # only where the answer is over named collections
    table_header: str = ""  # of the table whose row is quoted

    @classmethod
    def of(cls, n: int, passage: Passage) -> "Citation":
        return cls(
            n,
            passage.note,
            passage.title,
            tuple(passage.headings),
            passage.text,
            passage.start,
            passage.end,
            round(passage.score, 4),
            passage.page,
            passage.collection,
            passage.table_header,
        )

    @property
    def place(self) -> str:
        """The note and, where it is one of several, its collection, in one text."""
        return f"{self.collection}: {self.note}" if self.collection else self.note

    def to_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "n": self.n,
            "note": self.note,
            "title": self.title,
            "heading": list(self.heading),
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "score": self.score,
        }
        if self.page is not None:
            data["page"] = self.page
        if self.collection:
            data["collection"] = self.collection
        if self.table_header:
            data["table_header"] = self.table_header
        return data
