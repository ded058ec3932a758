"""A clicked citation: its note with the passage marked, and the sources of its answer."""

from rag.assistant import Assistant
from rag.errors import RagError
from ui.answer_html import escape, inline, note_html, quiet
from ui.session import Session, error_html, sources_of
from ui.wording import Language, word


def cited(
    assistant: Assistant, place: str, now: Session, language: Language
) -> tuple[str, str | None]:
    """The note of a citation (`open_citation`), and the sources of the answer it belongs to."""
    note = open_citation(assistant, place, now, language)
    turn = place.split("_")[0]
    if not turn.isdecimal() or int(turn) >= len(now.answers):
        return note, None
    return note, sources_of(now, int(turn), language)


def no_note(language: Language) -> str:
    """What stands in the note's place before a citation is clicked."""
    return quiet(word("no_note", language))


def open_citation(assistant: Assistant, place: str, now: Session, language: Language) -> str:
    """The note of a citation (`turn_n`; n < 0: the n-th nearest note), passage highlighted."""
    try:
        turn, number = (int(part) for part in place.split("_")[:2])
        answer = now.answers[turn]
        if number < 0:
            near = answer.nearest[-number - 1]
            path, collection, page, quote, start = near.note, near.collection, None, "", 0
        else:
            item = answer.citations[number - 1]
            path, collection, page = item.note, item.collection, item.page
            quote, start = item.quote, item.start
    except (ValueError, IndexError):
        return no_note(language)
    return opened(assistant, path, collection, page, quote, start, language)


def opened(
    assistant: Assistant,
    path: str,
    collection: str,
    page: int | None,
    quote: str,
    start: int,
    language: Language,
) -> str:
    """A note under its name, `quote` at `start` marked in it; or else the quote as it was."""
    try:
        note = assistant.note(path, collection)
    except RagError as error:
        return error_html(error) + _quoted(quote)
    parts = [collection, note.path, "" if page is None else word("page", language, n=page)]
    head = quiet(" · ".join(escape(part) for part in parts if part), "div")
    if note.text[start : start + len(quote)] != quote:  # the note was edited since
        start = note.text.find(quote)
    if start < 0:
        changed = f"<p class='error'>{word('changed_note', language)}</p>{_quoted(quote)}"
        return head + changed + note_html(note.text, 0, 0)
    return head + note_html(note.text, start, start + len(quote))


def _quoted(quote: str) -> str:
    return f"<blockquote>{inline(quote)}</blockquote>" if quote else ""
