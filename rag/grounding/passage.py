"""An exact excerpt of a note, and its citation."""

from dataclasses import dataclass
from typing import Any

from langchain_core.documents import Document

from rag.notes.note import heading_path
from rag.safety.orders import is_order


@dataclass(frozen=True, slots=True)
class Passage:
    """An exact excerpt of a chunk: `note_text[start:end] == text`."""

    document: Document
    text: str
    start: int
    end: int
    score: float  # the chunk's fused retrieval score
    relevance: float  # of the excerpt to the question, in [0, 1]

    @property
    def note(self) -> str:
        return str(self.document.metadata.get("note", ""))

    @property
    def collection(self) -> str:
        """The named collection it stands in; "" where only the default one is read."""
        return str(self.document.metadata.get("collection", ""))

    @property
    def title(self) -> str:
        return str(self.document.metadata.get("title", ""))

    @property
    def headings(self) -> list[str]:
        return list(self.document.metadata.get("headings") or [])

    @property
    def page(self) -> int | None:
        page: Any = self.document.metadata.get("page")
        return page if isinstance(page, int) else None

    @property
    def table_header(self) -> str:
        """The header of the table whose row this is, as it stands in the note; else ""."""
        if not self.text.lstrip().startswith("|"):
            return ""
        chunk = self.document.page_content
        start = max(self.start - int(self.document.metadata.get("start", self.start)), 0)
        above = chunk[:start].rstrip().split("\n") if start else []
        header = ""
        for line in reversed(above):
            if not line.lstrip().startswith("|"):
                return header
            header = line.strip()
        return str(self.document.metadata.get("table_header", "")) or header

    @property
    def context(self) -> str:
        """Title and heading path: what the excerpt's pronouns refer to. No order among them."""
        return heading_path(p for p in (self.title, *self.headings) if not is_order(p))

    def narrowed(self, start: int, end: int) -> "Passage":
        """The part of this excerpt between two offsets of the note."""
        text = self.text[start - self.start : end - self.start]
        return Passage(self.document, text, start, end, self.score, self.relevance)
