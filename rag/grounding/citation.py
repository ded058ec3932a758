"""An exact quote of a note, as answers and grades cite it."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from rag.grounding.passage import Passage
from rag.notes.note import heading_path


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact quote behind a `[n]`: `note_text[start:end] == quote`."""

    n: int
    note: str
    title: str
    heading: tuple[str, ...]
    quote: str
    start: int
    end: int
    score: float
    page: int | None = None
    collection: Annotated[
        str, Field(description="Where named collections were asked: its name")
    ] = ""
    table_header: Annotated[str, Field(description="Of the table whose row is quoted")] = ""

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

    @property
    def heading_path(self) -> str:
        """The note's title and the headings above the quote, in one text."""
        return heading_path([self.title, *self.heading])

    def to_dict(self) -> dict[str, Any]:
        """Its JSON, within an answer's and a grade's: what is empty is left out."""
        data: dict[str, Any] = _CITATION.dump_python(self, mode="json", exclude_defaults=True)
        return data


_CITATION = TypeAdapter(Citation)
