"""A clicked citation: its note with the passage marked, and the sources of its answer.

Of a PDF the page itself is shown, too, as a picture; of slides the one slide, as text.
"""

from base64 import b64encode

from rag.assistant import Assistant
from rag.errors import RagError
from rag.grounding.citation import Citation
from rag.readers.corpus import find_content
from rag.readers.pdf.page_image import PageImage, page_image
from ui.answer_html import chip, escape, inline, note_html, quiet
from ui.session import Session, error_html, sources_of
from ui.tabs.slide_view import slide_html
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
    whole = chip(f"read-this quietly read-{turn}_{number}", word("read_note", language))
    return opened(
        assistant, path, collection, page, quote, start, language, whole if number > 0 else ""
    )


def opened(
    assistant: Assistant,
    path: str,
    collection: str,
    page: int | None,
    quote: str,
    start: int,
    language: Language,
    beside: str = "",
) -> str:
    """A note under its name, `quote` at `start` marked in it; or else the quote as it was.

    Args:
        beside: what stands beside the name, as HTML.
    """
    try:
        note = assistant.note(path, collection)
    except RagError as error:
        return error_html(error) + _quoted(quote)
    parts = [collection, note.path, "" if page is None else word("page", language, n=page)]
    named = " · ".join(escape(part) for part in parts if part)
    head = f"<div class='passage-head'>{quiet(named, 'span')}{beside}</div>"
    if note.text[start : start + len(quote)] != quote:  # the note was edited since
        start = note.text.find(quote)
    if start < 0:
        changed = f"<p class='error'>{word('changed_note', language)}</p>{_quoted(quote)}"
        return head + changed + note_html(note.text, 0, 0)
    return head + note_html(note.text, start, start + len(quote))


def page_waits(place: str, now: Session, language: Language) -> str:
    """What stands in the place of the cited PDF page until it is drawn; "" for other notes."""
    item = _on_page(place, now)
    if item is None:
        return ""
    told = word("page_opens", language, n=item.page)
    return f"<div class='pdf-page waits'>{quiet(told, also='opening')}</div>"


def page_picture(assistant: Assistant, place: str, now: Session, language: Language) -> str:
    """The PDF page or slide of a citation, the quote marked; "" where the text must do."""
    slide = _on_page(place, now, ".pptx")
    if slide is not None:
        return slide_html(assistant, slide, language)
    item = _on_page(place, now)
    if item is None or item.page is None:
        return ""
    limits = assistant.settings.read_limits
    try:
        path = assistant.note(item.note, item.collection).path  # it may have been moved
        folder = assistant.collection(item.collection or None).folder
        found = page_image(find_content(folder, path, limits).data, item.page, item.quote, limits)
    except RagError as error:
        return quiet(escape(str(error)))
    return _page_html(found, item, language)


def _page_html(found: PageImage, item: Citation, language: Language) -> str:
    marks = "".join(
        f"<i class='page-mark' style='left:{left:.2%};top:{top:.2%};width:{across:.2%};"
        f"height:{down:.2%}'></i>"
        for left, top, across, down in found.boxes
    )
    label = word("page_picture", language, n=item.page, quote=item.quote[:300])
    source = f"data:image/webp;base64,{b64encode(found.webp).decode()}"
    return (
        f"<div class='pdf-page' tabindex='0' role='region' aria-label='{word('note', language)}'>"
        f"<div class='pdf-sheet' style='aspect-ratio:{found.width}/{found.height}'>"
        f'<img alt="{escape(label)}" src="{source}">{marks}</div></div>'
    )


def _on_page(place: str, now: Session, kind: str = ".pdf") -> Citation | None:
    """The citation at a place, where it is on a page of a file of a kind."""
    try:
        turn, number = (int(part) for part in place.split("_")[:2])
        item = now.answers[turn].citations[number - 1] if number > 0 else None
    except (ValueError, IndexError):
        return None
    on_page = item is not None and item.page is not None and item.note.lower().endswith(kind)
    return item if on_page else None


def _quoted(quote: str) -> str:
    return f"<blockquote>{inline(quote)}</blockquote>" if quote else ""
