"""What a search finds."""

from dataclasses import dataclass
from typing import Any

from langchain_core.documents import Document


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved chunk with the scores that put it there."""

    document: Document
    score: float  # cosine + its share of the question's word mass + reciprocal ranks
    dense: float  # cosine similarity
    lexical: float  # BM25
    asked: float = 0.0  # likeness to a question that this section answers, in [0, 1]
    topic: float = 0.0  # share of the question that names the note's topic, in [0, 1]

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of `rag search --json`."""
        meta = self.document.metadata
        data = {
            "note": meta["note"],
            "title": meta["title"],
            "heading": list(meta["headings"]),
            "text": self.document.page_content,
            "start": meta["start"],
            "end": meta["end"],
            "score": round(self.score, 4),
        }
        more = ("page", "collection", "table_header")
        return data | {key: meta[key] for key in more if meta.get(key)}
