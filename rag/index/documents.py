"""Chunks as LangChain Documents: their ids and what is embedded of them."""

from collections.abc import Iterable
from typing import Any

from langchain_core.documents import Document

from rag.notes.note_key import note_key
from rag.text.folding import folded
from rag.text.html_tags import without_tags
from rag.text.wiki_marks import as_shown


def embedding_text(document: Document) -> str:
    """What is embedded and indexed for a chunk: its title and heading path, then its words."""
    title = document.metadata.get("title")
    if not isinstance(title, str):
        return document.page_content
    headings = document.metadata.get("headings") or []
    path = [title, *(name for name in headings if name != title)]
    also = document.metadata.get("aliases") or []
    if also:
        path[0] = f"{title} ({', '.join(also)})"
    header = document.metadata.get("table_header", "")
    said = as_shown(without_tags(document.page_content))
    return folded("\n".join(part for part in (" > ".join(path), header, said) if part))


def chunk_id(document: Document) -> str:
    """Where a chunk stands: the same for the same span of the same note."""
    meta = document.metadata
    return f"{meta['note']}#{meta['start']}-{meta['end']}"


def documents_of(
    texts: Iterable[str], metadatas: list[dict[str, Any]] | None, ids: list[str] | None
) -> tuple[list[Document], list[str | None]]:
    """The arguments of LangChain's `add_texts` as documents and their ids (None: make one).

    Raises:
        ValueError: there are not as many metadatas or ids as texts.
    """
    texts = list(texts)
    for name, given in (("metadatas", metadatas), ("ids", ids)):
        if given is not None and len(given) != len(texts):
            raise ValueError(f"{len(texts)} texts but {len(given)} {name}")
    documents = [
        Document(page_content=text, metadata=dict(metadatas[number]) if metadatas else {})
        for number, text in enumerate(texts)
    ]
    return documents, list(ids) if ids is not None else [None] * len(texts)


def place_of(document: Document) -> str:
    """The note of a chunk, and the collection it is told to be of, as `note_key` gives them."""
    meta = document.metadata
    return note_key(str(meta.get("collection", "")), str(meta.get("note", "")))
