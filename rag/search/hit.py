"""What a search finds, and its JSON."""

from dataclasses import dataclass
from typing import Any, Self

from langchain_core.documents import Document
from pydantic import BaseModel, Field


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved chunk with the scores that put it there."""

    document: Document
    score: float  # both cosines, half each + its share of the word mass + reciprocal ranks
    dense: float  # cosine similarity
    lexical: float  # BM25
    asked: float = 0.0  # likeness to a question that this section answers, in [0, 1]
    topic: float = 0.0  # share of the question that names the note's topic, in [0, 1]
    adapted: float = 0.0  # cosine of the adapted vectors (`embedding_adapter`)

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of `rag search --json`: what is empty is left out."""
        data: dict[str, Any] = HitJson.of(self).model_dump(mode="json", exclude_defaults=True)
        return data


class HitJson(BaseModel):
    """A passage of a note: `note_text[start:end] == text`.

    The one definition of its JSON: `rag search --json`, the page's `/search` and MCP's
    `search_notes` give it.
    """

    note: str = Field(description="Path of the note, relative to the notes folder")
    title: str
    heading: tuple[str, ...]
    text: str
    start: int
    end: int
    score: float
    page: int | None = None
    collection: str = Field("", description="Where named collections were asked: its name")
    table_header: str = Field("", description="Of the table that the text goes on with")

    notes_read: tuple[int, int] | None = Field(
        None, description="Notes read, of how many, while the first index still grows (MCP only)"
    )

    @classmethod
    def of(cls, hit: Hit, notes_read: tuple[int, int] | None = None) -> Self:
        meta = hit.document.metadata
        return cls(
            note=meta["note"], title=meta["title"], heading=tuple(meta["headings"]),
            text=hit.document.page_content, start=meta["start"], end=meta["end"],
            score=round(hit.score, 4), page=meta.get("page") or None,
            collection=meta.get("collection") or "",
            table_header=meta.get("table_header") or "", notes_read=notes_read,
        )  # fmt: skip
