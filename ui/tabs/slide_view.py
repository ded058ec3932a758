"""A cited slide by itself: its title and what stands on it, in order; text, no picture of it."""

from rag.assistant import Assistant
from rag.errors import RagError
from rag.grounding.citation import Citation
from rag.notes.note import Note
from ui.answer_html import escape, note_html, quiet
from ui.wording import Language, word


def slide_html(assistant: Assistant, item: Citation, language: Language) -> str:
    """The slide of a citation, the quote marked; "" where the note has no such slide any more."""
    try:
        note = assistant.note(item.note, item.collection)
    except RagError as error:
        return quiet(escape(str(error)))
    start, end = _bounds(note, item.page)
    text = note.text[start:end].rstrip()
    if not text.strip():
        return ""
    at = text.find(item.quote)
    shown = note_html(text, at, at + len(item.quote)) if at >= 0 else note_html(text, 0, 0)
    shown = shown.replace('<mark id="cited">', "<mark class='page-mark-text'>", 1)
    label = word("slide", language, n=item.page)
    return (
        f"<div class='pdf-page slide' tabindex='0' role='region' aria-label='{label}'>"
        f"<div class='prose'>{shown}</div>{quiet(label, also='slide-number')}</div>"
    )


def _bounds(note: Note, page: int | None) -> tuple[int, int]:
    """Where the slide's text stands: from the end of the one before, its heading included."""
    here = [block for block in note.blocks if block.page == page]
    if page is None or not here:
        return 0, 0
    before = [block.end for block in note.blocks if block.page is not None and block.page < page]
    return max(before, default=0), max(block.end for block in here)
